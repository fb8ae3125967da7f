import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonical, SqliteEventStore, uuidv7 } from '@app/event-store';
import {
  CreateJournal1764000000000,
  Database,
  DatabaseUnavailable,
  type Entry,
  Journal,
  JournalEntry,
} from '@app/journal';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { describeDialects, type Place } from '../../../test/engines/databases.ts';
import { Checkpoint, CreateCheckpoints1764000000001, Parked } from './checkpoint.ts';
import type { Projection } from './projection.ts';
import { Views } from './run.ts';

@Entity('tally')
class Tally {
  @PrimaryColumn('text')
  key: string;

  @Column('integer')
  count: number;

  @Column('text')
  last: string;
}

/** Counts the placements of each stream; `evolve` and `version` are what a test makes of them. */
const tally = (evolve: Projection<Tally>['evolve'], version = 1): Projection<Tally> => ({
  name: 'tally',
  version,
  entity: Tally,
  types: ['Placed', 'UnitRecorded'],
  keys: ({ stream }) => [stream],
  evolve,
});
const count: Projection<Tally>['evolve'] = (row, entry, key) => ({
  key,
  count: (row?.count ?? 0) + 1,
  last: unitOf(entry),
});
const unitOf = (entry: Entry): string => (entry.type === 'Placed' ? entry.data.unit : '');
/** Cannot take a placement in the unit `poison`. */
const choking: Projection<Tally>['evolve'] = (row, entry, key) => {
  if (unitOf(entry) === 'poison') throw new Error('cannot take poison');
  return count(row, entry, key);
};

describeDialects('the runner of the views', (aPlace) => {
  let place: Place;
  let dir: string;
  let store: SqliteEventStore;
  let database: Database;
  let journal: Journal;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-'));
    store = new SqliteEventStore(join(dir, 'events.db'));
    place = await aPlace();
    database = await Database.open(place.where, {
      entities: [JournalEntry, Checkpoint, Parked, Tally],
      migrations: [CreateJournal1764000000000, CreateCheckpoints1764000000001],
    });
    journal = new Journal(database, store);
  });
  afterEach(async () => {
    await database.close();
    await store.close();
    await place.remove();
    rmSync(dir, { recursive: true });
  });

  const views = (view: Projection<Tally>) =>
    new Views(database, journal, [view] as unknown as readonly Projection<never>[], () => '2026-03-01');

  async function placed(stream: string, ...units: string[]): Promise<void> {
    const from = (await store.read(stream)).length;
    const events = units.map((unit) => ({
      id: uuidv7(),
      type: unit === 'newer' ? 'Placed.v9' : 'Placed',
      data: canonical({ unit, tmt: '2024-01-01' }),
      metadata: canonical({ actor: 'a', role: 'r', commandId: 'c', correlationId: 'c' }),
    }));
    await store.append(stream, from === 0 ? 'no-stream' : from - 1, events);
    await journal.fill();
  }
  const rows = () =>
    database.read<{ key: string; count: number }>('SELECT "key", "count" FROM tally ORDER BY "key"');

  it('parks a poison event and what follows in its row, says so, and lets all other rows go on', async () => {
    await placed('civilServant-a', 'u1', 'poison', 'u2');
    await placed('civilServant-b', 'u1', 'u2');
    const running = views(tally(choking));
    await running.catchUp();
    await placed('civilServant-a', 'u3');
    await running.catchUp();
    expect(await rows()).toEqual([
      { key: 'civilServant-a', count: 1 },
      { key: 'civilServant-b', count: 2 },
    ]);
    expect(await running.states()).toMatchObject([
      {
        behind: 0,
        parked: [
          { key: 'civilServant-a', index: 1, cause: 'cannot take poison' },
          { index: 2, cause: '' },
          { index: 5, cause: '' },
        ],
      },
    ]);
    expect(await running.stale('tally', ['civilServant-a', 'civilServant-b'])).toEqual(
      new Map([['civilServant-a', 1]]),
    );
  });

  it('replays what was parked, in order, once the code is mended', async () => {
    await placed('civilServant-a', 'u1', 'poison', 'u2');
    await views(tally(choking)).catchUp();
    const mended = views(tally(count));
    await mended.catchUp();
    expect(await rows()).toEqual([{ key: 'civilServant-a', count: 3 }]);
    expect(await mended.states()).toMatchObject([{ parked: [] }]);
  });

  it('parks an event of a shape that nobody here knows, instead of passing over it', async () => {
    await placed('civilServant-a', 'u1', 'newer');
    const running = views(tally(count));
    await running.catchUp();
    expect(await running.states()).toMatchObject([
      { parked: [{ key: 'a', index: 1, cause: 'no reader for the stored type "Placed.v9"' }] },
    ]);
  });

  it('parks a row that the table does not take, and writes the others of the batch', async () => {
    await placed('civilServant-a', 'u1');
    await placed('civilServant-b', 'u1');
    const broken = tally((row, entry, key) => ({
      ...(count(row, entry, key) as Tally),
      last: key.endsWith('a') ? (null as never) : 'x',
    }));
    const running = views(broken);
    await running.catchUp();
    expect(await rows()).toEqual([{ key: 'civilServant-b', count: 1 }]);
    expect((await running.states())[0]?.parked).toMatchObject([{ key: 'civilServant-a', index: 0 }]);
  });

  it('blames no row for a full disk: it says so, parks nothing, and goes on once there is room', async () => {
    if (place.where.startsWith('postgres')) return; // On SQLite alone a disk can be made full.
    await placed('civilServant-a', 'u1');
    const running = views(
      tally((row, entry, key) => ({ ...(count(row, entry, key) as Tally), last: 'x'.repeat(50_000) })),
    );
    await running.catchUp();
    const limit = (pages: number) => database.write((sql) => sql(`PRAGMA max_page_count = ${pages}`));
    for (let n = 0; n < 20; n++) await placed(`civilServant-b${n}`, 'u1');
    await limit(1);
    await expect(running.catchUp()).rejects.toThrow(DatabaseUnavailable);
    expect(await running.states()).toMatchObject([{ parked: [], behind: 20 }]);
    await limit(100_000);
    await running.catchUp();
    expect((await rows()).length).toBe(21);
  });

  it('fills a raised version beside the table in use, and swaps when it has everything', async () => {
    await placed('civilServant-a', 'u1', 'u2');
    await views(tally(count)).catchUp();
    const twice = views(
      tally((row, entry, key) => ({ ...(count(row, entry, key) as Tally), count: (row?.count ?? 0) + 2 }), 2),
    );
    const stop = new AbortController();
    stop.abort();
    await twice.catchUp(undefined, stop.signal);
    expect(await rows()).toEqual([{ key: 'civilServant-a', count: 2 }]);
    expect(await twice.states()).toMatchObject([{ rebuilding: true }]);
    await twice.catchUp();
    expect(await rows()).toEqual([{ key: 'civilServant-a', count: 4 }]);
    expect(await twice.states()).toMatchObject([{ rebuilding: false, behind: 0 }]);
  });

  it('lets two runners work at once, and each event has its effect once', async () => {
    for (let n = 0; n < 20; n++) await placed(`civilServant-${n}`, 'u1', 'u2', 'u3');
    await Promise.all([views(tally(count)).catchUp(), views(tally(count)).catchUp()]);
    const running = views(tally(count));
    for (let n = 0; n < 20; n++) await placed(`civilServant-${n}`, 'u4');
    await Promise.all([running.catchUp(), views(tally(count)).catchUp()]);
    expect((await rows()).map((row) => row.count)).toEqual(Array(20).fill(4));
  });
});

describeDialects('the journal', (aPlace) => {
  it('dropped and filled again is the same, index by index and byte by byte, also on SQLite', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jejak-'));
    const store = new SqliteEventStore(join(dir, 'events.db'));
    const kinds = { entities: [JournalEntry], migrations: [CreateJournal1764000000000] };
    const place = await aPlace();
    const database = await Database.open(place.where, kinds);
    const journal = new Journal(database, store);
    const event = (n: number) => ({
      id: uuidv7(),
      type: 'Placed',
      data: canonical({ unit: `ü${n}`, tmt: '2024-01-01' }),
      metadata: canonical({ actor: `a${n % 3}` }),
    });
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => store.append(`unit-${n}`, 'no-stream', [event(n), event(n)])),
    );
    await Promise.all([journal.fill(), journal.fill()]);
    const before = await database.reader.getRepository(JournalEntry).find({ order: { index: 'ASC' } });
    expect(before.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await journal.rebuild();
    expect(await database.reader.getRepository(JournalEntry).find({ order: { index: 'ASC' } })).toEqual(
      before,
    );
    const other = await Database.open(join(dir, 'other.db'), kinds);
    await new Journal(other, store).fill();
    expect(await other.reader.getRepository(JournalEntry).find({ order: { index: 'ASC' } })).toEqual(before);
    await other.close();
    await database.close();
    await store.close();
    await place.remove();
    rmSync(dir, { recursive: true });
  });

  it('never goes back in time where the clock of the log did, wherever it was stopped', async () => {
    const times = ['2026-03-01T10:00:00.000Z', '2026-03-01T09:00:00.000Z', '2026-03-01T09:30:00.000Z'];
    const events = times.map((recordedAt, n) => ({
      id: uuidv7(),
      type: 'Placed',
      stream: 'unit-a',
      revision: n,
      position: n + 1,
      recordedAt,
      data: '{}',
      metadata: '{"actor":"a"}',
    }));
    const place = await aPlace();
    const kinds = { entities: [JournalEntry], migrations: [CreateJournal1764000000000] };
    const database = await Database.open(place.where, kinds);
    let most = 1;
    const readAll = async (after = 0, limit = 0) => events.slice(after, Math.min(most, after + limit));
    const journal = new Journal(database, { readAll } as unknown as SqliteEventStore);
    for (most = 1; most <= 3; most++) await journal.fill();
    const rows = await database.reader.getRepository(JournalEntry).find({ order: { index: 'ASC' } });
    expect(rows.map(({ recordedAt }) => recordedAt)).toEqual([times[0], times[0], times[0]]);
    most = 3;
    await journal.rebuild();
    expect(await database.reader.getRepository(JournalEntry).find({ order: { index: 'ASC' } })).toEqual(rows);
    await database.close();
    await place.remove();
  });

  it('ends where the log was, though others never stop writing to it', async () => {
    const place = await aPlace();
    const kinds = { entities: [JournalEntry], migrations: [CreateJournal1764000000000] };
    const database = await Database.open(place.where, kinds);
    let asked = 0;
    const readAll = async (after = 0) => {
      if (++asked > 20) throw new Error('it goes on and on');
      const text = { id: uuidv7(), type: 'Placed', stream: 'unit-a', data: '{}', metadata: '{"actor":"a"}' };
      return [{ ...text, revision: after, position: after + 1, recordedAt: '2026-03-01T10:00:00.000Z' }];
    };
    const journal = new Journal(database, { readAll } as unknown as SqliteEventStore);
    expect(await journal.fill()).toBe(1);
    expect(await journal.fill()).toBe(2);
    await database.close();
    await place.remove();
  });
});
