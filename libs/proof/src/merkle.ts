import { hash } from 'node:crypto';

/** SHA-256, 32 bytes. */
export type Hash = Buffer;

/** The leaves from `start` up to but not including `end` of a log. */
export type Range = { readonly start: bigint; readonly end: bigint };

/** The root of a full subtree of 2^level leaves, the `index`-th of its level. */
export type Node = { readonly level: number; readonly index: bigint };

export const HASH_BYTES = 32;
export const LONGEST_SIZE = 2n ** 64n - 1n;

/** By way of a text of its bytes: Node makes a Buffer of that several times faster than it hands one out. */
export const sha256 = (bytes: Uint8Array | string): Hash =>
  Buffer.from(hash('sha256', bytes, 'binary'), 'binary');

/** MTH({}) of RFC 6962 §2.1. */
export const EMPTY_ROOT: Hash = sha256('');

const LEAF = Buffer.of(0);
/** Hash of a leaf: SHA-256(0x00 || bytes), RFC 6962 §2.1. */
export const leafHash = (leaf: Uint8Array | string): Hash =>
  sha256(typeof leaf === 'string' ? `\0${leaf}` : Buffer.concat([LEAF, leaf]));

const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1);
/** Hash of an inner node: SHA-256(0x01 || left || right), RFC 6962 §2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Hash {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    return sha256(Buffer.concat([Buffer.of(1), left, right]));
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return sha256(pair);
}

/**
 * The roots of the full subtrees that a log of some size is made of, largest first (proof 3.5): enough to go on
 * appending, and to tell the root, without any leaf.
 */
export class CompactRange {
  readonly #stack: { level: number; hash: Hash }[] = [];
  #size = 0n;

  /** One of `size` leaves from the hashes that `hashes` gave. Throws `RangeError` where they are not as many. */
  static from(size: bigint, hashes: readonly Hash[]): CompactRange {
    const nodes = nodesOf({ start: 0n, end: size });
    if (nodes.length !== hashes.length || !areHashes(hashes))
      throw new RangeError(
        `a log of ${size} leaves is ${nodes.length} hashes of 32 bytes, not ${hashes.length}`,
      );
    const range = new CompactRange();
    range.#stack.push(...nodes.map(({ level }, n) => ({ level, hash: hashes[n] as Hash })));
    range.#size = size;
    return range;
  }

  get size(): bigint {
    return this.#size;
  }

  /** The roots of the full subtrees, largest first: with `size`, all there is to keep. */
  get hashes(): Hash[] {
    return this.#stack.map(({ hash }) => hash);
  }

  /** `made`: told of each full subtree that is there now and was not before, the leaf itself first. */
  append(leaf: Hash, made?: (hash: Hash, level: number) => void): void {
    let level = 0;
    let hash = leaf;
    made?.(hash, level);
    for (let top = this.#stack.at(-1); top?.level === level; top = this.#stack.at(-1)) {
      hash = nodeHash(top.hash, hash);
      this.#stack.pop();
      level++;
      made?.(hash, level);
    }
    this.#stack.push({ level, hash });
    this.#size++;
  }

  root(): Hash {
    return foldRight(this.hashes);
  }
}

/** The root over full subtrees that stand side by side, largest first. */
export function foldRight(hashes: readonly Hash[]): Hash {
  const last = hashes.at(-1);
  return last ? hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last) : EMPTY_ROOT;
}

/** The root of leaf hashes in order. */
export function rootOf(leaves: Iterable<Hash>): Hash {
  const range = new CompactRange();
  for (const leaf of leaves) range.append(leaf);
  return range.root();
}

/** The largest power of two that is smaller than `n`; for n > 1 (RFC 6962 §2.1: strictly smaller). */
const split = (n: bigint): bigint => 1n << BigInt(bitLength(n - 1n) - 1);

const bitLength = (n: bigint): number => (n === 0n ? 0 : n.toString(2).length);

/** The full subtrees that a range is made of, left to right; the range starts where a tree of its length may start. */
export function nodesOf({ start, end }: Range): Node[] {
  const nodes: Node[] = [];
  for (let at = start; at < end; ) {
    const level = bitLength(end - at) - 1;
    nodes.push({ level, index: at >> BigInt(level) });
    at += 1n << BigInt(level);
  }
  return nodes;
}

/** The ranges whose roots prove that leaf `index` is in a log of `size`, the leaf's sibling first (proof 3.3). */
export function inclusionRanges(index: bigint, size: bigint): Range[] {
  if (index < 0n || index >= size)
    throw new RangeError(`leaf ${index} is not in a log of ${size}; ask for one before its end`);
  const ranges: Range[] = [];
  for (let start = 0n, end = size; end - start > 1n; ) {
    const middle = start + split(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** The ranges whose roots prove that a log of `size` goes on from one of `from` (proof 3.4); none where `from` is 0. */
export function consistencyRanges(from: bigint, size: bigint): Range[] {
  if (from < 0n || from > size) throw new RangeError(`a log of ${size} never had ${from} leaves`);
  if (from === 0n) return [];
  const ranges: Range[] = [];
  let start = 0n;
  let end = size;
  // Whether the part looked at begins the older log, whose root the verifier has.
  let isWhole = true;
  while (from !== end) {
    const middle = start + split(end - start);
    if (from <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
      isWhole = false;
    }
  }
  if (!isWhole) ranges.push({ start, end });
  return ranges.reverse();
}

/** How many hashes an inclusion proof has. */
function inclusionLength(index: bigint, size: bigint): number {
  const inner = bitLength(index ^ (size - 1n));
  const border = (index >> BigInt(inner)).toString(2).replaceAll('0', '').length;
  return inner + border;
}

const areHashes = (hashes: readonly Uint8Array[]): boolean =>
  hashes.every(({ length }) => length === HASH_BYTES);

export type Inclusion = {
  readonly index: bigint;
  readonly size: bigint;
  readonly leafHash: Hash;
  readonly proof: readonly Hash[];
  readonly root: Hash;
};

/** Whether the leaf is in the log with this root, at this index (RFC 9162 §2.1.3.2). */
export function isIncluded({ index, size, leafHash: leaf, proof, root }: Inclusion): boolean {
  const isPlace = index >= 0n && index < size && size <= LONGEST_SIZE;
  if (!isPlace || !areHashes([leaf, root, ...proof]) || proof.length !== inclusionLength(index, size))
    return false;
  let hash = leaf;
  const arrives = climb(index, size - 1n, proof, (sibling, isLeft) => {
    hash = isLeft ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
  });
  return arrives && hash.equals(root);
}

/**
 * Climbs from a node to the root, with a sibling for each step; `last` is the last node of the same level. Whether the
 * root is reached just with the last sibling.
 */
function climb(
  node: bigint,
  last: bigint,
  siblings: readonly Hash[],
  step: (sibling: Hash, isLeft: boolean) => void,
): boolean {
  let [fn, sn] = [node, last];
  for (const sibling of siblings) {
    if (sn === 0n) return false;
    const isLeft = (fn & 1n) === 1n || fn === sn;
    step(sibling, isLeft);
    const levels = 1n + (isLeft ? zerosEnding(fn) : 0n);
    fn >>= levels;
    sn >>= levels;
  }
  return sn === 0n;
}

/** How many zeros a number ends with in binary; of 0: none. */
function zerosEnding(n: bigint): bigint {
  let zeros = 0n;
  while (n !== 0n && ((n >> zeros) & 1n) === 0n) zeros++;
  return zeros;
}

export type Consistency = {
  readonly from: bigint;
  readonly size: bigint;
  readonly fromRoot: Hash;
  readonly root: Hash;
  readonly proof: readonly Hash[];
};

/** Whether the log with `root` goes on from the one with `fromRoot` (RFC 9162 §2.1.4.2). From nothing, any log does. */
export function isConsistent({ from, size, fromRoot, root, proof }: Consistency): boolean {
  if (from < 0n || from > size || size > LONGEST_SIZE || !areHashes([fromRoot, root, ...proof])) return false;
  if (from === 0n) return proof.length === 0 && fromRoot.equals(EMPTY_ROOT);
  if (from === size) return proof.length === 0 && fromRoot.equals(root);
  const [first, ...rest] = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof;
  if (first === undefined || proof.length === 0) return false;
  let [older, newer] = [first, first];
  // The older log ends with a full subtree of this height: both climb from its root.
  const height = zerosEnding(from);
  const arrives = climb((from - 1n) >> height, (size - 1n) >> height, rest, (hash, isLeft) => {
    if (isLeft) older = nodeHash(hash, older);
    newer = isLeft ? nodeHash(hash, newer) : nodeHash(newer, hash);
  });
  return arrives && older.equals(fromRoot) && newer.equals(root);
}

const isPowerOfTwo = (n: bigint): boolean => (n & (n - 1n)) === 0n;
