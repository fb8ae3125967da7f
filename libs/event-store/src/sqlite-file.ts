import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { codeOf } from './code-of.ts';
import { StoreUnavailable } from './event-store.ts';

/** How long SQLite waits for another process, in ms: to open the file, and later, when the event loop stands still. */
const OPENING_MS = 5_000;
const BUSY_MS = 50;

const SCHEMA_VERSION = 1;
/** `Jejk`: tells the log from any other SQLite file. */
const APPLICATION_ID = 0x4a_65_6a_6b;

/** The id is a blob and the stream a number, because the length of the indexed keys decides the speed. */
const SCHEMA = `
  create table if not exists stream (
    key integer primary key,
    name text not null unique
  ) strict;
  create table if not exists event (
    position integer primary key autoincrement,
    stream integer not null references stream,
    revision integer not null,
    id blob not null,
    type text not null,
    recorded_at integer not null,
    data text not null,
    metadata text not null,
    unique (stream, revision),
    unique (stream, id)
  ) strict;
  create trigger if not exists event_is_never_changed before update on event
    begin select raise(abort, 'an event is never changed'); end;
  create trigger if not exists event_is_never_removed before delete on event
    begin select raise(abort, 'an event is never removed'); end;
  pragma application_id = ${APPLICATION_ID};
  pragma user_version = ${SCHEMA_VERSION};
`;

/** A connection that writes; makes the log where the file is new. Throws `StoreUnavailable`. */
export function openToWrite(file: string): Database.Database {
  return open(file, { timeout: OPENING_MS }, (db) => {
    const isNew = isEmpty(db, file);
    if (isNew) db.pragma('page_size = 8192');
    writeAhead(db, OPENING_MS);
    // FULL: a commit is on the device before anybody is told of it.
    db.pragma('synchronous = full');
    db.pragma('wal_autocheckpoint = 20000');
    // Tried on a log that exists too: a file that may only be read says so here, not at the first append.
    db.exec(`begin immediate; ${SCHEMA} ${isNew ? 'commit' : 'rollback'}`);
  });
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Lets a database keep a write-ahead log. SQLite does not wait here for another process that makes the same file,
 * whatever the timeout (its way from reading to writing could be a deadlock): asked again for `patience` ms.
 */
export function writeAhead(db: { pragma(text: string): unknown }, patience: number): void {
  for (const until = Date.now() + patience; ; Atomics.wait(sleeper, 0, 0, 5))
    try {
      db.pragma('journal_mode = wal');
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() >= until) throw error;
    }
}

/** A connection that only reads a log that exists. Throws `StoreUnavailable`. */
export function openToRead(file: string): Database.Database {
  return open(file, { timeout: OPENING_MS, readonly: true }, (db) => {
    if (isEmpty(db, file))
      throw new StoreUnavailable(`The log ${file} has gone: the file is empty; restore the last backup`);
  });
}

function open(
  file: string,
  options: Database.Options,
  prepare: (db: Database.Database) => void,
): Database.Database {
  if (!existsSync(dirname(file)))
    throw new StoreUnavailable(
      `The log ${file} cannot be opened: the directory ${dirname(file)} does not exist; make it`,
    );
  let db: Database.Database | undefined;
  try {
    db = new Database(file, options);
    prepare(db);
    db.pragma(`busy_timeout = ${BUSY_MS}`);
    return db;
  } catch (error) {
    db?.close();
    throw unavailable(error, file);
  }
}

/** Whether the file is still empty. Throws where it holds something other than a log this program reads. */
function isEmpty(db: Database.Database, file: string): boolean {
  const { application, version, tables } = contents(db);
  if (application === APPLICATION_ID && version > SCHEMA_VERSION)
    throw new StoreUnavailable(
      `The log ${file} has schema version ${version}, this program knows ${SCHEMA_VERSION}; run the newer program`,
    );
  if (application !== APPLICATION_ID && tables > 0)
    throw new StoreUnavailable(`${file} is a database of something else, not a log; name another file`);
  return application !== APPLICATION_ID;
}

/** Read in one transaction: another process may be making the log just now. */
function contents(db: Database.Database): { application: number; version: number; tables: number } {
  const read = db.transaction(() => ({
    tables: db.prepare('select count(*) from sqlite_schema').pluck().get() as number,
    application: db.pragma('application_id', { simple: true }) as number,
    version: db.pragma('user_version', { simple: true }) as number,
  }));
  return read();
}

export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));

/** What happened and what to do, by the beginning of SQLite's code. */
const FAULTS: readonly (readonly [code: string, words: string])[] = [
  ['SQLITE_FULL', 'the disk is full; free some space and ask again'],
  [
    'SQLITE_READONLY',
    'it may not be written; check owner and rights of the file, of its -wal and -shm beside it and of the directory, and that the disk is not mounted read-only',
  ],
  [
    'SQLITE_CANTOPEN',
    'it cannot be opened; check that it is a file, and that it and its directory may be read and written',
  ],
  ['SQLITE_BUSY', 'another process keeps it locked; end that process or wait, and ask again'],
  [
    'SQLITE_IOERR',
    'the disk refused to read or write; check its health, its free space and limits on file size, and ask again',
  ],
  ['SQLITE_CORRUPT', 'the file is damaged; stop, keep it as it is, and restore the last backup beside it'],
  ['SQLITE_NOTADB', 'it is not a SQLite database; name another file'],
];

/** What happened and what to do, where the file or the disk is at fault; undefined: it is something else. */
export function sqliteFault(error: unknown): string | undefined {
  const code = codeOf(error);
  return FAULTS.find(([start]) => code.startsWith(start))?.[1];
}

/** The port's error for an error of SQLite: which file, what happened, what to do. Any other error is given back. */
export function unavailable(error: unknown, file: string): unknown {
  const code = codeOf(error);
  if (!code.startsWith('SQLITE_')) return error;
  const words = sqliteFault(error) ?? (error as Error).message;
  return new StoreUnavailable(`The log ${file} is not available: ${words} (${code})`, { cause: error });
}
