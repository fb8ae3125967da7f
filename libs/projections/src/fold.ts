import type { LegalDate } from '@app/domain/calendar';
import { subjectOf } from '@app/domain/civil-servant';
import {
  type Bulk,
  bulk,
  DatabaseUnavailable,
  type Entry,
  entryOf,
  type JournalRow,
  type Sql,
  shadowOf,
} from '@app/journal';
import type { DataSource } from 'typeorm';
import { Parked } from './checkpoint.ts';
import type { Projection } from './projection.ts';

/** One table being kept by one projection: the one in use, or its shadow. */
export type Target = {
  readonly view: Projection<object>;
  readonly table: string;
  readonly rows: Bulk<object>;
  readonly parked: Bulk<Parked>;
};

export function target(source: DataSource, view: Projection<object>, shadow: boolean): Target {
  const { tableName } = source.getMetadata(view.entity);
  const table = shadow ? shadowOf(tableName) : tableName;
  return { view, table, rows: bulk(source, view.entity, table), parked: bulk(source, Parked) };
}

/** A journal row and what it means; `fault` where nobody here knows its shape. */
export type Read =
  | { readonly index: number; readonly entry: Entry }
  | { readonly index: number; readonly fault: string; readonly stream: string };

export function readRow(row: JournalRow): Read {
  try {
    return { index: row.index, entry: entryOf(row) };
  } catch (cause) {
    const { stream } = JSON.parse(row.leaf) as { stream: string };
    return { index: row.index, fault: messageOf(cause), stream };
  }
}

type Touch = { readonly read: Read; readonly key: string };

/**
 * Folds a batch into a table: loads the touched rows, folds in memory, writes the changed ones. What a row cannot take
 * is parked with its cause, and what comes later for the same row waits behind it; all other rows go on. `only`: of the
 * rows the batch touches, just these.
 */
export async function fold(
  sql: Sql,
  { view, table, rows, parked }: Target,
  batch: readonly Read[],
  today: LegalDate,
  only: (index: number, key: string) => boolean = () => true,
): Promise<void> {
  const touches = batch
    .flatMap((read) => keysOf(view, read).map((key) => ({ read, key })))
    .filter(({ read, key }) => only(read.index, key));
  if (touches.length === 0) return;
  const state = await rows.load(sql, [...new Set(touches.map(({ key }) => key))]);
  const stuck = await parkedKeys(sql, table);
  const changed = new Map<string, object>();
  const park: Parked[] = [];
  for (const { read, key } of touches) {
    const cause = stuck.has(key) ? '' : step(view, state, changed, read, key);
    if (cause === undefined) continue;
    stuck.add(key);
    park.push({ table, key, index: read.index, cause });
  }
  const settle = view.settle?.row ?? ((row: object) => row);
  const settled = new Map([...changed].map(([key, row]) => [key, settle(row, today)]));
  for (const [key, cause] of await write(sql, rows, settled))
    park.push(...parkAll(table, touches, key, cause));
  await parked.upsert(sql, park);
}

/** One event on one row; gives the cause where the row cannot take it. */
function step(
  view: Projection<object>,
  state: ReadonlyMap<string, object>,
  changed: Map<string, object>,
  read: Read,
  key: string,
): string | undefined {
  if ('fault' in read) return read.fault;
  try {
    const row = view.evolve(changed.get(key) ?? state.get(key), read.entry, key);
    if (row) changed.set(key, row);
    return undefined;
  } catch (cause) {
    return messageOf(cause);
  }
}

/** Writes all rows at once, or, where the table takes not all of them, one by one; gives those it did not take. */
async function write(
  sql: Sql,
  rows: Bulk<object>,
  changed: ReadonlyMap<string, object>,
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  if ((await attempt(sql, () => rows.upsert(sql, [...changed.values()]))) === undefined) return refused;
  for (const [key, row] of changed) {
    const cause = await attempt(sql, () => rows.upsert(sql, [row]));
    if (cause !== undefined) refused.set(key, cause);
  }
  return refused;
}

/** Runs `work` as a whole or not at all; gives why it could not be. A fault of the disk is no row's, and is thrown. */
async function attempt(sql: Sql, work: () => Promise<void>): Promise<string | undefined> {
  await sql('SAVEPOINT attempt');
  try {
    await work();
    await sql('RELEASE SAVEPOINT attempt');
    return undefined;
  } catch (cause) {
    if (cause instanceof DatabaseUnavailable) throw cause;
    await sql('ROLLBACK TO SAVEPOINT attempt');
    await sql('RELEASE SAVEPOINT attempt');
    return messageOf(cause);
  }
}

const parkAll = (table: string, touches: readonly Touch[], key: string, cause: string): Parked[] =>
  touches
    .filter((touch) => touch.key === key)
    .map(({ read }, n) => ({ table, key, index: read.index, cause: n === 0 ? cause : '' }));

/** The rows an event touches; of an event that cannot be read, everything of its stream. */
function keysOf(view: Projection<object>, read: Read): readonly string[] {
  if ('fault' in read) return [streamKey(read.stream)];
  if (!(view.types as readonly string[]).includes(read.entry.type)) return [];
  try {
    return view.keys(read.entry);
  } catch {
    return [streamKey(read.entry.stream)];
  }
}

export const streamKey = (stream: string): string => subjectOf(stream) ?? stream;

async function parkedKeys(sql: Sql, table: string): Promise<Set<string>> {
  const rows = await sql<{ key: string }>('SELECT DISTINCT key FROM parked WHERE "table" = ?', [table]);
  return new Set(rows.map(({ key }) => key));
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
