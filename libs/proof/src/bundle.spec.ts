import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entriesIn, entryBundle } from './tiles.ts';

describe('a bundle of entries', () => {
  it('is each entry after its length, as a log of others writes it', () => {
    const bundle = entryBundle(['one', 'two', 'three']);
    expect(bundle.toString('hex')).toBe('00036f6e65000374776f00057468726565');
    expect(entriesIn(bundle)?.map(String)).toEqual(['one', 'two', 'three']);
  });

  it('gives back the entries that were put into it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
        expect(entriesIn(entryBundle(entries))).toEqual(entries.map((entry) => Buffer.from(entry)));
      }),
      { seed: 20_250_102, numRuns: 50 },
    );
  });

  it('writes a text as its bytes, not as its characters', () => {
    expect(entriesIn(entryBundle(['Daerah Istimewa – é']))?.map(String)).toEqual(['Daerah Istimewa – é']);
  });

  it('takes an entry of 65,535 bytes and refuses one of a byte more: its length would not be told', () => {
    const longest = Buffer.alloc(65_535, 7);
    expect(entriesIn(entryBundle(['a', longest, 'b']))).toEqual([
      Buffer.from('a'),
      longest,
      Buffer.from('b'),
    ]);
    expect(() => entryBundle(['a', Buffer.alloc(65_536)])).toThrow(
      'an entry has 65536 bytes; the most is 65535',
    );
    expect(() => entryBundle(['é'.repeat(32_768)])).toThrow(RangeError);
  });

  it('is refused, whole, where its lengths do not come out even', () => {
    const bundle = entryBundle(['one', 'two']);
    for (let length = 0; length < bundle.length; length++)
      expect(entriesIn(bundle.subarray(0, length))).toEqual(
        length === 0 ? [] : length === 5 ? [Buffer.from('one')] : undefined,
      );
    expect(entriesIn(Buffer.concat([bundle, Buffer.of(0)]))).toBeUndefined();
  });
});
