import { Database } from '@app/journal';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeDialects, type Place } from '../../../test/engines/databases.ts';
import { daily, nextAfter } from './daily.ts';
import { CreateJobs1764000000004, Job } from './job.ts';
import { enter, type JobKind, Jobs } from './jobs.ts';

describeDialects('the jobs', (aPlace) => {
  let place: Place;
  let database: Database;
  let jobs: Jobs;
  let now: number;
  beforeEach(async () => {
    now = Date.UTC(2026, 2, 1);
    place = await aPlace();
    database = await Database.open(place.where, { entities: [Job], migrations: [CreateJobs1764000000004] });
    jobs = new Jobs(database, () => now);
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });

  const going = new AbortController().signal;
  const kind = (run: JobKind['run'], more: Partial<JobKind> = {}): JobKind => ({
    name: 'k',
    attempts: 3,
    backoffMs: (attempt) => attempt * 1_000,
    claimMs: 60_000,
    run,
    ...more,
  });
  const done = kind(async () => ({ outcome: 'it went well' }));
  const aJob = (key = 'e1', dueAt = now) => ({ kind: 'k', key, dueAt });
  const stateOf = async (id: string) =>
    (
      await database.read<Job>('SELECT state, attempts, outcome, due_at AS "dueAt" FROM job WHERE id = ?', [
        id,
      ])
    )[0];

  it('are entered once, with what causes them or not at all', async () => {
    await jobs.enter([aJob(), aJob(), aJob('e2')]);
    await jobs.enter([aJob('e1', now + 5)]);
    const failing = database.write(async (sql) => {
      await enter(sql, [aJob('e3')]);
      throw new Error('the checkpoint did not move');
    });
    await expect(failing).rejects.toThrow('did not move');
    expect((await jobs.due(['k'], now, 10)).map(({ key, dueAt }) => [key, dueAt])).toEqual([
      ['e1', now],
      ['e2', now],
    ]);
    expect(await jobs.due(['another'], now, 10)).toEqual([]);
  });

  it('are done once, when they are due, with what is written beside the outcome', async () => {
    await jobs.enter([aJob('e1', now + 10)]);
    const also = kind(async () => ({ outcome: 'ok', also: (sql) => enter(sql, [aJob('next')]) }));
    expect(await jobs.run('k:e1', also, going)).toBeUndefined();
    now += 10;
    expect(await jobs.run('k:e1', also, going)).toBe('done');
    expect(await jobs.run('k:e1', also, going)).toBeUndefined();
    expect(await jobs.counts()).toEqual({ waiting: 1, done: 1, dead: 0 });
  });

  it('that fail are tried again, later each time, then are dead and can be done again', async () => {
    const failing = kind(() => Promise.reject(new Error('no answer')));
    await jobs.enter([aJob()]);
    for (const wait of [1_000, 2_000]) {
      expect(await jobs.run('k:e1', failing, going)).toBe('waiting');
      expect(await stateOf('k:e1')).toMatchObject({ outcome: 'no answer', dueAt: now + wait });
      expect(await jobs.run('k:e1', failing, going)).toBeUndefined();
      now += wait;
    }
    expect(await jobs.run('k:e1', failing, going)).toBe('dead');
    expect(await jobs.list('dead', 10)).toMatchObject([{ id: 'k:e1', attempts: 3, outcome: 'no answer' }]);
    expect(await jobs.retry('k:e1')).toBe(true);
    expect(await jobs.retry('k:e1')).toBe(false);
    expect(await jobs.run('k:e1', done, going)).toBe('done');
  });

  it('have one at work at a time; of one whose claim ran out, the outcome is the next one’s', async () => {
    await jobs.enter([aJob()]);
    let frozen = (_: { outcome: string }) => {};
    const slow = jobs.run(
      'k:e1',
      kind(
        () =>
          new Promise((settle) => {
            frozen = settle;
          }),
      ),
      going,
    );
    while ((await stateOf('k:e1'))?.attempts !== 1);
    expect(await jobs.run('k:e1', done, going)).toBeUndefined();
    now += 60_001;
    expect(await jobs.run('k:e1', done, going)).toBe('done');
    frozen({ outcome: 'late' });
    expect(await slow).toBeUndefined();
    expect(await stateOf('k:e1')).toMatchObject({ state: 'done', outcome: 'it went well', attempts: 2 });
  });

  it('that every process dies of are dead after their attempts', async () => {
    await jobs.enter([aJob()]);
    for (let n = 0; n < 3; n++) {
      await database.write((sql) =>
        sql('UPDATE job SET attempts = attempts + 1, claimed_until = ?', [now + 5]),
      );
      now += 10;
    }
    expect(await jobs.run('k:e1', done, going)).toBeUndefined();
    expect(await stateOf('k:e1')).toMatchObject({ state: 'dead', outcome: 'no attempt came to an end' });
  });

  it('that are stopped from outside wait again, and it is not held against them', async () => {
    const stop = new AbortController();
    await jobs.enter([aJob()]);
    const run = jobs.run(
      'k:e1',
      kind(
        (_, signal) =>
          new Promise((_done, fail) => {
            signal.addEventListener('abort', () => fail(new Error('stopped')));
            stop.abort();
          }),
      ),
      stop.signal,
    );
    expect(await run).toBe('waiting');
    expect(await stateOf('k:e1')).toMatchObject({ attempts: 0, dueAt: now });
  });

  it('of every day go on after one is done, and after one is dead', async () => {
    let isBroken = true;
    const run = async (day: string) => {
      if (isBroken) throw new Error('broken');
      return `done for ${day}`;
    };
    const work = daily(
      'k',
      { at: '00:05', timeZone: 'Asia/Jakarta' },
      run,
      { attempts: 1, backoffMs: () => 0, claimMs: 60_000 },
      () => now,
    );
    await jobs.schedule(work.next());
    await jobs.schedule(work.next());
    now = Date.UTC(2026, 2, 1, 17, 5);
    expect(await jobs.run('k:2026-03-02T00:05', work, going)).toBe('dead');
    isBroken = false;
    now += 86_400_000;
    expect(await jobs.run('k:2026-03-03T00:05', work, going)).toBe('done');
    expect((await jobs.due(['k'], now + 86_400_000, 10)).map(({ id }) => id)).toEqual(['k:2026-03-04T00:05']);
  });

  it('of every day are moved where the hour was changed', async () => {
    const at = (hour: string) =>
      daily(
        'k',
        { at: hour, timeZone: 'Asia/Jakarta' },
        async () => '',
        { attempts: 1, backoffMs: () => 0, claimMs: 1 },
        () => now,
      ).next();
    await jobs.schedule(at('12:00'));
    await jobs.schedule(at('23:00'));
    expect(await jobs.due(['k'], now + 86_400_000, 10)).toMatchObject([{ dueAt: Date.UTC(2026, 2, 1, 16) }]);
  });

  it('go on again after they went well, with all their attempts, at the time that is known when they settle', async () => {
    await jobs.enter([aJob()]);
    const again = kind(async () => ({
      outcome: 'so far',
      againAt: async (sql) => {
        const [row] = await sql<{ state: string }>("SELECT state FROM job WHERE id = 'k:e1'");
        return row?.state === 'waiting' ? now + 500 : 0;
      },
    }));
    expect(await jobs.run('k:e1', again, going)).toBe('waiting');
    expect(await stateOf('k:e1')).toEqual({
      state: 'waiting',
      attempts: 0,
      outcome: 'so far',
      dueAt: now + 500,
    });
    expect(await jobs.due(['k'], now, 10)).toEqual([]);
  });

  it('are woken before their time, but for those that somebody is at, and of other kinds', async () => {
    const at = { kind: 'k', dueAt: now + 5_000 };
    await jobs.enter([{ ...at, key: 'sleeps' }, { ...at, kind: 'other', key: 'o' }, aJob('at-work')]);
    const woken = kind(async () => {
      await jobs.wake('k');
      return { outcome: 'ok', againAt: async () => now + 9_000 };
    });
    await jobs.run('k:at-work', woken, going);
    expect((await jobs.due(['k', 'other'], now, 10)).map(({ key }) => key)).toEqual(['sleeps']);
    expect((await stateOf('k:at-work'))?.dueAt).toBe(now + 9_000);
  });

  it('hold their claim in a transaction of their own work, unless another attempt has begun', async () => {
    await jobs.enter([aJob()]);
    const held: boolean[] = [];
    const slow = kind(async (job) => {
      held.push(await database.write((sql) => jobs.holds(sql, job, 60_000)));
      now += 59_000;
      expect(await jobs.run('k:e1', done, going)).toBeUndefined();
      now += 2_000;
      expect(await jobs.run('k:e1', done, going)).toBe('done');
      held.push(await database.write((sql) => jobs.holds(sql, job, 60_000)));
      return { outcome: 'too late' };
    });
    expect(await jobs.run('k:e1', slow, going)).toBeUndefined();
    expect(held).toEqual([true, false]);
    expect((await stateOf('k:e1'))?.outcome).toBe('it went well');
  });
});

describe('a moment of every day', () => {
  it.each([
    ['2026-03-01T16:00:00Z', '00:05', 'Asia/Jakarta', '2026-03-02', '2026-03-01T17:05:00Z'],
    ['2026-03-01T17:05:00Z', '00:05', 'Asia/Jakarta', '2026-03-03', '2026-03-02T17:05:00Z'],
    ['2026-03-01T00:00:00Z', '23:59', 'UTC', '2026-03-01', '2026-03-01T23:59:00Z'],
    ['2026-03-29T00:30:00Z', '02:30', 'Europe/Berlin', '2026-03-29', '2026-03-29T01:30:00Z'],
    ['2026-10-24T12:00:00Z', '04:00', 'Europe/Berlin', '2026-10-25', '2026-10-25T03:00:00Z'],
  ])('after %s at %s in %s is on %s, at %s', (now, at, timeZone, day, due) => {
    expect(nextAfter(Date.parse(now), { at, timeZone })).toEqual({ day, dueAt: Date.parse(due) });
  });
});
