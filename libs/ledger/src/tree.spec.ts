import { Database } from '@app/journal';
import { type Hash, isConsistent, isIncluded, leafHash, rootOf } from '@app/proof';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeDialects, type Place } from '../../../test/engines/databases.ts';
import { SignedCheckpoint } from './checkpoints.ts';
import { CreateLedger1764000000005 } from './migrations.ts';
import { TileRow, Tree, TreeSize } from './tree.ts';

const LEAVES: readonly Hash[] = Array.from({ length: 70_000 }, (_, n) => leafHash(`leaf ${n}`));
const root = (size: number) => rootOf(LEAVES.slice(0, size));

describeDialects('the tree of a log', (aPlace) => {
  let place: Place;
  let database: Database;
  let tree: Tree;
  let known: number;
  const open = () =>
    new Tree(database, 'journal', async (from, limit) =>
      LEAVES.slice(from, Math.min(from + limit, known)).map((hash) => hash.toString('base64')),
    );
  const grow = (size: number) => {
    known = size;
    return tree.extend();
  };
  beforeEach(async () => {
    place = await aPlace();
    database = await Database.open(place.where, {
      entities: [TreeSize, TileRow, SignedCheckpoint],
      migrations: [CreateLedger1764000000005],
    });
    tree = open();
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });

  it('has, however it grew, the root of its leaves, at every size it had', async () => {
    const sizes = [0, 1, 2, 255, 256, 257, 511, 512, 8_192, 65_535, 65_536, 65_537, 70_000];
    for (const size of sizes) {
      expect(await grow(size)).toBe(BigInt(size));
      expect(await tree.root(BigInt(size))).toEqual(root(size));
    }
    for (const size of sizes) expect(await tree.root(BigInt(size))).toEqual(root(size));
  });

  it('proves each leaf, and that it goes on from what it was', async () => {
    await grow(70_000);
    for (const [index, size] of [
      [0, 1],
      [255, 256],
      [256, 70_000],
      [65_535, 65_536],
      [69_999, 70_000],
    ] as const) {
      const proof = await tree.inclusion(BigInt(index), BigInt(size));
      const claim = { index: BigInt(index), size: BigInt(size), leafHash: LEAVES[index] as Hash, proof };
      expect(isIncluded({ ...claim, root: root(size) })).toBe(true);
    }
    for (const [from, size] of [
      [1, 70_000],
      [256, 257],
      [65_536, 70_000],
      [69_999, 70_000],
    ] as const) {
      const proof = await tree.consistency(BigInt(from), BigInt(size));
      const claim = { from: BigInt(from), size: BigInt(size), proof };
      expect(isConsistent({ ...claim, fromRoot: root(from), root: root(size) })).toBe(true);
    }
  });

  it('keeps the tiles of the standard layout: full ones, and the last of each level as far as it goes', async () => {
    await grow(70_000);
    const rows = await database.read<{ level: number; n: number; most: number; last: number }>(
      `SELECT level, COUNT(*) AS n, MAX(LENGTH(hashes)) / 44 AS most, MIN(LENGTH(hashes)) / 44 AS last
       FROM tile GROUP BY level ORDER BY level`,
    );
    expect(rows.map((row) => Object.values(row).map(Number))).toEqual([
      [0, 274, 256, 112],
      [1, 2, 256, 17],
      [2, 1, 1, 1],
    ]);
    expect(await tree.tile(0, 273n, 112)).toEqual(Buffer.concat(LEAVES.slice(273 * 256)));
    expect(await tree.tile(0, 273n, 113)).toBeUndefined();
    expect(await tree.tile(0, 274n, 1)).toBeUndefined();
    expect(await tree.tile(1, 0n, 256)).toHaveLength(8_192);
  });

  it('takes each leaf once where several processes extend it at the same time', async () => {
    known = 20_000;
    await Promise.all([tree, open(), open()].map((one) => one.extend()));
    expect(await tree.size()).toBe(20_000n);
    expect(await tree.root(20_000n)).toEqual(root(20_000));
  });

  it('is the same when it is dropped and extended again', async () => {
    await grow(600);
    const before = await database.read('SELECT * FROM tile ORDER BY level, idx');
    await tree.clear();
    expect(await tree.size()).toBe(0n);
    await grow(600);
    expect(await database.read('SELECT * FROM tile ORDER BY level, idx')).toEqual(before);
  });

  it('says of a tile that lost hashes that it did', async () => {
    await grow(600);
    await database.write((sql) => sql("UPDATE tile SET hashes = '' WHERE level = 0 AND idx = 1"));
    await expect(open().root(600n)).resolves.toEqual(root(600));
    await expect(open().inclusion(300n, 600n)).rejects.toThrow(/tile 0\/1 .* run jejak verify/);
  });
});
