import type { StoredEvent } from '@app/event-store';
import { isRowOf, journalRow, type WholeRow } from '@app/journal';
import { leafHash, TILE_WIDTH, tileAt } from '@app/proof';
import type { Comparing, LogFault, LogVerdict, VerifyState } from './comparing.ts';
import { DueCheckpoints } from './due-checkpoints.ts';
import { Edge, type GrownTile, WIDE } from './edge.ts';
import { KeptDocuments } from './kept-documents.ts';

/** Two full tiles; rows that live no longer than this are cleared away several times faster than those of larger pages. */
const PAGE = 2 * TILE_WIDTH;

/**
 * Compares the whole log: the store with the journal, each leaf with its hash, the hashes with the tiles, and the root at
 * the size of every checkpoint with what was signed, and then every document with what is said of it. Bounded memory; can be stopped and gone on with. Reads only.
 */
export async function verifyLog(comparing: Comparing): Promise<LogVerdict> {
  const comparison = await Comparison.begin(comparing);
  while (!comparing.signal?.aborted && (await comparison.page())) comparing.progress?.(comparison.state());
  while (!comparing.signal?.aborted && (await comparison.documents()))
    comparing.progress?.(comparison.state());
  if (!comparing.signal?.aborted) await comparison.end();
  comparing.progress?.(comparison.state());
  return comparison.verdict();
}

class Comparison {
  readonly #faults = new Map<LogFault['kind'], LogFault>();
  /** What is compared: entries and leaves that there were at the beginning. */
  #end = 0;
  #treeSize = 0n;
  #edge = new Edge();
  #size: number;
  #position: number | undefined;
  #recordedAt: string;
  #since: number;
  readonly #due: DueCheckpoints;
  readonly #documents: KeptDocuments;

  private constructor(private readonly by: Comparing) {
    const { from } = by;
    this.#size = from?.size ?? 0;
    this.#position = from?.position ?? undefined;
    this.#recordedAt = from?.recordedAt ?? '';
    this.#since = from?.since ?? 0;
    for (const fault of from?.faults ?? []) this.#faults.set(fault.kind, fault);
    this.#due = new DueCheckpoints(by, (fault) => this.#add(fault));
    this.#documents = new KeptDocuments(by, (fault) => this.#add(fault));
  }

  static async begin(by: Comparing): Promise<Comparison> {
    const comparison = new Comparison(by);
    comparison.#treeSize = await by.tree.size();
    comparison.#end = await by.journal.size();
    await comparison.#goOn();
    if (comparison.#treeSize > BigInt(comparison.#end))
      comparison.#fault(
        'tile',
        comparison.#end,
        `the tree has ${comparison.#treeSize} leaves, the journal only these`,
      );
    comparison.#due.hold(comparison.#place());
    return comparison;
  }

  /** Takes up the tiles that were growing where the comparing stopped. */
  async #goOn(): Promise<void> {
    const { from, tree } = this.by;
    const range = (from?.range ?? []).map((hash) => Buffer.from(hash, 'base64'));
    const size = BigInt(this.#size);
    this.#edge = await Edge.at(size, (level, index) => tree.stored(level, index), range);
    const unlike = this.#treeSize < size ? undefined : this.#edge.firstUnlike();
    if (unlike !== undefined) this.#fault('tile', unlike, 'a tile does not have the hashes of the journal');
  }

  /** One page of the store beside one of the journal; false: there is nothing more to compare. */
  async page(): Promise<boolean> {
    const limit = Math.min(PAGE, this.#end - this.#size);
    if (limit <= 0) return false;
    const [events, rows] = await Promise.all([
      this.by.store.readAll(this.#position, limit),
      this.by.journal.rows(this.#size, limit),
    ]);
    await this.#due.expect(this.#size + limit);
    this.#due.meet(this.#place());
    for (const [n, row] of rows.entries()) this.#compare(row, events[n]);
    this.#position = events.at(-1)?.position ?? this.#position;
    await this.#compareTiles(this.#edge.filled());
    return rows.length > 0;
  }

  /** Some documents beside what the entries say of them; false: there are no more. */
  documents(): Promise<boolean> {
    return this.#documents.page(this.#size);
  }

  /** What can be said only at the end: the last tiles, streams with gaps, checkpoints past the end. */
  async end(): Promise<void> {
    await this.#compareTiles(this.#edge.tiles());
    await this.#due.expect(Number.MAX_SAFE_INTEGER);
    this.#due.meet(this.#place());
    const gap = await this.by.journal.gap();
    if (gap)
      this.#fault('revision', gap.index, `the revisions of ${gap.stream} do not run from 0 without a gap`);
    this.#due.end(await this.by.journal.size());
  }

  state(): VerifyState {
    return {
      size: this.#size,
      position: this.#position ?? null,
      recordedAt: this.#recordedAt,
      range: this.#edge.hashes.map((hash) => hash.toString('base64')),
      ...this.#due.state(),
      since: this.#since,
      documents: this.#documents.state(),
      faults: [...this.#faults.values()],
    };
  }

  verdict(): LogVerdict {
    const last = ({ index, upTo }: LogFault) => upTo ?? index;
    const faults = [...this.#faults.values()].sort((a, b) => last(a) - last(b) || (a.kind < b.kind ? -1 : 1));
    const { compared: checkpoints, cosigned } = this.#due;
    return { size: this.#size, checkpoints, cosigned, documents: this.#documents.checked, faults };
  }

  #compare(row: WholeRow, event: StoredEvent | undefined): void {
    const index = this.#size;
    if (row.index !== index)
      this.#fault('journal', index, `the journal has no entry here; the next is ${row.index}`);
    const hash = leafHash(row.leaf);
    if (hash.toString('base64') !== row.leafHash)
      this.#fault('leaf', index, 'the hash in the journal is not that of its leaf');
    if (event) this.#compareWithStore(row, event, index);
    else this.#fault('store', index, 'the journal has an entry here that the store has not');
    this.#due.assertAfter(index, row.recordedAt);
    this.#edge.append(hash);
    this.#size++;
    if (this.#size >= this.#due.next) this.#due.meet(this.#place());
  }

  #compareWithStore(row: WholeRow, event: StoredEvent, index: number): void {
    if (event.recordedAt < this.#recordedAt)
      this.#fault('time', index, 'the store says it was recorded earlier than the event before it');
    else if (event.recordedAt > this.#recordedAt) {
      this.#recordedAt = event.recordedAt;
      this.#since = index;
    }
    const recorded =
      event.recordedAt === this.#recordedAt ? event : { ...event, recordedAt: this.#recordedAt };
    if (isRowOf(row, recorded)) return;
    const due = journalRow(recorded, row.index);
    const differs = COLUMNS.filter((column) => due[column] !== row[column]);
    if (differs.length > 0)
      this.#fault('store', index, `the store and the journal differ in ${differs.join(', ')}`);
  }

  #place() {
    const [recordedAt, since] = [this.#recordedAt, this.#since];
    return { size: BigInt(this.#size), root: () => this.#edge.root(), recordedAt, since };
  }

  /** As far as the tree had them at the beginning. */
  async #compareTiles(tiles: readonly GrownTile[]): Promise<void> {
    const kept = await Promise.all(tiles.map(({ level, index }) => this.by.tree.stored(level, index)));
    for (const [n, { level, index, hashes }] of tiles.entries()) {
      const width = tileAt(level, BigInt(index), this.#treeSize)?.width ?? 0;
      const due = hashes.slice(0, width * WIDE);
      const stored = kept[n] as string;
      if (stored.startsWith(due)) continue;
      const first = index * TILE_WIDTH + firstOther(due, stored);
      this.#fault(
        'tile',
        first * TILE_WIDTH ** level,
        `tile ${level}/${index} does not have the hashes of the journal`,
      );
    }
  }

  #fault(kind: LogFault['kind'], index: number, because: string): void {
    this.#add({ kind, index, because });
  }

  #add(fault: LogFault): void {
    if (!this.#faults.has(fault.kind)) this.#faults.set(fault.kind, fault);
  }
}

/** Which hash of a tile is the first that is not the one it should be. */
function firstOther(due: string, stored: string): number {
  let n = 0;
  while (due.slice(n * WIDE, (n + 1) * WIDE) === stored.slice(n * WIDE, (n + 1) * WIDE)) n++;
  return n;
}

const COLUMNS = ['id', 'stream', 'revision', 'type', 'actor', 'recordedAt', 'leaf'] as const;
