import canonicalize from 'canonicalize';
import { NotStorable } from './event-store.ts';

/**
 * Canonical JSON text (RFC 8785). Throws `NotStorable` for what JSON cannot say or would change in silence: undefined,
 * bigint, NaN, functions, cycles, lone surrogates, numbers beyond 2^53, objects that are not plain.
 */
export function canonical(value: unknown): string {
  assertPlain(value, '', []);
  const text = (canonicalize as unknown as (value: unknown) => string)(value);
  if (!text.isWellFormed()) throw new NotStorable('text holds a lone surrogate');
  return text;
}

function assertPlain(value: unknown, path: string, above: readonly object[]): void {
  if (typeof value === 'number') assertNumber(value, path);
  else if (typeof value === 'object' && value !== null) assertObject(value, path, above);
  else if (value !== null && typeof value !== 'string' && typeof value !== 'boolean')
    throw new NotStorable(`${path || '/'} is ${typeof value}, which JSON cannot say`);
}

function assertObject(value: object, path: string, above: readonly object[]): void {
  if (above.includes(value)) throw new NotStorable(`${path || '/'} contains itself`);
  const proto = Object.getPrototypeOf(value) as unknown;
  if (!Array.isArray(value) && proto !== Object.prototype && proto !== null)
    throw new NotStorable(`${path || '/'} is not a plain object`);
  for (const [key, inner] of Object.entries(value)) assertPlain(inner, `${path}/${key}`, [...above, value]);
}

function assertNumber(value: number, path: string): void {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (!exact) throw new NotStorable(`${path || '/'} is a number that JSON readers do not agree on`);
}
