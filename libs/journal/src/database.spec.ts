import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonical, SqliteEventStore, uuidv7 } from '@app/event-store';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database, DatabaseUnavailable } from './database.ts';
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

  it('leaves a transaction that fails without a trace, and takes the next', async () => {
    const database = await Database.open(join(dir, 'jejak.db'), kinds);
    const count = async () => (await database.read<{ n: number }>('SELECT COUNT(*) AS n FROM journal'))[0]?.n;
    const insert = `INSERT INTO journal VALUES (0, 'i', 's', 0, 't', 'a', 'r', 1, 'l', x'00')`;
    const failing = database.write(async (sql) => {
      await sql(insert);
      throw new Error('half way');
    });
    const next = database.write((sql) => sql(insert));
    await expect(failing).rejects.toThrow('half way');
    await next;
    expect(await count()).toBe(1);
    await database.close();
  });

  it('refuses a file that is no database, and a place that is no directory', async () => {
    writeFileSync(join(dir, 'jejak.db'), 'this is a letter, and a long one at that: '.repeat(100));
    await expect(Database.open(join(dir, 'jejak.db'), kinds)).rejects.toThrow(DatabaseUnavailable);
    await expect(Database.open(join(dir, 'jejak.db', 'x.db'), kinds)).rejects.toThrow(DatabaseUnavailable);
  });
});
