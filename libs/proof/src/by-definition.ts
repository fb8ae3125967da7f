import { EMPTY_ROOT, type Hash, leafHash, nodeHash } from './merkle.ts';

/**
 * The tree of a log as RFC 6962 §2.1 defines it, by recursion: what the specs hold the rest against. Leaves are leaf
 * hashes; a range is from its first leaf up to but not including its end.
 */
export class ByDefinition {
  /** The roots of full subtrees, which every larger log has too. */
  readonly #full = new Map<string, Hash>();

  constructor(readonly leaves: readonly Hash[]) {}

  /** MTH(D[from:to]). */
  mth(from: number, to: number): Hash {
    const n = to - from;
    if (n === 0) return EMPTY_ROOT;
    if (n === 1) return this.leaves[from] as Hash;
    const known = this.#full.get(`${from}-${to}`);
    if (known) return known;
    const k = smallerPower(n);
    const root = nodeHash(this.mth(from, from + k), this.mth(from + k, to));
    if (n === 2 * k) this.#full.set(`${from}-${to}`, root);
    return root;
  }

  /** PATH(m, D[from:to]), the leaf's sibling first. */
  path(m: number, from: number, to: number): Hash[] {
    if (to - from === 1) return [];
    const k = smallerPower(to - from);
    return m < k
      ? [...this.path(m, from, from + k), this.mth(from + k, to)]
      : [...this.path(m - k, from + k, to), this.mth(from, from + k)];
  }

  /** PROOF(m, D[0:size]). */
  proof(m: number, size: number): Hash[] {
    return this.#subproof(m, 0, size, true);
  }

  #subproof(m: number, from: number, to: number, isWhole: boolean): Hash[] {
    if (m === to - from) return isWhole ? [] : [this.mth(from, to)];
    const k = smallerPower(to - from);
    return m <= k
      ? [...this.#subproof(m, from, from + k, isWhole), this.mth(from + k, to)]
      : [...this.#subproof(m - k, from + k, to, false), this.mth(from, from + k)];
  }
}

/** The largest power of two that is smaller than n. */
function smallerPower(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** A log of leaves that hold their own number. */
export const logOf = (size: number): ByDefinition =>
  new ByDefinition(Array.from({ length: size }, (_, n) => leafHash(`leaf ${n}`)));
