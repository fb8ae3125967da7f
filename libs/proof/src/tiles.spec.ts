import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByDefinition, logOf } from './by-definition.ts';
import { Malformed } from './malformed.ts';
import {
  consistencyRanges,
  EMPTY_ROOT,
  type Hash,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
  type Range,
} from './merkle.ts';
import {
  hashesAt,
  hashesIn,
  type InTile,
  rootsOf,
  TILE_WIDTH,
  type Tile,
  tileAt,
  tilePath,
} from './tiles.ts';

const LARGEST = 70_000;
const EDGES = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, LARGEST];
const log = logOf(LARGEST);

/** The tiles of a log, by their paths, level by level: only what fills a tile is hashed into the level above. */
function tilesOf(leaves: readonly Hash[]): Map<string, Buffer> {
  const tiles = new Map<string, Buffer>();
  for (let level = 0, hashes = leaves; hashes.length > 0; level++) {
    const above: Hash[] = [];
    for (let at = 0; at < hashes.length; at += TILE_WIDTH) {
      const some = hashes.slice(at, at + TILE_WIDTH);
      const tile = { level, index: BigInt(at / TILE_WIDTH), width: some.length };
      tiles.set(tilePath(tile), Buffer.concat(some));
      if (some.length === TILE_WIDTH)
        above.push(log.mth(at * TILE_WIDTH ** level, (at + 256) * TILE_WIDTH ** level));
    }
    hashes = above;
  }
  return tiles;
}

/** The tiles that a log of some size is asked for, level by level, until there are none. */
function named(size: bigint): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; level < 64; level++)
    for (let index = 0n, tile = tileAt(level, 0n, size); tile; tile = tileAt(level, ++index, size))
      tiles.push(tile);
  return tiles;
}

const all = tilesOf(log.leaves);

/** Reads as one who has only the tiles of a log of this size: their first hashes are those of the largest. */
const readerOf = (size: number) => async (place: InTile) => {
  const [tile, widest] = [size, LARGEST].map((n) => tileAt(place.level, place.index, BigInt(n)));
  const end = place.first + place.count;
  if (!tile || !widest || end > tile.width) throw new Error('it is not in a tile of this log');
  return hashesIn(all.get(tilePath(widest)) as Buffer).slice(place.first, end);
};
const fromTiles = (ranges: readonly Range[], size: number) => rootsOf(ranges, readerOf(size));

describe('the tiles of a log', () => {
  it.each<[number, string[]]>([
    [0, []],
    [1, ['tile/0/000.p/1']],
    [255, ['tile/0/000.p/255']],
    [256, ['tile/0/000', 'tile/1/000.p/1']],
    [257, ['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']],
  ])('of %d leaves are these, none of them empty', (size, paths) => {
    expect(named(BigInt(size)).map(tilePath)).toEqual(paths);
  });

  it('of 70,000 leaves are 273 full and one of 112, one full and one of 17, and one of 1', () => {
    const paths = named(70_000n).map(tilePath);
    expect(paths).toHaveLength(273 + 1 + 1 + 1 + 1);
    expect(paths.filter((path) => path.includes('.p/'))).toEqual([
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ]);
    expect(paths.slice(-3)).toEqual(['tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1']);
  });

  it('are named and as wide as those that are built level by level, at every edge', () => {
    for (const size of EDGES) {
      const built = [...tilesOf(log.leaves.slice(0, size))];
      expect(named(BigInt(size)).map((tile) => [tilePath(tile), tile.width * 32])).toEqual(
        built.map(([path, bytes]) => [path, bytes.length]),
      );
    }
  });

  it('are partial at a level by as many as floor(size / 256^level) mod 256, also past 2^53', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 63n), fc.nat(7), (size, level) => {
        const hashes = hashesAt(level, size);
        expect(hashes).toBe(size / 256n ** BigInt(level));
        const last = tileAt(level, hashes / 256n, size);
        expect(last?.width).toBe(hashes % 256n === 0n ? undefined : Number(hashes % 256n));
        expect(tileAt(level, hashes / 256n + 1n, size)).toBeUndefined();
        if (hashes >= 256n) expect(tileAt(level, hashes / 256n - 1n, size)?.width).toBe(256);
      }),
      { seed: 20_250_102, numRuns: 500 },
    );
    expect(tileAt(0, -1n, 5n)).toBeUndefined();
  });

  it('hold entries as they hold leaves', () => {
    expect(tileAt('entries', 273n, 70_000n)).toEqual({ level: 'entries', index: 273n, width: 112 });
    expect(tileAt('entries', 274n, 70_000n)).toBeUndefined();
    expect(tileAt('entries', 1n, 256n)).toBeUndefined();
  });
});

describe('a proof made from tiles', () => {
  const size = fc.oneof(fc.constantFrom(...EDGES), fc.integer({ min: 1, max: LARGEST }));
  const place = fc.tuple(size, fc.nat(LARGEST)).map(([n, m]) => [n, m % n] as const);
  const often = { seed: 20_250_102, numRuns: 300 };

  it('gives the root of a log of any size', async () => {
    for (const n of EDGES)
      expect(await fromTiles([{ start: 0n, end: BigInt(n) }], n)).toEqual([log.mth(0, n)]);
    expect(await fromTiles([{ start: 0n, end: 0n }], 0)).toEqual([EMPTY_ROOT]);
  });

  it('of inclusion is the one that RFC 6962 defines, for any leaf of a log of any size', async () => {
    await fc.assert(
      fc.asyncProperty(place, async ([n, index]) => {
        const claim = { index: BigInt(index), size: BigInt(n) };
        const proof = await fromTiles(inclusionRanges(claim.index, claim.size), n);
        expect(proof).toEqual(log.path(index, 0, n));
        const leaf = log.leaves[index] as Hash;
        expect(isIncluded({ ...claim, leafHash: leaf, proof, root: log.mth(0, n) })).toBe(true);
      }),
      often,
    );
  });

  it('of consistency is the one that RFC 6962 defines, between any two sizes', async () => {
    await fc.assert(
      fc.asyncProperty(place, async ([n, less]) => {
        const claim = { from: BigInt(less + 1), size: BigInt(n) };
        const proof = await fromTiles(consistencyRanges(claim.from, claim.size), n);
        expect(proof).toEqual(log.proof(less + 1, n));
        const roots = { fromRoot: log.mth(0, less + 1), root: log.mth(0, n) };
        expect(isConsistent({ ...claim, ...roots, proof })).toBe(true);
      }),
      often,
    );
  });

  it('is the same at every edge of a tile', async () => {
    for (const n of EDGES)
      for (const index of EDGES.map((edge) => edge - 1).filter((edge) => edge < n)) {
        const inclusion = inclusionRanges(BigInt(index), BigInt(n));
        expect(await fromTiles(inclusion, n)).toEqual(log.path(index, 0, n));
        const consistency = consistencyRanges(BigInt(index + 1), BigInt(n));
        expect(await fromTiles(consistency, n)).toEqual(log.proof(index + 1, n));
      }
  });

  it('reads no hash that a tile not yet full was hashed into', async () => {
    const asked: InTile[] = [];
    const read = readerOf(257);
    await rootsOf([{ start: 0n, end: 257n }], (one) => {
      asked.push(one);
      return read(one);
    });
    expect(asked).toEqual([
      { level: 1, index: 0n, first: 0, count: 1 },
      { level: 0, index: 1n, first: 0, count: 1 },
    ]);
  });

  it('is not made where a tile has fewer hashes than it must', async () => {
    const cut = async (one: InTile) => (await readerOf(LARGEST)(one)).slice(1);
    for (const range of [
      { start: 0n, end: 1n },
      { start: 0n, end: 4n },
      { start: 0n, end: 256n },
    ])
      await expect(rootsOf([range], cut)).rejects.toThrow(Malformed);
  });
});

describe('the bytes of a tile', () => {
  it('are its hashes side by side', () => {
    const hashes = [leafHash('a'), leafHash('b')];
    expect(hashesIn(Buffer.concat(hashes))).toEqual(hashes);
    expect(hashesIn(Buffer.alloc(0))).toEqual([]);
    const partial = new ByDefinition(hashesIn(all.get('tile/1/001.p/17') as Buffer));
    expect(partial.mth(0, 17)).toEqual(log.mth(65_536, 69_888));
  });

  it('are refused where the last hash is cut', () => {
    expect(() => hashesIn(Buffer.alloc(33))).toThrow(Malformed);
    expect(() => hashesIn(Buffer.alloc(8_191))).toThrow(Malformed);
  });
});
