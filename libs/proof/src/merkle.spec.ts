import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ByDefinition } from './by-definition.ts';
import {
  CompactRange,
  consistencyRanges,
  EMPTY_ROOT,
  type Hash,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  nodesOf,
  type Range,
  rootOf,
} from './merkle.ts';

/** Leaf n holds the one byte n (proof.md 4.3). */
const LEAVES: readonly Hash[] = Array.from({ length: 130 }, (_, n) => leafHash(Buffer.of(n)));
const SIZES = Array.from({ length: 131 }, (_, n) => n);

const log = new ByDefinition(LEAVES);

const of = (ranges: readonly Range[]): Hash[] =>
  ranges.map(({ start, end }) => log.mth(Number(start), Number(end)));

const inclusion = (index: number, size: number) => of(inclusionRanges(BigInt(index), BigInt(size)));
const consistency = (from: number, size: number) => of(consistencyRanges(BigInt(from), BigInt(size)));
const root = (size: number) => log.mth(0, size);
const hex = (hashes: readonly Hash[]) => hashes.map((hash) => ` ${hash.toString('hex')}`).join('');
const over = (lines: Iterable<string>) =>
  [...lines].reduce((h, line) => h.update(line), createHash('sha256')).digest('hex');

describe('the hashes of a log', () => {
  it('are those of the published vectors', () => {
    expect(EMPTY_ROOT.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(leafHash('').toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(leafHash('L123456').toString('hex')).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
    expect(nodeHash(Buffer.from('N123'), Buffer.from('N456')).toString('hex')).toBe(
      'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
    );
  });

  it('make the roots of the trees of 0 to 130 leaves', () => {
    expect(over(SIZES.map((n) => `${n} ${rootOf(LEAVES.slice(0, n)).toString('hex')}\n`))).toBe(
      '9c67f07f906103b6bf201842a50ff0b8c91fca9b3e211334a6b7aa3133165dec',
    );
  });

  it('make, while the log grows, the same root as when it is made anew', () => {
    const range = new CompactRange();
    for (const [n, leaf] of LEAVES.entries()) {
      range.append(leaf);
      expect(range.root()).toEqual(root(n + 1));
      expect(range.size).toBe(BigInt(n + 1));
    }
  });
});

describe('a compact range that was kept', () => {
  it('goes on as if it had not stopped, from any size', () => {
    for (const at of SIZES) {
      const before = new CompactRange();
      for (const leaf of LEAVES.slice(0, at)) before.append(leaf);
      const range = CompactRange.from(before.size, before.hashes);
      expect([range.size, range.root()]).toEqual([BigInt(at), root(at)]);
      for (const leaf of LEAVES.slice(at)) range.append(leaf);
      expect(range.root()).toEqual(root(130));
    }
  });

  it('is refused where its hashes are not those of its size', () => {
    const hash = LEAVES[0] as Hash;
    expect(() => CompactRange.from(3n, [hash])).toThrow(RangeError);
    expect(() => CompactRange.from(0n, [hash])).toThrow(RangeError);
    expect(() => CompactRange.from(2n, [hash.subarray(1)])).toThrow(RangeError);
  });
});

describe('a proof of inclusion', () => {
  it('is, for every leaf of the trees of 1 to 130, the published one', () => {
    const lines = SIZES.slice(1).flatMap((n) =>
      Array.from({ length: n }, (_, i) => `${i} ${n}${hex(inclusion(i, n))}\n`),
    );
    expect(lines).toHaveLength(8_515);
    expect(over(lines)).toBe('893ce6eea61adc33c22c0e3a952498b76dfa3c282e78ac659f6fcc0ea44f9983');
  });

  const claimOf = (index: number, size: number) => ({
    index: BigInt(index),
    size: BigInt(size),
    leafHash: LEAVES[index] as Hash,
    proof: inclusion(index, size),
    root: root(size),
  });
  const places = [1, 2, 3, 7, 8, 9, 64, 130].flatMap((size) =>
    Array.from({ length: size }, (_, index) => claimOf(index, size)),
  );

  it('shows its own leaf, at its own place, in its own log, and nothing else', () => {
    for (const claim of places) {
      expect(isIncluded(claim)).toBe(true);
      expect(isIncluded({ ...claim, index: claim.size })).toBe(false);
      expect(isIncluded({ ...claim, leafHash: leafHash('another') })).toBe(false);
      expect(isIncluded({ ...claim, root: leafHash('another') })).toBe(false);
      expect(isIncluded({ ...claim, proof: [...claim.proof, EMPTY_ROOT] })).toBe(false);
    }
    for (const claim of places.filter(({ index }) => index > 0n))
      expect(isIncluded({ ...claim, index: claim.index - 1n })).toBe(false);
    for (const claim of places.filter(({ size }) => size > 1n))
      expect(isIncluded({ ...claim, proof: claim.proof.slice(1) })).toBe(false);
  });

  it('is not made for a leaf that is not there', () => {
    expect(() => inclusionRanges(3n, 3n)).toThrow(RangeError);
    expect(() => inclusionRanges(-1n, 3n)).toThrow(RangeError);
    expect(isIncluded({ index: 0n, size: 0n, leafHash: EMPTY_ROOT, proof: [], root: EMPTY_ROOT })).toBe(
      false,
    );
  });
});

describe('a proof of consistency', () => {
  it('is, for every two sizes from 1 to 130, the published one', () => {
    const lines = SIZES.slice(1).flatMap((n) =>
      Array.from({ length: n }, (_, m) => `${m + 1} ${n}${hex(consistency(m + 1, n))}\n`),
    );
    expect(lines).toHaveLength(8_515);
    expect(over(lines)).toBe('2498232e1aebe8d1aa8d339d897fc471f4495fe0b8a55ac08f7dae3d88bc4c2a');
  });

  it('shows that its own log goes on from its own beginning, and nothing else', () => {
    for (const size of [1, 2, 3, 7, 8, 9, 64, 130])
      for (let from = 1; from <= size; from++) {
        const claim = {
          from: BigInt(from),
          size: BigInt(size),
          fromRoot: root(from),
          root: root(size),
          proof: consistency(from, size),
        };
        expect(isConsistent(claim)).toBe(true);
        expect(isConsistent({ ...claim, fromRoot: leafHash('another') })).toBe(false);
        expect(isConsistent({ ...claim, root: leafHash('another') })).toBe(false);
        expect(isConsistent({ ...claim, proof: [...claim.proof, EMPTY_ROOT] })).toBe(false);
        if (from < size) expect(isConsistent({ ...claim, proof: claim.proof.slice(1) })).toBe(false);
      }
  });

  it('from nothing has no hashes, and only the root of nothing', () => {
    const claim = { from: 0n, size: 5n, fromRoot: EMPTY_ROOT, root: root(5), proof: [] };
    expect(isConsistent(claim)).toBe(true);
    expect(isConsistent({ ...claim, fromRoot: root(1) })).toBe(false);
    expect(isConsistent({ ...claim, proof: [root(1)] })).toBe(false);
  });
});

describe('sizes past 2^53', () => {
  const size = 2n ** 63n + 5n;

  it('are split exactly', () => {
    const ranges = inclusionRanges(2n ** 53n + 1n, size);
    expect(ranges).toHaveLength(64);
    expect(ranges[0]).toEqual({ start: 2n ** 53n, end: 2n ** 53n + 1n });
    expect(ranges.at(-1)).toEqual({ start: 2n ** 63n, end: size });
    expect(nodesOf({ start: 2n ** 63n, end: size })).toEqual([
      { level: 2, index: 2n ** 61n },
      { level: 0, index: 2n ** 63n + 4n },
    ]);
  });

  it('are verified exactly: a leaf two places on is another', () => {
    const leaf = leafHash('x');
    const proof = Array.from({ length: 64 }, (_, n) => leafHash(String(n)));
    let index = 2n ** 53n;
    let rootHash = leaf;
    for (const sibling of proof.slice(0, 63)) {
      rootHash = index & 1n ? nodeHash(sibling, rootHash) : nodeHash(rootHash, sibling);
      index >>= 1n;
    }
    const claim = {
      index: 2n ** 53n,
      size: 2n ** 63n,
      leafHash: leaf,
      proof: proof.slice(0, 63),
      root: rootHash,
    };
    expect(isIncluded(claim)).toBe(true);
    expect(isIncluded({ ...claim, index: 2n ** 53n + 1n })).toBe(false);
  });
});
