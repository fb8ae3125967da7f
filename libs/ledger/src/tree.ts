import { bulk, type Database, type Sql } from '@app/journal';
import {
  consistencyRanges,
  type Hash,
  type InTile,
  inclusionRanges,
  type ReadHashes,
  rootsOf,
  TILE_WIDTH,
  tileAt,
} from '@app/proof';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Edge, WIDE } from './edge.ts';

/** How many leaves a tree has. */
@Entity('tree')
export class TreeSize {
  @PrimaryColumn('text')
  name: string;

  @Column('bigint')
  size: number;
}

/** A tile of a tree (C2SP tlog-tiles), full or not yet. `hashes`: base64 of each, one after the other. */
@Entity('tile')
export class TileRow {
  @PrimaryColumn('text')
  tree: string;

  @PrimaryColumn('integer')
  level: number;

  @PrimaryColumn('bigint', { name: 'idx' })
  index: number;

  @Column('text')
  hashes: string;
}

/** Hashes of leaves in base64: at most `limit`, from the `from`-th. */
export type Leaves = (from: number, limit: number) => Promise<readonly string[]>;

const PAGE = 8_192;
const MOST_KEPT = 512;

/**
 * A Merkle tree over leaves that are only ever added (RFC 6962), kept as tiles. Derived: dropped and extended again it
 * is the same. Tiles and size move in one transaction.
 */
export class Tree {
  /** Full tiles, which never change. */
  readonly #kept = new Map<string, string>();

  constructor(
    private readonly database: Database,
    private readonly name: string,
    private readonly leaves: Leaves,
  ) {}

  async size(): Promise<bigint> {
    return BigInt(await sizeOf(this.database.read, this.name));
  }

  /** Takes the leaves that the tree has not yet; gives the size then. Can be stopped and called again. */
  async extend(progress: (size: number) => void = () => undefined, signal?: AbortSignal): Promise<bigint> {
    for (;;) {
      const size = await sizeOf(this.database.read, this.name);
      const leaves = signal?.aborted ? [] : await this.leaves(size, PAGE);
      if (leaves.length === 0) return BigInt(size);
      await this.#append(size, leaves);
      progress(size + leaves.length);
    }
  }

  /** Drops the tiles, to be extended anew. */
  async clear(): Promise<void> {
    await this.database.write(async (sql) => {
      await sql('DELETE FROM tile WHERE tree = ?', [this.name]);
      await sql('DELETE FROM tree WHERE name = ?', [this.name]);
    });
    this.#kept.clear();
  }

  /** The root of the first `size` leaves; reads tiles only. */
  async root(size: bigint): Promise<Hash> {
    const [root] = await rootsOf([{ start: 0n, end: size }], this.read);
    return root as Hash;
  }

  /** That leaf `index` is in the log of `size`, its sibling first. */
  inclusion(index: bigint, size: bigint): Promise<Hash[]> {
    return rootsOf(inclusionRanges(index, size), this.read);
  }

  /** That the log of `size` goes on from the one of `from`. */
  readonly consistency = (from: bigint, size: bigint): Promise<Hash[]> =>
    rootsOf(consistencyRanges(from, size), this.read);

  /** The bytes of a tile with this many hashes; undefined: the tree has none there, or not so many. */
  async tile(level: number, index: bigint, width: number): Promise<Buffer | undefined> {
    const tile = tileAt(level, index, await this.size());
    if (!tile || width > tile.width) return undefined;
    return Buffer.concat(await this.read({ level, index, first: 0, count: width }));
  }

  /** Hashes that stand side by side in a tile. Throws where the tile has not so many: the table was tampered with. */
  readonly read: ReadHashes = async ({ level, index, first, count }: InTile) => {
    const text = await this.#hashes(level, Number(index));
    if (text.length < (first + count) * WIDE)
      throw new Error(
        `tile ${level}/${index} of the tree ${this.name} has ${text.length / WIDE} hashes, not ${first + count}; run jejak verify`,
      );
    return Array.from({ length: count }, (_, n) =>
      Buffer.from(text.slice((first + n) * WIDE, (first + n + 1) * WIDE), 'base64'),
    );
  };

  /** The hashes of a tile as the table has them, base64, one after the other. */
  stored(level: number, index: number): Promise<string> {
    return hashesOf(this.database.read, this.name, level, index);
  }

  async #hashes(level: number, index: number): Promise<string> {
    const key = `${level}/${index}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const text = await hashesOf(this.database.read, this.name, level, index);
    if (text.length === TILE_WIDTH * WIDE) {
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      this.#kept.set(key, text);
    }
    return text;
  }

  /** Adds leaves after the first `size`; nothing where another process has moved the tree on. */
  #append(size: number, leaves: readonly string[]): Promise<void> {
    const rows = bulk(this.database.reader, TileRow);
    const sizes = bulk(this.database.reader, TreeSize);
    return this.database.write(async (sql) => {
      if ((await sizeOf(sql, this.name)) !== size) return;
      const edge = await Edge.at(BigInt(size), (level, index) => hashesOf(sql, this.name, level, index));
      for (const leaf of leaves) edge.append(Buffer.from(leaf, 'base64'));
      await rows.upsert(
        sql,
        edge.tiles().map((tile) => ({ tree: this.name, ...tile })),
      );
      await sizes.upsert(sql, [{ name: this.name, size: size + leaves.length }]);
    });
  }
}

async function sizeOf(sql: Sql, name: string): Promise<number> {
  const [row] = await sql<{ size: number }>('SELECT size FROM tree WHERE name = ?', [name]);
  return row?.size ?? 0;
}

async function hashesOf(sql: Sql, tree: string, level: number, index: number): Promise<string> {
  const [row] = await sql<{ hashes: string }>(
    'SELECT hashes FROM tile WHERE tree = ? AND level = ? AND idx = ?',
    [tree, level, index],
  );
  return row?.hashes ?? '';
}
