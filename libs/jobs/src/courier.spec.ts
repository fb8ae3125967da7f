import { setTimeout as wait } from 'node:timers/promises';
import { Database } from '@app/journal';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeDialects, type Place } from '../../../test/engines/databases.ts';
import { hasRedis, RedisServer } from '../../../test/engines/redis.ts';
import { bullCarrier } from './bull.ts';
import { type Carrier, Courier } from './courier.ts';
import { CreateJobs1764000000004, Job } from './job.ts';
import { type JobKind, Jobs } from './jobs.ts';

describeDialects('the courier', (aPlace) => {
  let place: Place;
  let database: Database;
  let jobs: Jobs;
  let did: string[];
  const couriers: Courier[] = [];
  beforeEach(async () => {
    place = await aPlace();
    database = await Database.open(place.where, { entities: [Job], migrations: [CreateJobs1764000000004] });
    jobs = new Jobs(database);
    did = [];
  });
  afterEach(async () => {
    await Promise.all(couriers.splice(0).map((courier) => courier.stop()));
    await database.close();
    await place.remove();
  });

  const kind: JobKind = {
    name: 'k',
    attempts: 3,
    backoffMs: () => 20,
    claimMs: 5_000,
    run: async ({ key }) => {
      did.push(key);
      if (key === 'once more' && did.filter((one) => one === key).length < 2) throw new Error('not yet');
      return { outcome: 'ok' };
    },
  };
  function courier(carrier?: Carrier, patienceMs = 300): Courier {
    const one = new Courier(jobs, [kind], () => undefined, carrier, { everyMs: 20, patienceMs });
    couriers.push(one);
    one.start();
    return one;
  }
  const enter = (...keys: string[]) => jobs.enter(keys.map((key) => ({ kind: 'k', key, dueAt: Date.now() })));
  const until = async (isSo: () => Promise<boolean>) => {
    for (let n = 0; n < 1_000 && !(await isSo()); n++) await wait(10);
    expect(await isSo()).toBe(true);
  };
  const over = (n: number) => until(async () => (await jobs.counts()).done === n);

  it('does what is due, again what failed, each once among several', async () => {
    for (let n = 0; n < 3; n++) courier();
    await enter('a', 'b', 'once more');
    await over(3);
    expect(did.sort()).toEqual(['a', 'b', 'once more', 'once more']);
  });

  (hasRedis ? describe : describe.skip)('with Redis', () => {
    let redis: RedisServer;
    beforeEach(async () => {
      redis = await RedisServer.start();
    });
    afterEach(async () => {
      await Promise.all(couriers.splice(0).map((one) => one.stop()));
      await redis.remove();
    });
    const carrier = () => bullCarrier(redis.url, () => undefined);

    it('has Bull bring them: also when the courier itself would wait for longer', async () => {
      for (let n = 0; n < 2; n++) courier(carrier(), 3_600_000);
      await enter('a', 'b', 'once more');
      await over(3);
      expect(did.sort()).toEqual(['a', 'b', 'once more', 'once more']);
    });

    it('loses nothing and does nothing twice when Redis is flushed, killed, and started again', async () => {
      for (let n = 0; n < 2; n++) courier(carrier());
      const keys = (from: string) => Array.from({ length: 20 }, (_, n) => `${from}${n}`);
      await enter(...keys('a'));
      await redis.flush();
      await enter(...keys('b'));
      await redis.kill();
      await enter(...keys('c'));
      await over(60);
      await redis.start();
      await enter(...keys('d'));
      await over(80);
      expect(did.sort()).toEqual([...keys('a'), ...keys('b'), ...keys('c'), ...keys('d')].sort());
    });

    it('stops in good time while Redis is away', async () => {
      const one = courier(carrier());
      await redis.kill();
      await enter('a');
      await over(1);
      await one.stop();
    });
  });
});
