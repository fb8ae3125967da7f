import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTilePath, type Tile, tilePath } from './tiles.ts';

describe('the path of a tile', () => {
  it.each<[string, Tile]>([
    ['tile/0/000', { level: 0, index: 0n, width: 256 }],
    ['tile/0/005', { level: 0, index: 5n, width: 256 }],
    ['tile/0/x001/x234/067', { level: 0, index: 1_234_067n, width: 256 }],
    ['tile/2/000.p/1', { level: 2, index: 0n, width: 1 }],
    ['tile/1/000.p/17', { level: 1, index: 0n, width: 17 }],
    ['tile/63/x001/000.p/255', { level: 63, index: 1_000n, width: 255 }],
    ['tile/entries/273.p/112', { level: 'entries', index: 273n, width: 112 }],
  ])('%s names one tile, and the tile names it', (path, tile) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it('comes back for any tile, also past 2^53', () => {
    const tile = fc.record({
      level: fc.oneof(fc.nat(63), fc.constant('entries' as const)),
      index: fc.bigInt(0n, 2n ** 64n),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, (some) => {
        expect(parseTilePath(tilePath(some))).toEqual(some);
      }),
      { seed: 20_250_102, numRuns: 500 },
    );
  });

  it.each([
    ['tile/0/000.p/0', 'an empty tile'],
    ['tile/0/000.p/256', 'a full tile as a partial one'],
    ['tile/0/000.p/300', 'more than a tile has'],
    ['tile/0/000.p/01', 'a width with a zero before it'],
    ['tile/0/000.p/', 'no width'],
    ['tile/64/000', 'a level past 63'],
    ['tile/00/000', 'a level with a zero before it'],
    ['tile/-1/000', 'a negative level'],
    ['tile/data/000', 'another kind'],
    ['tile/0/0', 'a number of one digit'],
    ['tile/0/1000', 'a number of four digits'],
    ['tile/0/x000/001', 'a number with a group too many'],
    ['tile/0/001/234', 'a group without its x'],
    ['tile/0/x001', 'a last group with an x'],
    ['tile/0/', 'no number'],
    ['/tile/0/000', 'a slash before it'],
    ['tile/0/000/', 'a slash after it'],
    ['tile/0/000\n', 'an end of line after it'],
    ['tile/0/../000', 'a way out'],
  ])('%s is none: %s', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });
});
