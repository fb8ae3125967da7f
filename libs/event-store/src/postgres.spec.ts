import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { aSchema, hasPostgres, type Place } from '../../../test/engines/databases.ts';
import { anEvent, everything, followed, idsOf, logOf, OTHER, STREAM, someEvents } from './contract-log.ts';
import { describeEventStore } from './event-store.contract.ts';
import { NotStorable, StoreUnavailable } from './event-store.ts';
import { PostgresEventStore } from './postgres.ts';

const whereThereIsOne = hasPostgres ? describe : describe.skip;

whereThereIsOne('on a server', () =>
  describeEventStore('PostgreSQL', async () => {
    const { where, remove } = await aSchema();
    return logOf(() => PostgresEventStore.open(where), remove);
  }),
);

whereThereIsOne('the PostgreSQL database of the log', () => {
  let place: Place;
  /** A connection of somebody else's, with the same search_path. */
  let hand: pg.Client;
  const opened: PostgresEventStore[] = [];
  const open = async (where = place.where) => {
    const store = await PostgresEventStore.open(where);
    opened.push(store);
    return store;
  };
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: unknown) => error,
    );
  /** The same database, named otherwise. */
  const _changed = (change: (url: URL) => void) => {
    const url = new URL(place.where);
    change(url);
    return url.href.replaceAll('+', '%20');
  };
  beforeEach(async () => {
    place = await aSchema();
    hand = new pg.Client(place.where);
    await hand.connect();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await hand.end();
    await place.remove();
  });

  it('is made once, however many open it for the first time at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => open()));
    await Promise.all(stores.map((store, n) => store.append(`unit-${n}`, 'no-stream', [anEvent()])));
    expect(await stores[0]?.readAll(undefined, 100)).toHaveLength(8);
  });

  it('stands beside other tables in its schema', async () => {
    await hand.query('create table person (name text)');
    expect(await (await open()).append(STREAM, 'no-stream', [anEvent()])).toEqual({ revision: 0 });
  });

  it('numbers what it keeps without a gap, whatever was refused or repeated between', async () => {
    const [store, event] = [await open(), anEvent()];
    await Promise.all([
      store.append(STREAM, 'no-stream', [event]),
      store.append(STREAM, 7, someEvents(3)),
      store.append(OTHER, 3, someEvents(2)),
      store.append('unit-a', 'no-stream', someEvents(2)),
      store.append(STREAM, 'no-stream', [event]),
      store.append('unit-b', 'no-stream', someEvents(1)),
    ]);
    expect((await everything(store)).map(({ position }) => position)).toEqual([1, 2, 3, 4]);
  });

  describe('when other processes have it open', () => {
    it('waits while another writes, and appends when it has done', async () => {
      const store = await open();
      await hand.query('begin; select from head for update');
      const append = store.append(STREAM, 'no-stream', [anEvent()]);
      await sleep(100);
      expect(await store.read(STREAM)).toEqual([]);
      await hand.query('rollback');
      expect(await append).toEqual({ revision: 0 });
    });

    it('says so where another never ends its writing, and works once it has', async () => {
      const [store, event] = [await open(), anEvent()];
      await hand.query('begin; select from head for update');
      const behind = failure(store.append(OTHER, 'no-stream', [anEvent()]));
      const error = await failure(store.append(STREAM, 'no-stream', [event]));
      expect(error).toBeInstanceOf(StoreUnavailable);
      expect(`${error}`).toMatch(/another process keeps it locked/);
      expect(await behind).toBeInstanceOf(StoreUnavailable);
      await hand.query('rollback');
      expect(await store.append(STREAM, 'no-stream', [event])).toEqual({ revision: 0 });
    });

    it('gives no earlier time than theirs, even where their clock is ahead', async () => {
      const store = await open();
      await hand.query(`update head set recorded_at = ${Date.UTC(2999, 0, 1)}`);
      await store.append(STREAM, 'no-stream', [anEvent()]);
      expect((await everything(store)).at(-1)?.recordedAt).toBe('2999-01-01T00:00:00.000Z');
    });

    it('tells followers at once of what they commit', async () => {
      const [store, other] = [await open(), await open()];
      await other.append(STREAM, 'no-stream', [anEvent()]);
      await followed(store, undefined, 1);
      const lags: number[] = [];
      for (let n = 0; n < 10; n++) {
        const waiting = followed(store, (await everything(store)).at(-1)?.position, 1);
        await sleep(50);
        const start = performance.now();
        await other.append(`unit-${n}`, 'no-stream', [anEvent()]);
        await waiting;
        lags.push(performance.now() - start);
      }
      // Polling alone would take a second, and half of that on the average.
      expect(lags.sort((a, b) => a - b)[5]).toBeLessThan(200);
    });
  });

  it.each([
    ['changed', "update event set data = '{}'"],
    ['removed', 'delete from event'],
    ['removed', 'truncate event'],
    ['changed', "update stream set name = 'x'"],
    ['removed', 'delete from stream'],
    ['removed', 'truncate stream'],
    ['removed', 'delete from head'],
  ])('keeps what it acknowledged from being %s by hand: %s', async (what, statement) => {
    await (await open()).append(STREAM, 'no-stream', [anEvent()]);
    await expect(hand.query(statement)).rejects.toThrow(`is never ${what}`);
  });

  it('never writes a revision or an id of a stream twice, even where somebody writes by hand', async () => {
    const [store, event] = [await open(), anEvent()];
    await store.append(STREAM, 'no-stream', [event]);
    const copy = (revision: number, id: string) =>
      hand.query(`insert into event values (99, 0, 1, ${revision}, '${id}', 'Placed', '1', '1')`);
    await expect(copy(0, anEvent().id)).rejects.toThrow(/unique/);
    await expect(copy(1, event.id)).rejects.toThrow(/unique/);
  });

  it('has a commit on the device before it is acknowledged, whatever the server does for others', async () => {
    const store = await open(`${place.where}%20-c%20synchronous_commit%3Doff`);
    await watchInserts(hand, "insert into seen select current_setting('synchronous_commit')");
    await store.append(STREAM, 'no-stream', [anEvent()]);
    expect((await hand.query('select * from seen')).rows).toEqual([{ what: 'on' }]);
  });

  it('says that the disk is full, keeps what it had, and goes on once there is room', async () => {
    const [store, events] = [await open(), someEvents(2)];
    await store.append(STREAM, 'no-stream', events.slice(0, 1));
    await watchInserts(hand, "raise exception using errcode = '53100'");
    const error = await failure(store.append(STREAM, 0, events.slice(1)));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(`${error}`).toMatch(/the disk of the server is full; free some space/);
    expect(idsOf(await store.read(STREAM))).toEqual(idsOf(events.slice(0, 1)));
    await hand.query('drop trigger watch on event');
    expect(await store.append(STREAM, 0, events.slice(1))).toEqual({ revision: 1 });
  });

  it('leaves the numbers of everybody else who uses pg as they were', async () => {
    await (await open()).append(STREAM, 'no-stream', [anEvent()]);
    expect((await hand.query('select position from event')).rows).toEqual([{ position: '1' }]);
  });

  it('refuses an append that holds the same id twice', async () => {
    const [event, store] = [anEvent(), await open()];
    await expect(store.append(STREAM, 'no-stream', [event, event])).rejects.toThrow(NotStorable);
    expect(await everything(store)).toEqual([]);
  });

  it('answers what it was asked before it was closed, and nothing after', async () => {
    const store = await open();
    const answers: unknown[] = [];
    const asked = [
      store.append(STREAM, 'no-stream', [anEvent()]),
      ...Array.from({ length: 9 }, () => store.read(OTHER)),
    ];
    const kept = asked.map((each) => each.then((answer) => answers.push(answer)));
    await store.close();
    expect(answers).toHaveLength(10);
    await Promise.all(kept);
    await expect(store.append(STREAM, 0, [anEvent()])).rejects.toThrow(StoreUnavailable);
    await expect(store.read(STREAM)).rejects.toThrow(/was closed/);
    await store.close();
  });

  it('leaves no connection behind when it is closed', async () => {
    const name = `closed-${process.pid}`;
    const store = await open(`${place.where}&application_name=${name}`);
    await Promise.all([followed(store, undefined, 1), store.append(STREAM, 'no-stream', [anEvent()])]);
    const connections = async () => {
      const { rows } = await hand.query(
        `select application_name from pg_stat_activity where application_name like '${name}%' order by 1`,
      );
      return rows.map((row: { application_name: string }) => row.application_name.slice(name.length + 1));
    };
    expect(new Set(await connections())).toEqual(new Set(['log listener', 'log reader', 'log writer']));
    await store.close();
    for (let n = 0; n < 100 && (await connections()).length > 0; n++) await sleep(20);
    expect(await connections()).toEqual([]);
  });
});

/** Does something whenever events are written; `seen` is a table for it. */
async function watchInserts(hand: pg.Client, what: string): Promise<void> {
  await hand.query(`create table if not exists seen (what text);
    create function watch() returns trigger language plpgsql as $$ begin ${what}; return null; end $$;
    create trigger watch after insert on event execute function watch()`);
}
