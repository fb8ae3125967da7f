import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonical } from './canonical.ts';
import { NotStorable } from './event-store.ts';

type Case = {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly outhex: string;
};

/** Public vectors that lie beside the project, not in it. */
const VECTORS = join(process.cwd(), '../shared/vectors/jcs-rfc8785.json');
const hasVectors = existsSync(VECTORS);
const cases = hasVectors ? (JSON.parse(readFileSync(VECTORS, 'utf8')) as { cases: Case[] }).cases : [];
if (!hasVectors) console.warn(`SKIPPED: the public vectors of RFC 8785 are not at ${VECTORS}`);

const hex = (text: string): string => Buffer.from(text).toString('hex');
/** RFC 8785, 3.2.4, but for its number 1E30: see below. */
const VALUES =
  '{"numbers":[333333333.33333329,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
const VALUES_HEX =
  '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d';

describe('canonical JSON', () => {
  it('is, byte for byte, what RFC 8785 prescribes for its values', () => {
    expect(hex(canonical(JSON.parse(VALUES)))).toBe(VALUES_HEX);
  });

  it('refuses numbers beyond 2^53, which RFC 8785 would allow and JSON readers round differently', () => {
    for (const number of ['1E30', '9007199254740992', '-9007199254740992'])
      expect(() => canonical({ numbers: [JSON.parse(number)] })).toThrow(NotStorable);
    expect(canonical(JSON.parse('[9007199254740991,-9007199254740991]'))).toBe(
      '[9007199254740991,-9007199254740991]',
    );
  });

  const withVectors = hasVectors ? it.each(cases) : it.skip.each([{ name: 'of RFC 8785' }] as Case[]);
  withVectors(
    'has the public vector "$name", but for the number that it refuses',
    ({ name, input, output, outhex }) => {
      const beyond = name === 'values' ? ',1e+30' : '';
      expect(hex(output)).toBe(outhex);
      const text = canonical(JSON.parse(input.replace(', 1E30', '')));
      expect(hex(text)).toBe(hex(output.replace(beyond, '')));
    },
  );

  it('does not depend on the order of keys, and says again what it said', () => {
    const text = fc.string({ unit: 'binary' });
    const number = fc.oneof(fc.maxSafeInteger(), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
    const json = fc.object({
      key: text,
      values: [text, number, fc.boolean(), fc.constant(null)],
      maxDepth: 3,
    });
    fc.assert(
      fc.property(json, (value) => {
        const said = canonical(value);
        expect(canonical(JSON.parse(said))).toBe(said);
        expect(canonical(reversed(value))).toBe(said);
      }),
      { seed: 20_250_102, numRuns: 300 },
    );
  });

  const loop: Record<string, unknown> = {};
  loop.self = { loop };
  class Grade {
    value = 1;
  }
  it.each<[string, unknown]>([
    ['half a character in a text', { unit: 'a\ud800' }],
    ['half a character in a text, the other half', ['\udfff']],
    ['half a character in a key', { 'a\ud800': 1 }],
    ['a bigint', { kredit: 1n }],
    ['undefined', undefined],
    ['undefined under a key', { sk: undefined }],
    ['undefined in a list', [1, undefined]],
    ['a hole in a list', Object.assign([1], { 2: 3 })],
    ['a cycle', loop],
    ['NaN', [Number.NaN]],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['an instance of a class', { grade: new Grade() }],
    ['a date', new Date(Date.UTC(2025, 0, 2))],
    ['a map', new Map([['a', 1]])],
    ['a function', { toJSON: () => 'other' }],
    ['a symbol', Symbol('a')],
  ])('refuses %s', (_, value) => {
    expect(() => canonical(value)).toThrow(NotStorable);
  });

  it('accepts the same object in two places, which is not a cycle', () => {
    const sk = { number: '1' };
    expect(canonical({ a: sk, b: [sk, sk] })).toBe(
      '{"a":{"number":"1"},"b":[{"number":"1"},{"number":"1"}]}',
    );
  });

  it('names the place of what it refuses', () => {
    expect(() => canonical({ data: { tmt: [1, undefined] } })).toThrow('/data/tmt/1 is undefined');
  });
});

/** The same value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, inner]) => [key, reversed(inner)]));
}
