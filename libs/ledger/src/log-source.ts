import {
  entriesIn,
  type Hash,
  hashesIn,
  type InTile,
  type ReadHashes,
  TILE_WIDTH,
  type Tile,
  tileAt,
  tilePath,
} from '@app/proof';
import { bodyOf, reasonOf } from './fetching.ts';

/** The log could not be read: it did not answer, or not as a log does. It may pass, and nothing is held against it. */
export class LogUnreachable extends Error {}

export type LogSourceOptions = {
  /** `http(s)://…`, below which `tile/…` stands. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  /** How long one request may take, in ms; 10,000 unless told. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  /** Aborts what is under way. */
  readonly signal?: AbortSignal;
};

const TIMEOUT_MS = 10_000;
const HASH_BYTES = 32;
const MOST_ENTRY_BYTES = 2 + 65_535;

/** Reads the tiles of a log over HTTP (C2SP tlog-tiles, proof 3.6). Nothing it gives is proven yet. */
export class LogSource {
  readonly #options: LogSourceOptions;
  readonly #url: string;

  /** Throws `TypeError` where the URL is none of a log; one with a password in it is none. */
  constructor(options: LogSourceOptions) {
    const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
      throw new TypeError('the URL of the log is not https://… or http://… without a user');
    this.#options = options;
    this.#url = url.href.replace(/\/$/, '');
  }

  /** The entries of a bundle, in a log of some size. Throws `LogUnreachable`. */
  async entries(index: bigint, size: bigint): Promise<Buffer[]> {
    const tile = tileIn('entries', index, size);
    const entries = entriesIn(await this.#get(tile, MOST_ENTRY_BYTES));
    if (!entries || entries.length < tile.width)
      throw new LogUnreachable(`${tilePath(tile)} of the log does not hold ${tile.width} entries`);
    return entries.slice(0, tile.width);
  }

  /** The hashes of a tile, in a log of some size. Throws `LogUnreachable`. */
  async hashes(level: number, index: bigint, size: bigint): Promise<Hash[]> {
    const tile = tileIn(level, index, size);
    const bytes = await this.#get(tile, HASH_BYTES);
    if (bytes.length < tile.width * HASH_BYTES)
      throw new LogUnreachable(`${tilePath(tile)} of the log does not hold ${tile.width} hashes`);
    return hashesIn(bytes.subarray(0, tile.width * HASH_BYTES));
  }

  /** Reads hashes for proofs in a log of some size; each tile is asked for once. */
  reader(size: bigint): ReadHashes {
    const asked = new Map<string, Promise<Hash[]>>();
    return async ({ level, index, first, count }: InTile) => {
      const key = `${level}/${index}`;
      const hashes = asked.get(key) ?? this.hashes(level, index, size);
      asked.set(key, hashes);
      return (await hashes).slice(first, first + count);
    };
  }

  /** A partial tile may be gone once there is the full one. */
  async #get(tile: Tile, mostEach: number): Promise<Buffer> {
    const bytes = await this.#ask(tilePath(tile), tile.width * mostEach);
    if (bytes) return bytes;
    const full = { ...tile, width: TILE_WIDTH };
    const whole =
      tile.width < TILE_WIDTH ? await this.#ask(tilePath(full), TILE_WIDTH * mostEach) : undefined;
    if (!whole) throw new LogUnreachable(`the log has no ${tilePath(tile)}`);
    return whole;
  }

  /** Undefined: there is none. */
  async #ask(path: string, most: number): Promise<Buffer | undefined> {
    const { token, signal, timeoutMs = TIMEOUT_MS, fetch: ask = fetch } = this.#options;
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await ask(`${this.#url}/${path}`, {
        redirect: 'manual',
        signal: signal ? AbortSignal.any([late, signal]) : late,
        ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }),
      });
      const body = await bodyOf(response, most);
      if (response.status === 200) return body;
      if (response.status === 404 || response.status === 410) return undefined;
      throw new Error(`it answered ${response.status}`);
    } catch (cause) {
      throw new LogUnreachable(`${path} of the log could not be read: ${reasonOf(cause)}`, { cause });
    }
  }
}

function tileIn(level: number | 'entries', index: bigint, size: bigint): Tile {
  const tile = tileAt(level, index, size);
  if (!tile) throw new RangeError(`a log of ${size} has no tile ${level}/${index}`);
  return tile;
}
