import type { LegalDate } from '@app/domain/calendar';
import { STORED_TYPES } from '@app/event-store';
import { createShadow, type Database, type Journal, type Progress, shadowOf, swapShadow } from '@app/journal';
import type { EntityMetadata } from 'typeorm';
import { checkpoint, forget, indexOf, type Parked, parkedIn } from './checkpoint.ts';
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
const REBUILD_BATCH = 5_000;

/**
 * Keeps the tables of all views at the journal. A batch of entries, the rows they change and the checkpoints move in
 * one transaction, so each effect is there exactly once, whenever the process is killed. One runner works at a time;
 * another finds the work done.
 */
export class Views {
  #retried = false;

  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
    private readonly projections: readonly Projection<never>[],
    private readonly today: () => LegalDate,
  ) {}

  /** Brings every view to the journal's size; builds those that are new or changed. Gives the size reached. */
  async catchUp(progress: Progress = () => undefined, signal?: AbortSignal): Promise<number> {
    const toBuild: Projection<object>[] = [];
    for (const view of this.#views()) {
      const usable = (await this.#inUse(view)) && (await this.#retry(view));
      if (!usable) toBuild.push(view);
    }
    await this.#build(toBuild, progress, signal);
    this.#retried = true;
    return this.#follow(this.#targets(this.#views(), false), BATCH, progress, signal);
  }

  /**
   * Fills views anew beside those in use, all in one pass over the journal, and lets them take their place, each in one
   * transaction. Stopped or killed, it goes on where it was when it is called again.
   */
  async rebuild(
    names: readonly string[],
    progress: Progress = () => undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    const views = this.#views().filter(({ name }) => names.includes(name));
    if (views.length < names.length) throw new Error(`no such view among ${names.join(', ')}`);
    await this.#build(views, progress, signal);
  }

  get names(): string[] {
    return this.#views().map(({ name }) => name);
  }

  /** Whether every view is there in the shape this code reads. */
  async ready(): Promise<boolean> {
    const there = await Promise.all(this.#views().map((view) => this.#inUse(view)));
    return there.every(Boolean);
  }

  /** The last journal index that every view has; -1: none. */
  async reached(): Promise<number> {
    const tables = this.#views().map((view) => this.#metadata(view).tableName);
    const marks = tables.map(() => '?').join(', ');
    const [at] = await this.database.read<{ least: number | null; n: number }>(
      `SELECT MIN(idx) AS least, COUNT(*) AS n FROM checkpoint WHERE "table" IN (${marks})`,
      tables,
    );
    return at?.n === tables.length ? (at.least ?? -1) : -1;
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
    const view = this.#views().find((some) => some.name === name);
    if (!view || keys.length === 0) return new Map();
    const marks = keys.map(() => '?').join(', ');
    const rows = await this.database.read<{ key: string; idx: number }>(
      `SELECT "key", MIN(idx) AS idx FROM parked WHERE "table" = ? AND "key" IN (${marks}) GROUP BY "key"`,
      [this.#metadata(view).tableName, ...keys],
    );
    return new Map(rows.map(({ key, idx }) => [key, idx]));
  }

  #views(): readonly Projection<object>[] {
    return this.projections as unknown as readonly Projection<object>[];
  }

  #metadata(view: Projection<object>): EntityMetadata {
    return this.database.reader.getMetadata(view.entity);
  }

  #targets(views: readonly Projection<object>[], shadow: boolean): Target[] {
    return views.map((view) => target(this.database.reader, view, shadow));
  }

  async #inUse(view: Projection<object>): Promise<boolean> {
    const [at] = await checkpoint(this.database.read, this.#metadata(view).tableName);
    return at?.version === view.version;
  }

  /** Moves tables on until they have the whole journal, those that are furthest behind first; gives the size reached. */
  async #follow(
    targets: readonly Target[],
    batch: number,
    progress: Progress,
    signal?: AbortSignal,
  ): Promise<number> {
    for (;;) {
      const size = await this.journal.size();
      const at = await Promise.all(targets.map(({ table }) => indexOf(this.database.read, table)));
      const least = Math.min(...at, size - 1);
      const next = Math.min(...at.filter((index) => index > least), size - 1);
      if (signal?.aborted || least >= size - 1) return least + 1;
      const upTo = Math.min(next, least + batch);
      await this.#advance(
        targets.filter((_, n) => at[n] === least),
        least,
        upTo,
      );
      progress(upTo + 1);
    }
  }

  /**
   * Folds the entries after an index, up to another, into tables that all stand at the first. Where another runner moved
   * one of them meanwhile, nothing is done.
   */
  async #advance(targets: readonly Target[], after: number, upTo: number): Promise<void> {
    const wanted = new Set<string>(targets.flatMap(({ view }) => view.types));
    const except = STORED_TYPES.filter((type) => !wanted.has(type));
    const batch = (await this.journal.read({ after, upTo, except, limit: upTo - after })).map(readRow);
    await this.database.write(async (sql) => {
      for (const { table } of targets) if ((await indexOf(sql, table)) !== after) return;
      for (const some of targets) {
        await fold(sql, some, batch, this.today());
        await sql('UPDATE checkpoint SET idx = ? WHERE "table" = ?', [upTo, some.table]);
      }
    });
  }

  async #build(
    views: readonly Projection<object>[],
    progress: Progress,
    signal?: AbortSignal,
  ): Promise<void> {
    for (const view of views) await this.#begin(view, this.#metadata(view));
    for (let left = views; left.length > 0 && !signal?.aborted; ) {
      await this.#follow(this.#targets(left, true), REBUILD_BATCH, progress, signal);
      const unfinished: Projection<object>[] = [];
      for (const view of left)
        if (signal?.aborted || !(await this.#swap(this.#metadata(view)))) unfinished.push(view);
      left = unfinished;
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
  #swap(metadata: EntityMetadata): Promise<boolean> {
    const shadow = shadowOf(metadata.tableName);
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

  /** Settles the rows whose day has come: to be called on every new day. Gives how many there were. */
  async passDay(): Promise<number> {
    const today = this.today();
    let settled = 0;
    for (const view of this.#views())
      if (view.settle && (await this.#inUse(view)))
        settled += await this.#settleView(view, view.settle, today);
    return settled;
  }

  #settleView(
    view: Projection<object>,
    { row, due }: NonNullable<Projection<object>['settle']>,
    today: LegalDate,
  ): Promise<number> {
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
      return some.size;
    });
  }
}
