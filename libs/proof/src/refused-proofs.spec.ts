import { describe, expect, it } from '@jest/globals';
import { logOf } from './by-definition.ts';
import { consistencyRanges, type Hash, isConsistent, isIncluded, leafHash, nodeHash } from './merkle.ts';

const log = logOf(8);
const [a, b, c, d, other] = log.leaves as [Hash, Hash, Hash, Hash, Hash];

describe('hashes that are not of 32 bytes', () => {
  /** The bytes of two hashes, cut in another place: they make the same node. */
  const both = Buffer.concat([a, b]);
  const [short, long] = [both.subarray(0, 31), both.subarray(31)];

  it('prove nothing, though they make the root of the log', () => {
    const root = log.mth(0, 2);
    expect(nodeHash(short, long)).toEqual(root);
    expect(isIncluded({ index: 0n, size: 2n, leafHash: a, proof: [b], root })).toBe(true);
    expect(isIncluded({ index: 0n, size: 2n, leafHash: short, proof: [long], root })).toBe(false);
    expect(isConsistent({ from: 1n, size: 2n, fromRoot: a, proof: [b], root })).toBe(true);
    expect(isConsistent({ from: 1n, size: 2n, fromRoot: short, proof: [long], root })).toBe(false);
  });
});

describe('a proof of consistency is refused', () => {
  it('where the older log is the larger one, though its hashes make both roots', () => {
    const claim = { fromRoot: a, root: nodeHash(a, b), proof: [a, b] };
    expect(isConsistent({ ...claim, from: 3n, size: 2n })).toBe(false);
    expect(isConsistent({ ...claim, from: -1n, size: 2n })).toBe(false);
  });

  it('where it goes on past the root, though its hashes make both roots', () => {
    const proof = [c, d, nodeHash(a, b)];
    const claim = { from: 3n, size: 4n, fromRoot: log.mth(0, 3), root: log.mth(0, 4), proof };
    expect(isConsistent(claim)).toBe(true);
    const beyond = {
      ...claim,
      fromRoot: nodeHash(other, claim.fromRoot),
      root: nodeHash(other, claim.root),
      proof: [...proof, other],
    };
    expect(isConsistent(beyond)).toBe(false);
  });

  it('and not made where there is no such older log', () => {
    expect(() => consistencyRanges(4n, 3n)).toThrow(RangeError);
    expect(() => consistencyRanges(-1n, 3n)).toThrow(RangeError);
  });
});

describe('a size of 2^64', () => {
  const siblings = Array.from({ length: 64 }, (_, n) => leafHash(`${n}`));
  const at = (size: bigint, proof: readonly Hash[]) => ({
    size,
    proof,
    root: proof.reduce((left, right) => nodeHash(left, right), a),
  });

  it('is one that no log has, though its hashes make the root', () => {
    const half = at(2n ** 63n, siblings.slice(1));
    const whole = at(2n ** 64n, siblings);
    expect(isIncluded({ ...half, index: 0n, leafHash: a })).toBe(true);
    expect(isIncluded({ ...whole, index: 0n, leafHash: a })).toBe(false);
    expect(isConsistent({ ...half, from: 1n, fromRoot: a })).toBe(true);
    expect(isConsistent({ ...whole, from: 1n, fromRoot: a })).toBe(false);
  });
});
