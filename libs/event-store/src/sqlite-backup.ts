import { closeSync, fsyncSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StoreUnavailable } from './event-store.ts';
import { openToRead, unavailable } from './sqlite-file.ts';

/** The log and the database that follows it, each a file. */
export type Pair = { readonly log: string; readonly database: string };

/** What the copies have; `at`: when it was so (UTC); `journal`: how many entries the database has. */
export type CopiedPair = {
  readonly at: string;
  readonly events: number;
  readonly lastPosition: number;
  readonly journal: number;
};

/** Queries of the database: the last position it has followed the log to, and how many entries it has. */
export type Following = { readonly position: string; readonly entries: string };

/** How often both are pinned anew where the database was a moment ahead; and pages copied before others have a turn. */
const TRIES = 100;
const PAGES = 500;

/**
 * Copies both files while others write to them. Each is pinned at one commit: the log first, so that what is written
 * before its event (a person) is in the copy of the database wherever the event is in that of the log; and never with a
 * database that is ahead of the log. The copies are on the device then. Throws `StoreUnavailable`.
 */
export async function backupSqlite(from: Pair, to: Pair, follows: Following): Promise<CopiedPair> {
  const log = openToRead(from.log);
  let database: Database.Database | undefined;
  try {
    database = new Database(from.database, { readonly: true, fileMustExist: true });
    const copied = pin(log, database, follows);
    await copy(log, to.log);
    await copy(database, to.database);
    return copied;
  } catch (error) {
    throw unavailable(error, `${from.log} or ${from.database}`);
  } finally {
    database?.close();
    log.close();
  }
}

function pin(
  log: Database.Database,
  database: Database.Database,
  { position, entries }: Following,
): CopiedPair {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    log.exec('begin');
    const lastPosition = log.prepare('select max(position) from event').pluck().get() as number | null;
    database.exec('begin');
    const followed = database.prepare(position).pluck().get() as number | null | undefined;
    if ((followed ?? 0) <= (lastPosition ?? 0)) {
      const events = log.prepare('select count(*) from event').pluck().get() as number;
      const journal = database.prepare(entries).pluck().get() as number;
      return { at: new Date().toISOString(), events, lastPosition: lastPosition ?? 0, journal };
    }
    database.exec('commit');
    log.exec('commit');
  }
  throw new StoreUnavailable(
    `The database is ahead of the log ${log.name}: they do not belong together; rebuild the journal`,
  );
}

async function copy(db: Database.Database, file: string): Promise<void> {
  await db.backup(file, { progress: () => PAGES });
  toDevice(file);
}

/** Whatever was written to the file (or is new in the directory) is on the device then. */
export function toDevice(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What is wrong with a SQLite file; undefined: it is whole. */
export function faultOf(file: string): string | undefined {
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true });
    try {
      const said = db.pragma('quick_check(1)', { simple: true }) as string;
      return said === 'ok' ? undefined : said;
    } finally {
      db.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
