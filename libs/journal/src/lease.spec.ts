import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeDialects, type Place } from '../../../test/engines/databases.ts';
import { Database } from './database.ts';
import { CreateLease1764000000003, Election, Lease } from './lease.ts';

const PACE = { beatMs: 20, silenceMs: 150 };

describeDialects('the election of the one process that does a work', (aPlace) => {
  let place: Place;
  let database: Database;
  const stop: AbortController[] = [];
  const running: Promise<void>[] = [];
  const failures: unknown[] = [];
  beforeEach(async () => {
    place = await aPlace();
    database = await Database.open(place.where, {
      entities: [Lease],
      migrations: [CreateLease1764000000003],
    });
  });
  afterEach(async () => {
    for (const one of stop.splice(0)) one.abort();
    await Promise.all(running.splice(0));
    await database.close();
    await place.remove();
    expect(failures.splice(0)).toEqual([]);
  });

  let working = 0;
  let most = 0;
  /** A process that stands for election; works until it may not. */
  function candidate(database_ = database): { election: Election; stop: AbortController } {
    const election = new Election(database_, 'follower', PACE);
    const controller = new AbortController();
    stop.push(controller);
    const work = async (signal: AbortSignal) => {
      most = Math.max(most, ++working);
      await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
      working--;
    };
    running.push(election.lead(work, controller.signal, (cause) => failures.push(cause)));
    return { election, stop: controller };
  }
  const until = async (isSo: () => boolean) => {
    for (let n = 0; n < 500 && !isSo(); n++) await wait(10);
    expect(isSo()).toBe(true);
  };

  it('lets one work while others stand by, and the next when it goes in order', async () => {
    const all = [candidate(), candidate(), candidate()];
    await until(() => working === 1);
    await wait(PACE.silenceMs * 2);
    const first = all.find(({ election }) => election.held);
    expect(all.filter(({ election }) => election.held)).toHaveLength(1);
    first?.stop.abort();
    await until(() => all.some((one) => one !== first && one.election.held));
    expect(most).toBe(1);
  });

  it('lets another take the place of one that gives no sign any more', async () => {
    await database.write((sql) =>
      sql("INSERT INTO lease (name, holder, beat) VALUES ('follower', 'killed', 7)"),
    );
    const { election } = candidate();
    await wait(PACE.silenceMs / 2);
    expect(election.held).toBe(false);
    await until(() => election.held);
  });

  it('stops the work of one whose place another has taken', async () => {
    const { election } = candidate();
    await until(() => working === 1);
    await database.write((sql) => sql("UPDATE lease SET holder = 'another', beat = beat + 1"));
    await until(() => working === 0 && !election.held);
  });

  it('does not take the place of one that gives a sign between the look and the taking', async () => {
    await database.write((sql) =>
      sql("INSERT INTO lease (name, holder, beat) VALUES ('follower', 'slow', 0)"),
    );
    const { election } = candidate();
    for (let n = 0; n < 20; n++) {
      await wait(PACE.silenceMs / 3);
      await database.write((sql) => sql('UPDATE lease SET beat = beat + 1'));
    }
    expect(election.held).toBe(false);
  });
});
