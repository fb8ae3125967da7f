import { Malformed } from './malformed.ts';
import { foldRight, HASH_BYTES, type Hash, type Node, nodesOf, type Range } from './merkle.ts';

/** Hashes in a full tile, and entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

/** A tile of hashes at a level, or of entries; `width` is less than `TILE_WIDTH` where it is not full yet. */
export type Tile = { readonly level: number | 'entries'; readonly index: bigint; readonly width: number };

/** The hashes of one node: `count` side by side in a tile from `first`, which make its full subtree. */
export type InTile = {
  readonly level: number;
  readonly index: bigint;
  readonly first: number;
  readonly count: number;
};

export function tileOf({ level, index }: Node): InTile {
  const depth = BigInt(level % TILE_HEIGHT);
  const first = index << depth;
  return {
    level: Math.floor(level / TILE_HEIGHT),
    index: first >> BigInt(TILE_HEIGHT),
    first: Number(first & BigInt(TILE_WIDTH - 1)),
    count: 1 << Number(depth),
  };
}

/** How many hashes a level of tiles has in a log of some size. */
export const hashesAt = (level: number, size: bigint): bigint => size >> BigInt(TILE_HEIGHT * level);

/** The tile at a place in a log of some size; undefined: there is none. */
export function tileAt(level: number | 'entries', index: bigint, size: bigint): Tile | undefined {
  const left = hashesAt(level === 'entries' ? 0 : level, size) - index * BigInt(TILE_WIDTH);
  if (index < 0n || left <= 0n) return undefined;
  return { level, index, width: left >= BigInt(TILE_WIDTH) ? TILE_WIDTH : Number(left) };
}

/** `tile/<L>/<N>[.p/<W>]`, the number in groups of three digits: 1234067 is x001/x234/067. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = index.toString();
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const number = groups.map((group, n) => (n < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${number}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** The tile that a path names; undefined: it is not the path of one, or not as it must be spelt. */
export function parseTilePath(path: string): Tile | undefined {
  const [, level, number, width] = PATH.exec(path) ?? [];
  if (level === undefined || number === undefined) return undefined;
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: BigInt(number.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  const isTile = (tile.level === 'entries' || tile.level < 64) && tilePath(tile) === path;
  return isTile && (width === undefined || tile.width < TILE_WIDTH) ? tile : undefined;
}

/** Reads hashes of a tile level: `count` from the `first`-th of the `index`-th tile. */
export type ReadHashes = (place: InTile) => Promise<readonly Hash[]>;

/** The root of each range, put together from tiles. Throws `Malformed` where a tile has fewer hashes than are asked for. */
export function rootsOf(ranges: readonly Range[], read: ReadHashes): Promise<Hash[]> {
  const rootAt = async (place: InTile) => {
    const hashes = await read(place);
    if (hashes.length !== place.count)
      throw new Malformed(
        `tile ${place.index} of level ${place.level} gave ${hashes.length} of ${place.count} hashes from ${place.first}`,
      );
    return foldFull(hashes);
  };
  return Promise.all(
    ranges.map(async (range) =>
      foldRight(await Promise.all(nodesOf(range).map((node) => rootAt(tileOf(node))))),
    ),
  );
}

/** The root of a power of two of hashes is the fold of its halves. */
const foldFull = (hashes: readonly Hash[]): Hash => {
  let level = hashes;
  while (level.length > 1)
    level = Array.from({ length: level.length / 2 }, (_, n) => foldRight(level.slice(2 * n, 2 * n + 2)));
  return level[0] as Hash;
};

/** Hashes that stand side by side in the bytes of a tile. Throws `Malformed` where the last one is cut. */
export function hashesIn(bytes: Buffer): Hash[] {
  if (bytes.length % HASH_BYTES !== 0)
    throw new Malformed(`a tile of ${bytes.length} bytes is not made of hashes of ${HASH_BYTES}`);
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, n) =>
    bytes.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES),
  );
}

/** The most bytes of an entry: its length is written with 16 bits. */
export const MAX_ENTRY_BYTES = 65_535;

/** An entry bundle: each entry after its length, two bytes, big endian. */
export function entryBundle(entries: readonly (Uint8Array | string)[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const bytes = Buffer.from(entry as string);
    if (bytes.length > MAX_ENTRY_BYTES)
      throw new RangeError(`an entry has ${bytes.length} bytes; the most is ${MAX_ENTRY_BYTES}`);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts);
}

/** The entries of a bundle; undefined where its lengths do not come out even. */
export function entriesIn(bundle: Buffer): Buffer[] | undefined {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 <= bundle.length ? at + 2 + bundle.readUInt16BE(at) : Number.POSITIVE_INFINITY;
    if (end > bundle.length) return undefined;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
