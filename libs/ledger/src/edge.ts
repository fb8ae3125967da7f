import { foldRight, type Hash, hashesAt, nodeHash, TILE_WIDTH } from '@app/proof';

/** Characters of a hash in base64. */
export const WIDE = 44;

/** A tile as the edge of a tree makes it: `hashes` in base64, one after the other. */
export type GrownTile = { readonly level: number; readonly index: number; readonly hashes: string };

/** The last tile of each level, which grow; a full one gives its root to the level above. */
export class Edge {
  readonly #levels: { index: number; hashes: string[]; grew: boolean }[] = [];
  #full: GrownTile[] = [];

  /** The edge of a tree of some size. */
  static async at(size: bigint, read: (level: number, index: number) => Promise<string>): Promise<Edge> {
    const edge = new Edge();
    for (let level = 0; hashesAt(level, size) > 0n; level++) {
      const hashes = hashesAt(level, size);
      const index = Number(hashes / BigInt(TILE_WIDTH));
      const width = Number(hashes % BigInt(TILE_WIDTH));
      const text = width === 0 ? '' : await read(level, index);
      edge.#levels.push({ index, hashes: split(text).slice(0, width), grew: false });
    }
    return edge;
  }

  append(hash: string, level = 0): void {
    this.#levels[level] ??= { index: 0, hashes: [], grew: false };
    const tile = this.#levels[level];
    tile.grew = true;
    if (tile.hashes.push(hash) < TILE_WIDTH) return;
    this.#full.push({ level, index: tile.index, hashes: tile.hashes.join('') });
    this.#levels[level] = { index: tile.index + 1, hashes: [], grew: false };
    this.append(rootOfTile(tile.hashes), level + 1);
  }

  /** The tiles that were filled since this was asked last. */
  filled(): GrownTile[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** The tiles that were filled or grew. */
  tiles(): GrownTile[] {
    const growing = this.#levels.flatMap(({ index, hashes, grew }, level) =>
      grew && hashes.length > 0 ? [{ level, index, hashes: hashes.join('') }] : [],
    );
    return [...this.#full, ...growing];
  }
}

const split = (text: string): string[] =>
  Array.from({ length: text.length / WIDE }, (_, n) => text.slice(n * WIDE, (n + 1) * WIDE));

function rootOfTile(hashes: readonly string[]): string {
  let level: Hash[] = hashes.map((hash) => Buffer.from(hash, 'base64'));
  while (level.length > 1)
    level = Array.from({ length: level.length / 2 }, (_, n) =>
      nodeHash(level[2 * n] as Hash, level[2 * n + 1] as Hash),
    );
  return foldRight(level).toString('base64');
}
