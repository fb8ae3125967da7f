import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonical, SqliteEventStore, uuidv7 } from '@app/event-store';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aSchema, describeDialects, hasPostgres, type Place } from '../../../test/engines/databases.ts';
import { Database, type Sql } from './database.ts';
import { DatabaseUnavailable, isUnavailable } from './dialect.ts';
import { Journal } from './journal.ts';
import { JournalEntry } from './journal-entry.ts';
import { CreateJournal1764000000000 } from './migrations.ts';

const kinds = { entities: [JournalEntry], migrations: [CreateJournal1764000000000] };

describe('the other database', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('says what to do when the disk is full, keeps what it had, and goes on once there is room', async () => {
    const store = new SqliteEventStore(join(dir, 'events.db'));
    const database = await Database.open(join(dir, 'jejak.db'), kinds);
    const journal = new Journal(database, store);
    const limit = (pages: number) => database.write((sql) => sql(`PRAGMA max_page_count = ${pages}`));
    for (let n = 0; n < 30; n++)
      await store.append(`unit-${n}`, 'no-stream', [
        {
          id: uuidv7(),
          type: 'X',
          data: canonical({ n: 'x'.repeat(9_000) }),
          metadata: canonical({ actor: 'a' }),
        },
      ]);
    await limit(20);
    await expect(journal.fill()).rejects.toThrow(DatabaseUnavailable);
    expect(await journal.size()).toBe(0);
    await limit(100_000);
    expect(await journal.fill()).toBe(30);
    await database.close();
    await store.close();
  });

  it('has on the device what nothing can derive again, and takes less trouble with the rest', async () => {
    const database = await Database.open(join(dir, 'jejak.db'), kinds);
    const levels: unknown[] = [];
    const look = async (sql: Sql) => {
      levels.push((await sql<{ synchronous: number }>('PRAGMA synchronous'))[0]?.synchronous);
    };
    const failing = async (sql: Sql) => {
      await look(sql);
      throw new Error('it is not to be');
    };
    await database.write(look, { durable: true });
    await database.write(look);
    await expect(database.write(failing, { durable: true })).rejects.toThrow('it is not to be');
    await database.write(look);
    // 2: every commit is flushed; 1: a commit may be lost when the power goes, and nothing else.
    expect(levels).toEqual([2, 1, 2, 1]);
    await database.close();
  });

  it('refuses a file that is no database, and a place that is no directory', async () => {
    writeFileSync(join(dir, 'jejak.db'), 'this is a letter, and a long one at that: '.repeat(100));
    await expect(Database.open(join(dir, 'jejak.db'), kinds)).rejects.toThrow(DatabaseUnavailable);
    await expect(Database.open(join(dir, 'jejak.db', 'x.db'), kinds)).rejects.toThrow(DatabaseUnavailable);
  });
});

describeDialects('the other database', (aPlace) => {
  let place: Place;
  let database: Database;
  beforeEach(async () => {
    place = await aPlace();
    database = await Database.open(place.where, kinds);
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });

  const insert = `INSERT INTO journal VALUES (0, 'i', 's', 0, 't', 'a', 'r', 9007199254740991, 'l', 'h')`;
  const count = async () => (await database.read<{ n: number }>('SELECT COUNT(*) AS n FROM journal'))[0]?.n;

  it('leaves a transaction that fails without a trace, and takes the next', async () => {
    const failing = database.write(async (sql) => {
      await sql(insert);
      throw new Error('half way');
    });
    const next = database.write((sql) => sql(insert));
    await expect(failing).rejects.toThrow('half way');
    await next;
    expect(await count()).toBe(1);
  });

  it('gives whole numbers as numbers, to the last digit', async () => {
    await database.write((sql) => sql(insert));
    expect(await database.read('SELECT position, COUNT(*) AS n FROM journal GROUP BY position')).toEqual([
      { position: Number.MAX_SAFE_INTEGER, n: 1 },
    ]);
  });

  it('shows nobody a transaction before it is committed', async () => {
    await database.write(async (sql) => {
      await sql(insert);
      expect(await count()).toBe(0);
    });
    expect(await count()).toBe(1);
  });

  it('lets one process write at a time, so that nothing is written on what was read before another wrote', async () => {
    // In one process, a second connection to a file would wait for the first without letting it go on.
    const other = place.where.startsWith('postgres') ? await Database.open(place.where, kinds) : database;
    await database.write((sql) => sql(insert));
    const add = (one: Database) =>
      one.write(async (sql) => {
        const [row] = await sql<{ revision: number }>('SELECT revision FROM journal WHERE idx = 0');
        await sql('UPDATE journal SET revision = ? WHERE idx = 0', [(row?.revision ?? 0) + 1]);
      });
    await Promise.all(Array.from({ length: 20 }, (_, n) => add(n % 2 === 0 ? database : other)));
    expect(await database.read('SELECT revision FROM journal')).toEqual([{ revision: 20 }]);
    if (other !== database) await other.close();
  });

  it('is made once where several processes open it for the first time at the same time', async () => {
    const fresh = await aPlace();
    const all = await Promise.all([1, 2, 3].map(() => Database.open(fresh.where, kinds)));
    for (const one of all) expect(await one.read('SELECT idx FROM journal')).toEqual([]);
    for (const one of all) await one.close();
    await fresh.remove();
  });
});

(hasPostgres ? describe : describe.skip)('the other database, when the server cuts its connections', () => {
  let place: Place;
  let database: Database;
  beforeEach(async () => {
    place = await aSchema();
    database = await Database.open(place.where, kinds);
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });
  const insert = `INSERT INTO journal VALUES (0, 'i', 's', 0, 't', 'a', 'r', 1, 'l', 'h')`;
  const count = async () => (await database.read<{ n: number }>('SELECT COUNT(*) AS n FROM journal'))[0]?.n;
  /** Cuts the connection that this statement runs on. */
  const cut = 'SELECT pg_terminate_backend(pg_backend_pid())';

  it('writes all of a transaction or nothing, says what happened, and takes the next', async () => {
    const half = database.write(async (sql) => {
      await sql(insert);
      await sql(cut);
    });
    await expect(half).rejects.toThrow(DatabaseUnavailable);
    await expect(half).rejects.toThrow(/127\.0\.0\.1.*\(57P01\)/);
    expect(await count()).toBe(0);
    await database.write((sql) => sql(insert));
    expect(await count()).toBe(1);
  });

  it('reads again after it', async () => {
    const asked = database.reader.query(cut).catch((cause: unknown) => cause);
    expect(isUnavailable(await asked)).toBe(true);
    expect(isUnavailable(new Error('a mistake of ours'))).toBe(false);
    expect(await count()).toBe(0);
  });

  it('lets the next write where one stood still in a transaction', async () => {
    const other = await Database.open(place.where, kinds);
    let [begun, stood] = [() => {}, () => {}];
    const beginning = new Promise<void>((settle) => {
      begun = settle;
    });
    const standing = new Promise<void>((settle) => {
      stood = settle;
    });
    const still = other.write(async (sql) => {
      await sql("SET LOCAL idle_in_transaction_session_timeout = '200ms'");
      await sql(insert);
      begun();
      await standing;
      await sql(insert);
    });
    await beginning;
    await database.write((sql) => sql(insert));
    stood();
    await expect(still).rejects.toThrow(DatabaseUnavailable);
    expect(await count()).toBe(1);
    await other.close();
  });
});

it('says of a server that is not there where it looked, and no password', async () => {
  const open = Database.open('postgres://jejak:secret@127.0.0.1:1/jejak', kinds);
  await expect(open).rejects.toThrow(DatabaseUnavailable);
  await expect(open).rejects.toThrow(/127\.0\.0\.1:1\/jejak: no server listens there/);
  await expect(open).rejects.not.toThrow(/secret/);
});
