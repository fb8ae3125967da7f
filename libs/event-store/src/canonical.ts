import canonicalize from 'canonicalize';
import { NotStorable } from './event-store.ts';

/**
 * Canonical JSON text (RFC 8785). Throws `NotStorable` for what JSON cannot say or would change in silence: undefined,
 * bigint, NaN, functions, cycles, lone surrogates, numbers beyond 2^53, objects that are not plain.
 */
export function canonical(value: unknown): string {
  assertPlain(value, '', []);
  return (canonicalize as unknown as (value: unknown) => string)(value);
}

function assertPlain(value: unknown, path: string, above: readonly object[]): void {
  if (typeof value === 'number') assertNumber(value, path);
  else if (typeof value === 'string') assertText(value, path);
  else if (typeof value === 'object' && value !== null) assertObject(value, path, above);
  else if (value !== null && typeof value !== 'boolean')
    throw new NotStorable(`${path || '/'} is ${typeof value}, which JSON cannot say`);
}

function assertObject(value: object, path: string, above: readonly object[]): void {
  if (above.includes(value)) throw new NotStorable(`${path || '/'} contains itself`);
  const proto = Object.getPrototypeOf(value) as unknown;
  if (!Array.isArray(value) && proto !== Object.prototype && proto !== null)
    throw new NotStorable(`${path || '/'} is not a plain object`);
  for (const [key, inner] of entriesOf(value)) {
    assertText(`${key}`, path);
    assertPlain(inner, `${path}/${key}`, [...above, value]);
  }
}

/** `Object.entries` would leave out the holes of a list; its iterator gives them as undefined. */
const entriesOf = (value: object): Iterable<[string | number, unknown]> =>
  Array.isArray(value) ? value.entries() : Object.entries(value);

/** JSON.stringify would escape a lone surrogate and so hide it. */
function assertText(text: string, path: string): void {
  if (!text.isWellFormed()) throw new NotStorable(`${path || '/'} holds a lone surrogate`);
}

function assertNumber(value: number, path: string): void {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (!exact) throw new NotStorable(`${path || '/'} is a number that JSON readers do not agree on`);
}
