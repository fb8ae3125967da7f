import type { EventStore, StoredEvent } from '@app/event-store';
import { type Journal, type JournalEntry, journalRow } from '@app/journal';
import { CompactRange, leafHash, type Policy, parseCheckpoint, parseNote, tileAt, trust } from '@app/proof';
import type { Checkpoints } from './checkpoints.ts';
import { Edge, type GrownTile, WIDE } from './edge.ts';
import type { Tree } from './tree.ts';

/** Where a check failed first: the kind of check, the journal index, and words. */
export type LogFault = {
  readonly kind:
    | 'store'
    | 'journal'
    | 'leaf'
    | 'revision'
    | 'time'
    | 'tile'
    | 'signature'
    | 'quorum'
    | 'checkpoint'
    | 'rollback';
  readonly index: number;
  readonly because: string;
};

/** What was found: the first fault of each kind, by index. `checkpoints`: how many were compared. */
export type LogVerdict = {
  readonly size: number;
  readonly checkpoints: number;
  readonly faults: readonly LogFault[];
};

/** What is compared. `held`: checkpoints that somebody kept elsewhere, as signed notes. */
export type Comparing = {
  readonly store: EventStore;
  readonly journal: Journal;
  readonly tree: Tree;
  readonly checkpoints: Checkpoints;
  readonly policy: Policy;
  /** Whose checkpoints are compared: the name of the log. */
  readonly origin: string;
  readonly held?: readonly string[];
  /** Called after each page; gives what `from` takes to go on. */
  readonly progress?: (state: VerifyState) => void;
  readonly signal?: AbortSignal;
  readonly from?: VerifyState;
};

/** How far the comparing came: plain JSON. */
export type VerifyState = {
  readonly size: number;
  readonly position: number | null;
  readonly recordedAt: string;
  readonly range: readonly string[];
  readonly checkpoints: number;
  /** Of the last checkpoint that held. */
  readonly held: number;
  readonly faults: readonly LogFault[];
};

const PAGE = 2_000;

/**
 * Compares the whole log: the store with the journal, each leaf with its hash, the hashes with the tiles, and the root at
 * the size of every checkpoint with what was signed. Bounded memory; can be stopped and gone on with. Reads only.
 */
export async function verifyLog(comparing: Comparing): Promise<LogVerdict> {
  const comparison = await Comparison.begin(comparing);
  while (!comparing.signal?.aborted && (await comparison.page())) comparing.progress?.(comparison.state());
  if (!comparing.signal?.aborted) await comparison.end();
  comparing.progress?.(comparison.state());
  return comparison.verdict();
}

/** A root that must be met at a size. */
type Expected = { readonly size: bigint; readonly root: Buffer; readonly what: string };

class Comparison {
  readonly #faults = new Map<LogFault['kind'], LogFault>();
  readonly #range: CompactRange;
  /** What is compared: entries and leaves that there were at the beginning. */
  #end = 0;
  #treeSize = 0n;
  #edge = new Edge();
  #size: number;
  #position: number | undefined;
  #recordedAt: string;
  #compared: number;
  #held: number;
  #due: Expected[] = [];
  /** Checkpoints up to this size have been read; `undefined`: all. */
  #read: number | undefined;

  private constructor(private readonly by: Comparing) {
    const { from } = by;
    this.#size = from?.size ?? 0;
    this.#read = from?.size ?? -1;
    this.#position = from?.position ?? undefined;
    this.#recordedAt = from?.recordedAt ?? '';
    this.#compared = from?.checkpoints ?? 0;
    this.#held = from?.held ?? 0;
    const hashes = (from?.range ?? []).map((hash) => Buffer.from(hash, 'base64'));
    this.#range = CompactRange.from(BigInt(this.#size), hashes);
    for (const fault of from?.faults ?? []) this.#faults.set(fault.kind, fault);
  }

  static async begin(by: Comparing): Promise<Comparison> {
    const comparison = new Comparison(by);
    comparison.#treeSize = await by.tree.size();
    comparison.#end = await by.journal.size();
    comparison.#edge = await Edge.at(BigInt(comparison.#size), (level, index) =>
      by.tree.stored(level, index),
    );
    if (comparison.#treeSize > BigInt(comparison.#end))
      comparison.#fault(
        'tile',
        comparison.#end,
        `the tree has ${comparison.#treeSize} leaves, the journal only these`,
      );
    for (const note of by.held ?? []) comparison.#hold(note);
    return comparison;
  }

  /** One page of the store beside one of the journal; false: there is nothing more to compare. */
  async page(): Promise<boolean> {
    const limit = Math.min(PAGE, this.#end - this.#size);
    if (limit <= 0) return false;
    const events = await this.by.store.readAll(this.#position, limit);
    const rows = await this.by.journal.rows(this.#size, limit);
    await this.#expect(this.#size + limit);
    for (const [n, row] of rows.entries()) this.#compare(row, events[n]);
    this.#position = events.at(-1)?.position ?? this.#position;
    await this.#compareTiles(this.#edge.filled());
    return rows.length > 0;
  }

  /** What can be said only at the end: the last tiles, streams with gaps, checkpoints past the end. */
  async end(): Promise<void> {
    await this.#compareTiles(this.#edge.tiles());
    await this.#expect(Number.MAX_SAFE_INTEGER);
    const gap = await this.by.journal.gap();
    if (gap)
      this.#fault('revision', gap.index, `the revisions of ${gap.stream} do not run from 0 without a gap`);
    const now = BigInt(await this.by.journal.size());
    const past = this.#due.find(({ size }) => size > now);
    if (past)
      this.#fault(
        'rollback',
        Number(now),
        `the log ends here, but ${past.what} covers ${past.size} entries: its tail was cut`,
      );
  }

  state(): VerifyState {
    return {
      size: this.#size,
      position: this.#position ?? null,
      recordedAt: this.#recordedAt,
      range: this.#range.hashes.map((hash) => hash.toString('base64')),
      // Those that were read and not met yet are read again.
      checkpoints: this.#compared - this.#due.length,
      held: this.#held,
      faults: [...this.#faults.values()],
    };
  }

  verdict(): LogVerdict {
    const faults = [...this.#faults.values()].sort((a, b) => a.index - b.index || (a.kind < b.kind ? -1 : 1));
    return { size: this.#size, checkpoints: this.#compared, faults };
  }

  #compare(row: JournalEntry, event: StoredEvent | undefined): void {
    const index = this.#size;
    if (row.index !== index)
      this.#fault('journal', index, `the journal has no entry here; the next is ${row.index}`);
    const hash = leafHash(row.leaf);
    const text = hash.toString('base64');
    if (text !== row.leafHash) this.#fault('leaf', index, 'the hash in the journal is not that of its leaf');
    if (event) this.#compareWithStore(row, event, index);
    else this.#fault('store', index, 'the journal has an entry here that the store has not');
    this.#range.append(hash);
    this.#edge.append(text);
    this.#size++;
    this.#compareRoots();
  }

  #compareWithStore(row: JournalEntry, event: StoredEvent, index: number): void {
    if (event.recordedAt < this.#recordedAt)
      this.#fault('time', index, 'the store says it was recorded earlier than the event before it');
    else this.#recordedAt = event.recordedAt;
    const due = journalRow({ ...event, recordedAt: this.#recordedAt }, row.index);
    const differs = COLUMNS.filter((column) => due[column] !== row[column]);
    if (differs.length > 0)
      this.#fault('store', index, `the store and the journal differ in ${differs.join(', ')}`);
  }

  #compareRoots(): void {
    for (let next = this.#due[0]; next && next.size <= BigInt(this.#size); next = this.#due[0]) {
      this.#due.shift();
      const { size, root, what } = next;
      if (this.#range.root().equals(root)) this.#held = Number(size);
      else
        this.#fault(
          'checkpoint',
          this.#held,
          `${what} does not have the root of these entries: something from here to ${size - 1n} was changed`,
        );
    }
  }

  /** As far as the tree had them at the beginning. */
  async #compareTiles(tiles: readonly GrownTile[]): Promise<void> {
    for (const { level, index, hashes } of tiles) {
      const width = tileAt(level, BigInt(index), this.#treeSize)?.width ?? 0;
      const due = hashes.slice(0, width * WIDE);
      if (width > 0 && !(await this.by.tree.stored(level, index)).startsWith(due))
        this.#fault(
          'tile',
          index * 256 ** (level + 1),
          `tile ${level}/${index} does not have the hashes of the journal`,
        );
    }
  }

  /** Reads the checkpoints that are to be met up to a size. */
  async #expect(upTo: number): Promise<void> {
    while (this.#read !== undefined && this.#read < upTo) {
      const page = await this.by.checkpoints.page(this.by.origin, this.#read, PAGE);
      for (const { note, size, quorum } of page)
        this.#add(note, size, `the signed checkpoint of ${size}`, quorum === 1);
      this.#read = page.length < PAGE ? undefined : page.at(-1)?.size;
    }
  }

  /** A checkpoint that was kept elsewhere. */
  #hold(note: string): void {
    const size = Number(parseCheckpoint(parseNote(note).text).size);
    if (size >= this.#size) this.#add(note, size, `the checkpoint of ${size} that was kept elsewhere`, false);
  }

  #add(note: string, size: number, what: string, needsQuorum: boolean): void {
    const { quorum: _, ...anyQuorum } = this.by.policy;
    const trusted = trust(note, needsQuorum ? this.by.policy : anyQuorum);
    this.#compared++;
    if ('distrusted' in trusted) {
      this.#fault(
        trusted.distrusted === 'quorum' ? 'quorum' : 'signature',
        size,
        `${what}: ${trusted.because}`,
      );
      return;
    }
    if (trusted.size !== BigInt(size))
      this.#fault('signature', size, `${what} is signed for ${trusted.size}`);
    this.#due.push({ size: trusted.size, root: trusted.root, what });
    this.#due.sort((a, b) => (a.size < b.size ? -1 : 1));
    this.#compareRoots();
  }

  #fault(kind: LogFault['kind'], index: number, because: string): void {
    if (!this.#faults.has(kind)) this.#faults.set(kind, { kind, index, because });
  }
}

const COLUMNS = ['id', 'stream', 'revision', 'type', 'actor', 'recordedAt', 'leaf'] as const;
