import type { LegalDate } from '@app/domain/calendar';
import { createShadow, type Database, type Journal, type Progress, shadowOf, swapShadow } from '@app/journal';
import type { EntityMetadata } from 'typeorm';
import { checkpoint, forget, type Parked, parkedIn } from './checkpoint.ts';
import { fold, type Read, readRow, streamKey, type Target, target } from './fold.ts';
import type { Projection } from './projection.ts';

/** How a view stands: `index` is the last journal index in it, `behind` how many entries it lacks, `parked` the faults. */
export type ViewState = {
  readonly name: string;
  readonly version: number;
  readonly index: number;
  readonly behind: number;
  readonly rebuilding: boolean;
  readonly parked: readonly Pick<Parked, 'key' | 'index' | 'cause'>[];
};

const BATCH = 2_000;
const REBUILD_BATCH = 10_000;

/**
 * Keeps the tables of all views at the journal. A batch of entries, the rows they change and the checkpoints move in
 * one transaction, so each effect is there exactly once, whenever the process is killed. One runner works at a time;
 * another finds the work done.
 */
export class Views {
  #settledOn: LegalDate | undefined;
  #retried = false;

  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
    private readonly projections: readonly Projection<never>[],
    private readonly today: () => LegalDate,
  ) {}

  /** Brings every view to the journal's size; builds those that are new or changed. Gives the size reached. */
  async catchUp(progress: Progress = () => undefined, signal?: AbortSignal): Promise<number> {
    for (const view of this.#views()) {
      const usable = (await this.#inUse(view)) && (await this.#retry(view));
      if (!usable) await this.#build(view, progress, signal);
    }
    this.#retried = true;
    await this.#settle();
    for (;;) {
      const at = await this.#checkpoints();
      const least = Math.min(...at.values());
      const next = Math.min(...[...at.values()].filter((index) => index > least), Number.MAX_SAFE_INTEGER);
      const some = this.#views().filter((view) => at.get(view.name) === least);
      const end = Math.min(next, least + BATCH);
      const moved = signal?.aborted ? -1 : await this.#advance(this.#targets(some), least, end);
      if (moved < 0) return least + 1;
      progress(moved + 1);
    }
  }

  /** Fills a view anew beside the one in use, and lets it take its place in one transaction. Resumes where it stopped. */
  async rebuild(name: string, progress: Progress = () => undefined, signal?: AbortSignal): Promise<void> {
    const view = this.#views().find((some) => some.name === name);
    if (!view) throw new Error(`no view is called ${name}`);
    await this.#build(view, progress, signal);
  }

  get names(): string[] {
    return this.#views().map(({ name }) => name);
  }

  /** Whether every view is there in the shape this code reads. */
  async ready(): Promise<boolean> {
    const there = await Promise.all(this.#views().map((view) => this.#inUse(view)));
    return there.every(Boolean);
  }

  async states(): Promise<ViewState[]> {
    const size = await this.journal.size();
    return Promise.all(
      this.#views().map(async (view) => {
        const { tableName } = this.#metadata(view);
        const [at] = await checkpoint(this.database.read, tableName);
        const shadow = await checkpoint(this.database.read, shadowOf(tableName));
        const parked = await parkedIn(this.database.read, tableName);
        return {
          name: view.name,
          version: view.version,
          index: at?.index ?? -1,
          behind: size - 1 - (at?.index ?? -1),
          rebuilding: shadow.length > 0,
          parked: parked.map(({ key, idx, cause }) => ({ key, index: idx, cause })),
        };
      }),
    );
  }

  /** Of these rows of a view, the ones that stopped at a parked event, with the index they stopped at. */
  async stale(name: string, keys: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const state = (await this.states()).find((view) => view.name === name);
    const mine = (state?.parked ?? []).filter(({ key }) => keys.includes(key));
    return new Map(mine.toReversed().map(({ key, index }) => [key, index]));
  }

  #views(): readonly Projection<object>[] {
    return this.projections as unknown as readonly Projection<object>[];
  }

  #metadata(view: Projection<object>): EntityMetadata {
    return this.database.reader.getMetadata(view.entity);
  }

  #targets(views: readonly Projection<object>[]): Target[] {
    return views.map((view) => target(this.database.reader, view, false));
  }

  async #inUse(view: Projection<object>): Promise<boolean> {
    const [at] = await checkpoint(this.database.read, this.#metadata(view).tableName);
    return at?.version === view.version;
  }

  async #checkpoints(): Promise<Map<string, number>> {
    const rows = await Promise.all(
      this.#views().map(async (view) => {
        const [at] = await checkpoint(this.database.read, this.#metadata(view).tableName);
        return [view.name, at?.index ?? -1] as const;
      }),
    );
    return new Map(rows);
  }

  /**
   * Folds the entries after an index, up to another, into tables that all stand at the first; gives the index reached.
   * -1: nothing was to do. Where another runner moved a table meanwhile, nothing is done either.
   */
  async #advance(targets: readonly Target[], after: number, upTo: number): Promise<number> {
    const rows = await this.journal.read({ after, upTo, limit: upTo - after });
    const last = rows.at(-1);
    if (!last) return -1;
    const batch = rows.map(readRow);
    await this.database.write(async (sql) => {
      for (const { table } of targets) {
        const [at] = await checkpoint(sql, table);
        if (at?.index !== after) return;
      }
      for (const some of targets) {
        await fold(sql, some, batch, this.today());
        await sql('UPDATE checkpoint SET idx = ? WHERE "table" = ?', [last.index, some.table]);
      }
    });
    return last.index;
  }

  async #build(view: Projection<object>, progress: Progress, signal?: AbortSignal): Promise<void> {
    const metadata = this.#metadata(view);
    const shadow = target(this.database.reader, view, true);
    await this.#begin(view, metadata);
    for (;;) {
      const [at] = await checkpoint(this.database.read, shadow.table);
      if (signal?.aborted || !at) return;
      const moved = await this.#advance([shadow], at.index, at.index + REBUILD_BATCH);
      if (moved >= 0) progress(moved + 1);
      else if (await this.#swap(metadata, shadow.table)) return;
    }
  }

  /**
   * Once after a start, replays what is parked, in order: the code may have been mended. False where an event that
   * nobody could read can be read now: what it touches may have moved on without it, so the view is to be built anew.
   */
  async #retry(view: Projection<object>): Promise<boolean> {
    const some = target(this.database.reader, view, false);
    const parked = this.#retried ? [] : await parkedIn(this.database.read, some.table);
    const batch: Read[] = [];
    for (const index of new Set(parked.map(({ idx }) => idx)))
      batch.push(...(await this.journal.read({ after: index - 1, limit: 1 })).map(readRow));
    const waiting = new Set(parked.map(({ idx, key }) => `${idx} ${key}`));
    const isMended = (read: Read) =>
      'entry' in read &&
      waiting.has(`${read.index} ${streamKey(read.entry.stream)}`) &&
      view.keys(read.entry)[0] !== streamKey(read.entry.stream);
    if (batch.some(isMended)) return false;
    if (batch.length > 0)
      await this.database.write(async (sql) => {
        await sql('DELETE FROM parked WHERE "table" = ?', [some.table]);
        await fold(sql, some, batch, this.today(), (index, key) => waiting.has(`${index} ${key}`));
      });
    return true;
  }

  /** Makes the shadow table, unless one of this version is being filled already. */
  #begin(view: Projection<object>, metadata: EntityMetadata): Promise<void> {
    const shadow = shadowOf(metadata.tableName);
    return this.database.write(async (sql, pen) => {
      const [at] = await checkpoint(sql, shadow);
      if (at?.version === view.version) return;
      await createShadow(pen, metadata);
      await forget(sql, shadow);
      await sql('INSERT INTO checkpoint ("table", version, idx) VALUES (?, ?, -1)', [shadow, view.version]);
    });
  }

  /** Puts the shadow in the table's place, if it has everything by now. */
  #swap(metadata: EntityMetadata, shadow: string): Promise<boolean> {
    return this.database.write(async (sql) => {
      const [at] = await checkpoint(sql, shadow);
      const [newest] = await sql<{ idx: number }>('SELECT idx FROM journal ORDER BY idx DESC LIMIT 1');
      if (!at) return true;
      if (at.index !== (newest?.idx ?? -1)) return false;
      await swapShadow(sql, metadata);
      await forget(sql, metadata.tableName);
      for (const kept of ['checkpoint', 'parked'])
        await sql(`UPDATE ${kept} SET "table" = ? WHERE "table" = ?`, [metadata.tableName, shadow]);
      return true;
    });
  }

  /** On a new day, settles the rows whose day has come. */
  async #settle(): Promise<void> {
    const today = this.today();
    if (this.#settledOn === today) return;
    for (const view of this.#views()) if (view.settle) await this.#settleView(view, view.settle, today);
    this.#settledOn = today;
  }

  #settleView(
    view: Projection<object>,
    { row, due }: NonNullable<Projection<object>['settle']>,
    today: LegalDate,
  ): Promise<void> {
    const { table, rows } = target(this.database.reader, view, false);
    const [key] = this.#metadata(view).primaryColumns;
    const name = key?.databaseName ?? '';
    return this.database.write(async (sql) => {
      const found = await sql(`SELECT "${name}" AS k FROM "${table}" WHERE "${due}" <= ?`, [today]);
      const some = await rows.load(
        sql,
        found.map(({ k }) => String(k)),
      );
      await rows.upsert(
        sql,
        [...some.values()].map((old) => row(old, today)),
      );
    });
  }
}
