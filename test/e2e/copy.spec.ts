import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EventStore,
  openEventStore,
  SqliteEventStore,
  type StoredEvent,
  uuidv7,
} from '@app/event-store';
import { leafOf } from '@app/journal';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aSchema, hasPostgres } from '../engines/databases.ts';
import { KurrentDouble } from '../kurrent-double/index.ts';
import { jejak, told } from './jejak.ts';
import { everything } from './writer.ts';

const SAMPLE = join(process.cwd(), 'test/sample/siasn');
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

type Copied = { events: number; found: number; from: string; to: string; stopped: boolean };

describe('jejak copy', () => {
  let directory: string;
  const undo: (() => Promise<unknown>)[] = [];
  const file = (name: string) => join(directory, name);
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-copy-'));
  });
  afterEach(async () => {
    for (const one of undo.splice(0)) await one();
    rmSync(directory, { recursive: true });
  });

  const copied = (from: string, to: string) => told<Copied>(['copy', '--from', from, '--to', to]);
  const refused = (from: string, to: string) => jejak(['copy', '--from', from, '--to', to]).ended;

  /** What a real import leaves: the log of a data directory. */
  async function anImport(): Promise<string> {
    await jejak(['import', SAMPLE, '--data', file('data')]).ended;
    return join(file('data'), 'events.db');
  }

  /** What the journal of a log would hold, entry by entry. */
  const journalOf = (log: string) => withStore(log, async (store) => (await everything(store)).map(leafOf));

  it('copies from SQLite to SQLite, verifies what it copied before, and leaves the source as it is', async () => {
    const from = await anImport();
    const before = readFileSync(from);
    const first = await copied(from, file('copy.db'));
    expect(first).toMatchObject({ found: 0, stopped: false, to: first.from });
    expect(first.events).toBeGreaterThan(50);
    expect(first.from).not.toBe(EMPTY);
    expect(await copied(from, file('copy.db'))).toEqual({ ...first, found: first.events });
    expect(readFileSync(from).equals(before)).toBe(true);
    expect(await journalOf(file('copy.db'))).toEqual(await journalOf(from));
  });

  (hasPostgres ? it : it.skip)(
    'copies to PostgreSQL and back, with the same hashes and journals',
    async () => {
      const place = await aSchema();
      undo.push(place.remove);
      const from = await anImport();
      const there = await copied(from, place.where);
      const back = await copied(place.where, file('back.db'));
      expect(back).toEqual(there);
      expect(there.to).toBe(there.from);
      expect(await journalOf(file('back.db'))).toEqual(await journalOf(from));
    },
  );

  it('copies to KurrentDB (a double that speaks its protocol) and back, with the same hashes', async () => {
    const double = await KurrentDouble.start();
    undo.push(() => double.stop());
    const from = await anImport();
    const there = await copied(from, double.url);
    expect(there.to).toBe(there.from);
    expect(await copied(double.url, file('back.db'))).toEqual(there);
    expect(await copied(from, double.url)).toEqual({ ...there, found: there.events });
    expect(await journalOf(file('back.db'))).toEqual(await journalOf(from));
  });

  /** Copies until it was killed at several moments, and then to the end. */
  async function copyThroughKills(from: string, to: string, events: number): Promise<void> {
    await fill(from, events);
    let kills = 0;
    for (let after = 1; ; after = 1 + Math.floor(Math.random() * events * 0.8)) {
      const { child, ended } = jejak(['copy', '--from', from, '--to', to]);
      let most = 0;
      child.stderr?.on('data', (text) => {
        most = Math.max(most, ...[...`${text}`.matchAll(/copied: (\d+)/g)].map(([, n]) => Number(n)));
        if (kills < 6 && most >= after) void sleep(Math.random() * 30).then(() => child.kill('SIGKILL'));
      });
      if ((await ended).status !== null) break;
      kills++;
    }
    expect(kills).toBeGreaterThan(2);
    const done = await copied(from, to);
    expect(done).toMatchObject({ events, found: events, to: done.from });
  }

  it('goes on where it was killed, at any moment', () =>
    copyThroughKills(file('from.db'), file('to.db'), 12_000));

  (hasPostgres ? it : it.skip)('goes on where it was killed on the way to PostgreSQL', async () => {
    const { where, remove } = await aSchema();
    await copyThroughKills(file('from.db'), where, 12_000).finally(remove);
  });

  it('goes on where it was killed on the way to KurrentDB (a double)', async () => {
    const double = await KurrentDouble.start();
    await copyThroughKills(file('from.db'), double.url, 3_000).finally(() => double.stop());
  });

  it('stops between batches when it is asked to, says to run it again, and then goes on', async () => {
    await fill(file('from.db'), 12_000);
    const { child, ended } = jejak(['copy', '--from', file('from.db'), '--to', file('to.db')]);
    child.stderr?.once('data', () => child.kill('SIGINT'));
    const { status, stderr } = await ended;
    expect(status).toBe(1);
    expect(stderr).toContain('run it again to go on');
    const done = await copied(file('from.db'), file('to.db'));
    expect(done.found).toBeGreaterThan(0);
    expect(done.found).toBeLessThan(12_000);
    expect(done).toMatchObject({ events: 12_000, to: done.from });
  });

  it.each([
    [
      'another event',
      (events: StoredEvent[]) => events.map((e, n) => (n === 4 ? { ...e, id: uuidv7() } : e)),
    ],
    ['another text', (events: StoredEvent[]) => events.map((e, n) => (n === 4 ? { ...e, data: '{}' } : e))],
  ])('refuses a target that has %s, names it, and leaves it as it is', async (_, change) => {
    await fill(file('from.db'), 20);
    const events = await withStore(file('from.db'), everything);
    await withStore(file('to.db'), (store) => store.take(change(events.slice(0, 10))));
    const before = await journalOf(file('to.db'));
    const { status, stdout, stderr } = await refused(file('from.db'), file('to.db'));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    const due = events[4] as StoredEvent;
    expect(stderr).toContain(`${due.stream}/${due.revision} (id ${due.id}, hash `);
    expect(await journalOf(file('to.db'))).toEqual(before);
  });

  it('refuses a target that has more, a source that is not there, and one that is the target', async () => {
    await fill(file('from.db'), 10);
    await copied(file('from.db'), file('to.db'));
    await withStore(file('to.db'), (store) => store.append('unit-more', 'no-stream', [anEvent()]));
    expect((await refused(file('from.db'), file('to.db'))).stderr).toContain('unit-more/0');
    expect(await refused(file('nothing.db'), file('new.db'))).toMatchObject({ status: 1 });
    symlinkSync(file('from.db'), file('same.db'));
    expect(await refused(file('from.db'), file('same.db'))).toMatchObject({ status: 2 });
  });
});

async function withStore<T>(where: string, work: (store: EventStore) => Promise<T>): Promise<T> {
  const store = await openEventStore(where);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const anEvent = () => ({ id: uuidv7(), type: 'Placed', data: '{"unit":"u"}', metadata: '{"actor":"a"}' });

async function fill(where: string, count: number): Promise<void> {
  const store = new SqliteEventStore(where);
  for (let n = 0; n < count / 10; n++)
    await store.append(`unit-${n}`, 'no-stream', Array.from({ length: 10 }, anEvent));
  await store.close();
}
