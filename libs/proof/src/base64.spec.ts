import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromBase64 } from './base64.ts';
import { Malformed } from './malformed.ts';

const bytesOf = (text: string) => fromBase64(text, 'the root');
const read = (text: string): Buffer | undefined => {
  try {
    return bytesOf(text);
  } catch {
    return undefined;
  }
};

describe('base64 in the files of a log', () => {
  it('gives back the bytes that were written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(bytesOf(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes));
      }),
      { seed: 20_250_102 },
    );
  });

  it('has one spelling: what is read is written the same again, and anything else is refused', () => {
    const unit = fc.constantFrom(...'AQgwxz019+/=-_ \n');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const bytes = read(text);
        if (bytes) expect(bytes.toString('base64')).toBe(text);
      }),
      { seed: 20_250_102, numRuns: 2_000 },
    );
  });

  it.each([
    ['bits after its end that are not zero', '6gx='],
    ['the same, in another place', 'YR=='],
    ['no padding', 'YQ'],
    ['half of its padding', 'YQ='],
    ['padding that nothing needs', 'YWJj='],
    ['padding in the middle', 'YQ==YQ=='],
    ['the alphabet of URLs', '-_-_'],
    ['a space', 'YW Jj'],
    ['an end of line', 'YWJj\n'],
    ['a character of no alphabet', 'YWJ!'],
  ])('is refused with %s', (_, text) => {
    expect(() => bytesOf(text)).toThrow(Malformed);
  });

  it('is said in the refusal, as far as it is short', () => {
    expect(() => bytesOf('YQ')).toThrow('the root is not canonical base64: "YQ"');
    expect(() => bytesOf(`${'a'.repeat(500)}!`)).toThrow(/: "a{80}…"$/);
  });
});
