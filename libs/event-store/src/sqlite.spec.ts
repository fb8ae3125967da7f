import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { anEvent, everything, logOf, STREAM } from './contract-log.ts';
import { describeEventStore } from './event-store.contract.ts';
import { NotStorable, StoreUnavailable } from './event-store.ts';
import { SqliteEventStore } from './sqlite.ts';
import { openToWrite } from './sqlite-file.ts';

/** A thread that keeps the file for itself for a quarter of a second from the moment this settles, as another process would. */
async function writeInto(file: string): Promise<Worker> {
  const code = `
    const db = new (require('better-sqlite3'))(${JSON.stringify(file)});
    db.exec('begin immediate');
    require('node:worker_threads').parentPort.postMessage('writing');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
    db.close();`;
  const writer = new Worker(code, { eval: true });
  await once(writer, 'message');
  return writer;
}

const newDirectory = () => mkdtempSync(join(tmpdir(), 'jejak-log-'));

describeEventStore('SQLite', () => {
  const directory = newDirectory();
  return logOf(
    () => new SqliteEventStore(join(directory, 'events.db')),
    async () => rmSync(directory, { recursive: true }),
  );
});

describe('the SQLite file of the log', () => {
  let directory: string;
  let file: string;
  const opened: SqliteEventStore[] = [];
  const open = () => {
    const store = new SqliteEventStore(file);
    opened.push(store);
    return store;
  };
  beforeEach(() => {
    directory = newDirectory();
    file = join(directory, 'events.db');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    rmSync(directory, { recursive: true });
  });

  it('is one whole file once it is closed, so that it can be copied as it is', async () => {
    const store = open();
    await store.append(STREAM, 'no-stream', [anEvent()]);
    await store.readAll(undefined, 1);
    await store.close();
    expect(readdirSync(directory)).toEqual(['events.db']);
  });

  it('is made as soon as another process that writes the new file has done', async () => {
    const writer = await writeInto(file);
    expect(open).not.toThrow();
    await writer.terminate();
  });

  describe('when it cannot be opened', () => {
    it('says so where the directory does not exist', () => {
      file = join(directory, 'nowhere', 'events.db');
      expect(open).toThrow(StoreUnavailable);
      expect(open).toThrow(/nowhere does not exist/);
    });

    it('says so where a directory has its name', () => {
      mkdirSync(file);
      expect(open).toThrow(StoreUnavailable);
      expect(open).toThrow(/cannot be opened/);
    });

    it('says so where it is not a database, and leaves it as it is', () => {
      writeFileSync(file, 'NIP;NAMA;JABATAN\n'.repeat(500));
      expect(open).toThrow(StoreUnavailable);
      expect(open).toThrow(/not a SQLite database/);
      expect(statSync(file).size).toBe(8_500);
    });

    it('says so where it is a database of something else, and leaves it as it is', () => {
      const other = new Database(file);
      other.exec('create table person (nip text)');
      expect(open).toThrow(/something else, not a log/);
      expect(other.pragma('journal_mode', { simple: true })).toBe('delete');
      other.close();
    });

    it('says so where a newer version of the program made it', async () => {
      await open().close();
      const newer = new Database(file);
      newer.pragma('user_version = 99');
      newer.close();
      expect(open).toThrow(/schema version 99/);
    });
  });

  describe('when it may not be written', () => {
    it('says so where there is no log yet and the directory may only be read', () => {
      chmodSync(directory, 0o555);
      expect(() => asNobody(open)).toThrow(StoreUnavailable);
      expect(() => asNobody(open)).toThrow(/cannot be opened/);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('says so where there is a log, and opens it once it may be written', async () => {
      const event = anEvent();
      await open().append(STREAM, 'no-stream', [event]);
      await opened[0]?.close();
      chmodSync(directory, 0o777);
      chmodSync(file, 0o444);
      expect(() => asNobody(open)).toThrow(StoreUnavailable);
      expect(() => asNobody(open)).toThrow(/may not be written/);
      for (const each of readdirSync(directory)) chmodSync(join(directory, each), 0o666);
      const store = asNobody(open);
      expect(await store.append(STREAM, 0, [anEvent()])).toEqual({ revision: 1 });
      expect((await store.read(STREAM))[0]?.id).toBe(event.id);
    });
  });

  describe('when other processes have it open', () => {
    it('waits while another writes, and appends when it has done', async () => {
      const store = open();
      const other = new Database(file);
      other.exec('begin immediate');
      const append = store.append(STREAM, 'no-stream', [anEvent()]);
      for (let n = 0; n < 3; n++) await new Promise((resolve) => setImmediate(resolve));
      expect(await store.read(STREAM)).toEqual([]);
      other.exec('rollback');
      other.close();
      expect(await append).toEqual({ revision: 0 });
    });

    it('says so where another never ends its writing, and works once it has', async () => {
      const store = open();
      const other = new Database(file);
      other.exec('begin immediate');
      const event = anEvent();
      const answer = await store.append(STREAM, 'no-stream', [event]).catch((error: unknown) => error);
      expect(answer).toBeInstanceOf(StoreUnavailable);
      expect(`${answer}`).toMatch(/another process keeps it locked/);
      other.close();
      expect(await store.append(STREAM, 'no-stream', [event])).toEqual({ revision: 0 });
    });

    it('gives no earlier time than theirs, even where their clock is ahead', async () => {
      const store = open();
      await store.append(STREAM, 'no-stream', [anEvent()]);
      const ahead = new Database(file);
      ahead
        .prepare(
          "insert into event (stream, revision, id, type, recorded_at, data, metadata) values (1, 1, ?, 'Placed', ?, '{}', '{}')",
        )
        .run(Buffer.alloc(16), Date.UTC(2999, 0, 1));
      ahead.close();
      await store.append(STREAM, 1, [anEvent()]);
      expect((await everything(store)).at(-1)?.recordedAt).toBe('2999-01-01T00:00:00.000Z');
    });
  });

  it('keeps what it acknowledged from being changed or removed by hand', async () => {
    await open().append(STREAM, 'no-stream', [anEvent()]);
    const hand = new Database(file);
    expect(() => hand.exec("update event set data = '{}'")).toThrow('an event is never changed');
    expect(() => hand.exec('delete from event')).toThrow('an event is never removed');
    hand.close();
  });

  it('has a commit on the device before it is acknowledged', () => {
    const FULL = 2;
    const db = openToWrite(file);
    expect(db.pragma('synchronous', { simple: true })).toBe(FULL);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('page_size', { simple: true })).toBe(8_192);
    db.close();
  });

  it('refuses an append that holds the same id twice', async () => {
    const [event, store] = [anEvent(), open()];
    await expect(store.append(STREAM, 'no-stream', [event, event])).rejects.toThrow(NotStorable);
    expect(await everything(store)).toEqual([]);
  });

  it('answers what it was asked before it was closed, and nothing after', async () => {
    const store = open();
    const answers: unknown[] = [];
    const asked = store.append(STREAM, 'no-stream', [anEvent()]).then((answer) => answers.push(answer));
    await store.close();
    expect(answers).toEqual([{ revision: 0 }]);
    await asked;
    await expect(store.append(STREAM, 0, [anEvent()])).rejects.toThrow(StoreUnavailable);
    await expect(store.read(STREAM)).rejects.toThrow(/was closed/);
  });
});

/** Does something as a user that rights bind, which they do not for root. */
function asNobody<T>(work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
