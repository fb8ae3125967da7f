import {
  consistencyRanges,
  formatCheckpoint,
  type Hash,
  hashesIn,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  parseCheckpoint,
  type Range,
  rootsOf,
  type Tile,
  tileAt,
  tilePath,
} from '@app/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByDefinition, logOf } from '../../libs/proof/src/by-definition.ts';
import { Go, hasGo } from '../cross/go.ts';

type Inclusion = Parameters<typeof isIncluded>[0];
type Consistency = Parameters<typeof isConsistent>[0];
type Proof = { readonly proof: readonly string[] };

const SEED = 20_250_102;
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const hashes = (lines: readonly string[]) => lines.map((line) => Buffer.from(line, 'base64'));

let go: Go;
beforeAll(async () => {
  if (hasGo) go = await Go.start();
}, 300_000);
afterAll(() => go?.stop());

/** What Go says of a proof, once ours has said the same. */
async function bothIncluded(claim: Inclusion): Promise<boolean> {
  const { index, size, leafHash: leaf, root, proof } = claim;
  const ours = isIncluded(claim);
  const told = {
    index: `${index}`,
    size: `${size}`,
    leaf: b64(leaf),
    root: b64(root),
    proof: proof.map(b64),
  };
  expect([claim, await go.accepts({ ask: 'isIncluded', ...told })]).toEqual([claim, ours]);
  return ours;
}
async function bothConsistent(claim: Consistency): Promise<boolean> {
  const { from, size, fromRoot, root, proof } = claim;
  const ours = isConsistent(claim);
  const told = {
    from: `${from}`,
    size: `${size}`,
    older: b64(fromRoot),
    root: b64(root),
    proof: proof.map(b64),
  };
  expect([claim, await go.accepts({ ask: 'isConsistent', ...told })]).toEqual([claim, ours]);
  return ours;
}

/** A hash with one bit turned. */
function turned(hash: Hash, bit: number): Hash {
  const other = Buffer.from(hash);
  other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
  return other;
}

/** The hashes of a proof but for one thing: a bit, a hash left out, two exchanged, one too many. */
const altered = (proof: readonly Hash[], bit: number): Hash[][] => [
  ...proof.map((hash, n) => proof.with(n, turned(hash, bit))),
  ...proof.map((_, n) => proof.toSpliced(n, 1)),
  ...proof.slice(1).map((hash, n) => proof.toSpliced(n, 2, hash, proof[n] as Hash)),
  [...proof, leafHash('one more')],
  [leafHash('one more'), ...proof],
];

(hasGo ? describe : describe.skip)('a log, compared with what Go makes of it', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 70 });
  const some = fc.tuple(entries, fc.nat(10_000), fc.nat(10_000), fc.nat(255));
  const often = { seed: SEED, numRuns: 60 };
  const from = (tree: ByDefinition, ranges: readonly Range[]) =>
    ranges.map(({ start, end }) => tree.mth(Number(start), Number(end)));

  /** Tells Go a log; each leaf begins with its number, so that no two are alike. */
  async function tell(random: readonly Uint8Array[]): Promise<ByDefinition> {
    const leaves = random.map((bytes, n) => Buffer.concat([Buffer.of(n), bytes]));
    await go.ask({ ask: 'log', leaves: leaves.map(b64) });
    return new ByDefinition(leaves.map(leafHash));
  }

  it('has the same root at every size, for any leaves', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (random) => {
        const tree = await tell(random);
        for (let size = 1; size <= random.length; size++)
          expect(await go.ask({ ask: 'root', size: `${size}` })).toEqual({ root: b64(tree.mth(0, size)) });
      }),
      { ...often, numRuns: 20 },
    );
  });

  it('proves a leaf alike; both believe the proof, and neither believes it altered', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ([random, a, b, bit]) => {
        const tree = await tell(random);
        const [size, index] = [1 + (a % random.length), b % (1 + (a % random.length))];
        const proof = from(tree, inclusionRanges(BigInt(index), BigInt(size)));
        const theirs = await go.ask<Proof>({ ask: 'inclusion', size: `${size}`, index: `${index}` });
        expect(hashes(theirs.proof)).toEqual(proof);
        const root = tree.mth(0, size);
        const leaf = tree.leaves[index] as Hash;
        const claim = { index: BigInt(index), size: BigInt(size), leafHash: leaf, root, proof };
        expect(await bothIncluded(claim)).toBe(true);
        const others: Inclusion[] = [
          ...altered(proof, bit).map((other) => ({ ...claim, proof: other })),
          { ...claim, leafHash: turned(leaf, bit) },
          { ...claim, root: turned(root, bit) },
          { ...claim, index: claim.index + 1n },
          { ...claim, index: claim.index - 1n },
        ];
        for (const other of others) expect(await bothIncluded(other)).toBe(false);
        // Another size may be proven by the same hashes: that it does not is for the checkpoint to say.
        for (let n = 0n; n < 10n; n++) await bothIncluded({ ...claim, size: claim.size - 5n + n });
      }),
      often,
    );
  });

  it('proves that it goes on alike; both believe the proof, and neither believes it altered', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ([random, a, b, bit]) => {
        const tree = await tell(random);
        const [size, older] = [1 + (a % random.length), 1 + (b % (1 + (a % random.length)))];
        const proof = from(tree, consistencyRanges(BigInt(older), BigInt(size)));
        const theirs = await go.ask<Proof>({ ask: 'consistency', size: `${size}`, from: `${older}` });
        expect(hashes(theirs.proof)).toEqual(proof);
        const [fromRoot, root] = [tree.mth(0, older), tree.mth(0, size)];
        const claim = { from: BigInt(older), size: BigInt(size), fromRoot, root, proof };
        expect(await bothConsistent(claim)).toBe(true);
        const others: Consistency[] = [
          ...altered(proof, bit).map((other) => ({ ...claim, proof: other })),
          { ...claim, fromRoot: turned(fromRoot, bit) },
          { ...claim, root: turned(root, bit) },
          { ...claim, from: claim.size + 1n },
        ];
        for (const other of others) expect(await bothConsistent(other)).toBe(false);
        for (let n = 1n; n <= 6n; n++) await bothConsistent({ ...claim, from: n });
      }),
      often,
    );
  });

  it('is judged alike past 2^53, up to the largest size that Go knows', async () => {
    const size = fc.bigInt(2n ** 53n, 2n ** 62n);
    await fc.assert(
      fc.asyncProperty(size, fc.bigInt(0n, 2n ** 62n), fc.nat(255), async (n, m, bit) => {
        const index = m % n;
        const leaf = leafHash('leaf');
        const proof = inclusionRanges(index, n).map((_, level) => leafHash(`sibling ${level}`));
        const claim = { index, size: n, leafHash: leaf, proof, root: climbed(index, 0n, n, leaf, proof) };
        expect(await bothIncluded(claim)).toBe(true);
        expect(await bothIncluded({ ...claim, index: index ^ 1n })).toBe(false);
        for (const other of altered(proof, bit))
          expect(await bothIncluded({ ...claim, proof: other })).toBe(false);
      }),
      { ...often, numRuns: 10 },
    );
  });

  it('has the same tiles, from which each proves what the other proves', async () => {
    const log = logOf(66_000);
    await go.ask({ ask: 'log', leaves: log.leaves.map((_, n) => b64(Buffer.from(`leaf ${n}`))) });
    for (const size of [1, 255, 256, 257, 700, 65_535, 65_536, 65_537, 66_000]) {
      const { tiles } = await go.ask<{ tiles: Record<string, string> }>({ ask: 'tiles', size: `${size}` });
      const ours = tilesOf(log, size);
      expect(tiles).toEqual(ours);
      const read = (level: number, index: bigint) => {
        const tile = tileAt(level, index, BigInt(size));
        return hashesIn(Buffer.from(tiles[tile ? goPath(tile) : ''] ?? '', 'base64'));
      };
      const prove = (ranges: readonly Range[]) =>
        rootsOf(ranges, async ({ level, index, first, count }) =>
          read(level, index).slice(first, first + count),
        );
      const index = Math.floor(size / 3);
      const older = index + 1;
      const proofs = { size: `${size}`, index: `${index}`, from: `${older}`, root: b64(log.mth(0, size)) };
      const theirs = await go.ask<Record<string, string[]>>({ ask: 'fromTiles', tiles: ours, ...proofs });
      const inclusion = await prove(inclusionRanges(BigInt(index), BigInt(size)));
      const consistency = await prove(consistencyRanges(BigInt(older), BigInt(size)));
      expect(theirs).toEqual({ inclusion: inclusion.map(b64), consistency: consistency.map(b64) });
      expect(inclusion).toEqual(log.path(index, 0, size));
      expect(consistency).toEqual(log.proof(older, size));
    }
  });

  it('has a checkpoint that Go reads and writes alike', async () => {
    const checkpoint = { origin: 'go.sum database tree', size: 2n ** 53n + 1n, root: leafHash('root') };
    const text = formatCheckpoint(checkpoint);
    expect(await go.ask({ ask: 'checkpoint', text })).toEqual({ text });
    for (const other of [text.replace('\n9', '\n09'), text.replace('\n9', '\n-9'), text.replace('=', '')]) {
      expect(await go.accepts({ ask: 'checkpoint', text: other })).toBe(false);
      expect(() => parseCheckpoint(other)).toThrow();
    }
  });
});

/** The root at which a proof of inclusion arrives, by RFC 6962 §2.1.1, from the last hash to the first. */
function climbed(index: bigint, start: bigint, end: bigint, leaf: Hash, proof: readonly Hash[]): Hash {
  const last = proof.at(-1);
  if (!last) return leaf;
  let k = 1n;
  while (2n * k < end - start) k *= 2n;
  return index < start + k
    ? nodeHash(climbed(index, start, start + k, leaf, proof.slice(0, -1)), last)
    : nodeHash(last, climbed(index, start + k, end, leaf, proof.slice(0, -1)));
}

/** Go writes the height of its tiles into their paths. */
const goPath = (tile: Tile): string => tilePath(tile).replace('tile/', 'tile/8/');

/** The tiles of a log at a size, each hash by the definition of C2SP tlog-tiles. */
function tilesOf(log: ByDefinition, size: number): Record<string, string> {
  const tiles: Record<string, string> = {};
  for (let level = 0; level < 4; level++)
    for (
      let n = 0, tile = tileAt(level, 0n, BigInt(size));
      tile;
      tile = tileAt(level, BigInt(++n), BigInt(size))
    ) {
      const its = Array.from({ length: tile.width }, (_, i) =>
        log.mth((n * 256 + i) * 256 ** level, (n * 256 + i + 1) * 256 ** level),
      );
      tiles[goPath(tile)] = b64(Buffer.concat(its));
    }
  return tiles;
}
