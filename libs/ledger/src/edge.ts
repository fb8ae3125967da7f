import { CompactRange, type Hash, hashesAt, nodesOf, TILE_WIDTH } from '@app/proof';

/** Characters of a hash in base64. */
export const WIDE = 44;
/** Levels of the tree in one of tiles: 2^8 is `TILE_WIDTH`. */
const HEIGHT = 8;

/** A tile as the edge of a tree makes it: `hashes` in base64, one after the other. */
export type GrownTile = { readonly level: number; readonly index: number; readonly hashes: string };

type Growing = { index: number; hashes: Hash[]; grew: boolean };

/** The last tile of each level, which grow, and the root over them; each node is hashed once. */
export class Edge {
  readonly #levels: Growing[] = [];
  #full: GrownTile[] = [];
  #range = new CompactRange();

  /**
   * The edge of a tree of some size, from its tiles; `range`: the roots of its full subtrees, where somebody knows them
   * better than the tiles. Throws `RangeError` where there are not as many as such a tree has.
   */
  static async at(
    size: bigint,
    read: (level: number, index: number) => Promise<string>,
    range?: readonly Hash[],
  ): Promise<Edge> {
    const edge = new Edge();
    for (let level = 0; hashesAt(level, size) > 0n; level++) {
      const hashes = hashesAt(level, size);
      const index = Number(hashes / BigInt(TILE_WIDTH));
      const width = Number(hashes % BigInt(TILE_WIDTH));
      const text = width === 0 ? '' : await read(level, index);
      edge.#levels.push({ index, hashes: split(text).slice(0, width), grew: false });
    }
    edge.#range = CompactRange.from(size, range ?? edge.#peaks());
    return edge;
  }

  /** The first leaf under a node that the tiles have otherwise than `range` said; undefined: they have all alike. */
  firstUnlike(): number | undefined {
    const stored = this.#peaks();
    const unlike = this.hashes.findIndex((hash, n) => !stored[n]?.equals(hash));
    const node = nodesOf({ start: 0n, end: this.#range.size })[unlike];
    return node && Number(node.index) * 2 ** node.level;
  }

  /** The roots of the full subtrees that the tree is made of, largest first. */
  get hashes(): Hash[] {
    return this.#range.hashes;
  }

  root(): Hash {
    return this.#range.root();
  }

  append(leaf: Hash): void {
    this.#range.append(leaf, this.#made);
  }

  /** The tiles that were filled since this was asked last. */
  filled(): GrownTile[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** The tiles that were filled or grew. */
  tiles(): GrownTile[] {
    const growing = this.#levels.flatMap((tile, level) =>
      tile.grew && tile.hashes.length > 0 ? [grown(level, tile)] : [],
    );
    return [...this.#full, ...growing];
  }

  /** The roots of the full subtrees as the tiles have them, largest first. */
  #peaks(): Hash[] {
    return this.#levels
      .map(({ hashes }) => peaks(hashes))
      .reverse()
      .flat();
  }

  readonly #made = (hash: Hash, height: number): void => {
    if (height % HEIGHT !== 0) return;
    const level = height / HEIGHT;
    this.#levels[level] ??= { index: 0, hashes: [], grew: false };
    const tile = this.#levels[level];
    tile.grew = true;
    if (tile.hashes.push(hash) < TILE_WIDTH) return;
    this.#full.push(grown(level, tile));
    this.#levels[level] = { index: tile.index + 1, hashes: [], grew: false };
  };
}

const grown = (level: number, { index, hashes }: Growing): GrownTile => ({
  level,
  index,
  hashes: hashes.map((hash) => hash.toString('base64')).join(''),
});

const split = (text: string): Hash[] =>
  Array.from({ length: text.length / WIDE }, (_, n) =>
    Buffer.from(text.slice(n * WIDE, (n + 1) * WIDE), 'base64'),
  );

/** The roots of the full subtrees that so many hashes side by side are made of, largest first. */
function peaks(hashes: readonly Hash[]): Hash[] {
  const range = new CompactRange();
  for (const hash of hashes) range.append(hash);
  return range.hashes;
}
