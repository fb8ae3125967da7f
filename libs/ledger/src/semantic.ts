import type { Database, Sql } from '@app/journal';
import {
  type Checkpoint,
  CompactRange,
  consistencyRanges,
  EMPTY_ROOT,
  type Hash,
  isConsistent,
  leafHash,
  rootsOf,
  TILE_WIDTH,
} from '@app/proof';
import { type Finding, findingsIn, keepFinding, Wrong } from './finding.ts';
import { LogSource, type LogSourceOptions } from './log-source.ts';
import { MirrorBatch, type MirrorTables, mirrorTables } from './mirror-batch.ts';
import { brokenRule } from './mirror-rules.ts';
import { keepMirrored, type Mirrored, mirroredOf, otherMirrored } from './mirror-state.ts';
import { assertHeads } from './mirrored-heads.ts';
import { type MirroredLeaf, readLeaf } from './mirrored-leaf.ts';

export type SemanticOptions = LogSourceOptions & {
  /** Of the log whose entries are looked into. */
  readonly origin: string;
  /** How far `recordedAt` may be ahead of this witness, in ms; 5 minutes unless told. */
  readonly skewMs?: number;
  /** The witness's time, in ms. */
  readonly clock?: () => number;
};

/** Entries that are taken in one transaction, in whole bundles: the most that is in memory. */
const STEP = 8 * TILE_WIDTH;
const SKEW_MS = 5 * 60_000;

/**
 * Looks into the entries of a log before a witness puts its name under it: mirrors them from the log's own tiles, checks
 * that they are those of the checkpoint, and that each keeps the rules of the record (`mirror-rules.ts`, proof 3.17).
 * What it has checked it keeps, in one transaction with how far it is, so that it goes on there after a kill; entries
 * whose hashes are not proven to be in the signed tree are never kept.
 */
export class SemanticWitness {
  readonly #database: Database;
  readonly #source: LogSource;
  readonly #tables: MirrorTables;
  readonly #origin: string;
  readonly #skewMs: number;
  readonly #clock: () => number;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(database: Database, options: SemanticOptions) {
    const { origin, skewMs = SKEW_MS, clock = Date.now } = options;
    this.#database = database;
    this.#source = new LogSource(options);
    this.#tables = mirrorTables(database);
    this.#origin = origin;
    this.#skewMs = skewMs;
    this.#clock = clock;
  }

  /** In the database of `openWitnessState`. Throws where that mirrors another log already. */
  static async open(database: Database, options: SemanticOptions): Promise<SemanticWitness> {
    const other = await otherMirrored(database.read, options.origin);
    if (other !== undefined)
      throw new Error(`this state mirrors the log ${other}; take another for ${options.origin}`);
    return new SemanticWitness(database, options);
  }

  /**
   * Whether the log may be cosigned, whose signature on the checkpoint was checked before (`Witness.mayCosign`).
   * Undefined: it may; else the first entry that is wrong, and why, which is remembered. One checkpoint after the other.
   * Throws `LogUnreachable` and `DatabaseUnavailable`: nobody knows.
   */
  readonly mayCosign = (checkpoint: Checkpoint): Promise<string | undefined> => {
    const turn = this.#turn.then(() => this.#judge(checkpoint));
    this.#turn = turn.catch(() => undefined);
    return turn;
  };

  /** What was found wrong, ever. */
  findings(): Promise<Finding[]> {
    return findingsIn(this.#database.read);
  }

  async #judge(checkpoint: Checkpoint): Promise<string | undefined> {
    const { origin, size } = checkpoint;
    if (origin !== this.#origin) return `the entries of ${origin} are not looked into here`;
    try {
      await this.#follow(checkpoint);
      return undefined;
    } catch (cause) {
      if (!(cause instanceof Wrong)) throw cause;
      const { index, rule, message: because } = cause;
      const foundAt = new Date(this.#clock()).toISOString();
      await this.#database.write((sql) =>
        keepFinding(sql, { index, rule, because, size: String(size), foundAt }),
      );
      return `entry ${index}: ${because} (${rule})`;
    }
  }

  async #follow(checkpoint: Checkpoint): Promise<void> {
    let mirrored = await mirroredOf(this.#database.read, this.#origin);
    while (mirrored.range.size < checkpoint.size) {
      await this.#step(mirrored, checkpoint);
      mirrored = await mirroredOf(this.#database.read, this.#origin);
    }
    await this.#assertPrefix(checkpoint, mirrored.range);
  }

  /** Takes the next entries. */
  async #step({ range, recordedAt }: Mirrored, checkpoint: Checkpoint): Promise<void> {
    const from = range.size;
    const end = (from / BigInt(STEP) + 1n) * BigInt(STEP);
    const entries = await this.#entries(from, end < checkpoint.size ? end : checkpoint.size, checkpoint.size);
    const next = CompactRange.from(from, range.hashes);
    for (const entry of entries) next.append(leafHash(entry));
    if (!(await this.#begins(next, checkpoint))) throw await this.#difference(entries, from, checkpoint);
    await this.#database.write(async (sql) => {
      // Another process on this state may have been there first.
      if ((await mirroredOf(sql, this.#origin)).range.size !== from) return;
      const last = await this.#take(sql, entries, Number(from), recordedAt);
      await keepMirrored(sql, this.#origin, { range: next, recordedAt: last });
    });
  }

  async #entries(from: bigint, end: bigint, size: bigint): Promise<Buffer[]> {
    const width = BigInt(TILE_WIDTH);
    const first = from / width;
    const bundles = Array.from({ length: Number((end - 1n) / width - first) + 1 }, (_, n) =>
      this.#source.entries(first + BigInt(n), size),
    );
    const start = Number(from - first * width);
    return (await Promise.all(bundles)).flat().slice(start, start + Number(end - from));
  }

  /** Whether the checkpoint's tree begins with these leaves: by the proof that the log's own tiles make of it. */
  async #begins(range: CompactRange, { size, root }: Checkpoint): Promise<boolean> {
    const proof = await this.#proof(range.size, size);
    return isConsistent({ from: range.size, size, fromRoot: range.root(), root, proof });
  }

  /** A checkpoint of less than was mirrored is of its beginning. */
  async #assertPrefix({ size, root }: Checkpoint, range: CompactRange): Promise<void> {
    const proof = await this.#proof(size, range.size);
    const fromRoot = size === 0n ? EMPTY_ROOT : root;
    if (!isConsistent({ from: size, size: range.size, fromRoot, root: range.root(), proof }))
      throw new Wrong(
        Number(size) - 1,
        'tree-differs',
        `the root of the checkpoint is not that of the first ${size} entries, as they were mirrored`,
      );
  }

  async #proof(from: bigint, size: bigint): Promise<Hash[]> {
    return from === size ? [] : rootsOf(consistencyRanges(from, size), this.#source.reader(size));
  }

  /** The first entry that is not the one its tree has; the first of all where the tiles do not tell. */
  async #difference(entries: readonly Buffer[], from: bigint, { size }: Checkpoint): Promise<Wrong> {
    const read = this.#source.reader(size);
    for (const [n, entry] of entries.entries()) {
      const place = from + BigInt(n);
      const [hash] = await read({ level: 0, ...within(place), count: 1 });
      if (!hash?.equals(leafHash(entry)))
        return new Wrong(
          Number(place),
          'entry-not-in-tree',
          'the log gives another entry than the one it has in its tree',
        );
    }
    return new Wrong(
      Number(from),
      'tree-differs',
      `the entries from here to ${from + BigInt(entries.length) - 1n} do not make the tree of the checkpoint of ${size}`,
    );
  }

  /** Checks entries and adds them; gives when the last was recorded. */
  async #take(sql: Sql, entries: readonly Buffer[], from: number, recordedAt: string): Promise<string> {
    const { leaves, unread } = readLeaves(entries, from);
    const batch = await MirrorBatch.of(sql, this.#tables, leaves);
    const future = new Date(this.#clock() + this.#skewMs).toISOString();
    let last = recordedAt;
    for (const leaf of leaves) {
      const { stream } = leaf;
      const known = batch.stream(stream);
      const broken = brokenRule(leaf, {
        ...(known ? { stream: known } : {}),
        recordedAt: last,
        event: (id) => batch.event(stream, id),
        has: (fact) => batch.has(fact),
        future,
      });
      if (broken) throw new Wrong(leaf.index, broken.rule, broken.because);
      if (leaf.type === 'HeadsCommitted') {
        await batch.flush();
        await assertHeads(sql, leaf);
      }
      batch.add(leaf);
      last = leaf.recordedAt;
    }
    if (unread) throw unread;
    await batch.flush();
    return last;
  }
}

/** Where a leaf is in the tiles of level 0. */
const within = (place: bigint) => ({
  index: place / BigInt(TILE_WIDTH),
  first: Number(place % BigInt(TILE_WIDTH)),
});

/** Leaves up to the first that cannot be read, which `unread` tells of. */
function readLeaves(entries: readonly Buffer[], from: number): { leaves: MirroredLeaf[]; unread?: Wrong } {
  const leaves: MirroredLeaf[] = [];
  for (const [n, entry] of entries.entries())
    try {
      leaves.push(readLeaf(from + n, entry));
    } catch (cause) {
      if (cause instanceof Wrong) return { leaves, unread: cause };
      throw cause;
    }
  return { leaves };
}
