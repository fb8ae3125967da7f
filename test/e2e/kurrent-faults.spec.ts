import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  anEvent,
  everything,
  followed,
  idsOf,
  OTHER,
  STREAM,
  someEvents,
} from '../../libs/event-store/src/contract-log.ts';
import { StoreUnavailable } from '../../libs/event-store/src/event-store.ts';
import { KurrentEventStore } from '../../libs/event-store/src/kurrent.ts';
import type { KurrentTimes } from '../../libs/event-store/src/kurrent-patience.ts';
import { KurrentChild } from '../kurrent-double/child.ts';
import { KurrentDouble } from '../kurrent-double/index.ts';

// Every call goes over a socket and back; the machine may be busy.
jest.setTimeout(180_000);

import {
  BOUNDED_MS,
  FAULTS,
  inTime,
  rage,
  SOON,
  untilAnswered,
  writeSlowly,
  writeThrough,
} from './kurrent-trial.ts';

describe('the log kept in KurrentDB, when the server fails', () => {
  let double: KurrentDouble;
  let store: KurrentEventStore;
  const opened: KurrentEventStore[] = [];
  const openStore = async (times: Partial<KurrentTimes> = SOON, at = double.url) => {
    const one = await KurrentEventStore.open(at, times);
    opened.push(one);
    return one;
  };
  beforeEach(async () => {
    double = await KurrentDouble.start();
    store = await openStore();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await double.stop();
  });

  describe.each(FAULTS)('with %s', (kind) => {
    it.each([
      ['before it wrote', false],
      ['after it wrote', true],
    ])('in the middle of an append, %s: it is written once, and acknowledged', async (_, applied) => {
      const [a, b] = [someEvents(2), someEvents(2)];
      double.fail('append', { kind }, { times: 2, applied });
      expect(await inTime(store.append(STREAM, 'no-stream', a))).toEqual({ revision: 1 });
      double.fail('append', { kind }, { times: 1, applied });
      expect(await inTime(store.append(STREAM, 1, b))).toEqual({ revision: 3 });
      expect(idsOf(await everything(store))).toEqual(idsOf([...a, ...b]));
    });

    it('at every append: it is said that the outcome is unknown, never that the stream is stale', async () => {
      const event = anEvent();
      double.fail('append', { kind }, { times: 1_000, applied: true });
      const answer = inTime(store.append(STREAM, 'no-stream', [event]));
      await expect(answer).rejects.toThrow(StoreUnavailable);
      double.fail('append', { kind }, { times: 0 });
      expect(await store.append(STREAM, 'no-stream', [event])).toEqual({ revision: 0 });
      expect(idsOf(await store.read(STREAM))).toEqual([event.id]);
    });

    it('in the middle of reading: everything is read, once and in order', async () => {
      const events = someEvents(30);
      await store.append(STREAM, 'no-stream', events);
      for (const ask of [
        () => store.read(STREAM),
        () => store.read(STREAM, { from: 1 }),
        () => store.readAll(undefined, 1_000),
      ]) {
        double.fail('read', { kind }, { times: 1 });
        const read = await inTime(ask());
        expect(idsOf(read)).toEqual(idsOf(events).slice(-read.length));
        expect(read.length).toBeGreaterThanOrEqual(29);
      }
    });

    it('when a follower subscribes: it is given what is recorded all the same', async () => {
      double.fail('subscribe', { kind }, { times: 3 });
      const waiting = followed(store, undefined, 3);
      const written = await writeSlowly(await openStore(), 3);
      expect(idsOf(await inTime(waiting))).toEqual(written);
    });
  });

  it.each(['end-ok', 'unavailable', 'reset'] as const)(
    'gives a follower every event once and in order, though its subscription is lost over and over (%s)',
    async (how) => {
      const waiting = followed(store, undefined, 40);
      const writing = writeSlowly(await openStore(), 40);
      for (let n = 0; n < 8; n++) {
        await sleep(40);
        double.dropSubscriptions(how);
      }
      expect(idsOf(await inTime(waiting))).toEqual(await writing);
    },
  );

  it('subscribes again when a subscription was lost, and hangs up when nobody follows any more', async () => {
    const stop = new AbortController();
    const following = (async () => {
      for await (const _ of store.follow(undefined, stop.signal));
    })();
    const subscribed = async (count: number) => {
      const over = performance.now() + BOUNDED_MS;
      while (double.subscriptions !== count && performance.now() < over) await sleep(20);
      expect(double.subscriptions).toBe(count);
    };
    try {
      await subscribed(1);
      for (const how of ['end-ok', 'unavailable', 'reset'] as const) {
        double.dropSubscriptions(how);
        await subscribed(0);
        await subscribed(1);
      }
    } finally {
      stop.abort();
      await following;
    }
    await store.close();
    await subscribed(0);
  });

  it('gives every event once, though the server delivers some twice', async () => {
    const written = await writeSlowly(store, 20);
    double.duplicateNext(10);
    expect(idsOf(await store.read(STREAM))).toEqual(written);
    double.duplicateNext(10);
    expect(idsOf(await store.readAll(undefined, 15))).toEqual(written.slice(0, 15));
    const waiting = followed(store, undefined, 30);
    double.duplicateNext(30);
    const more = await writeSlowly(await openStore(), 10, OTHER);
    expect(idsOf(await inTime(waiting))).toEqual([...written, ...more]);
  });

  it('says who won where another wrote while the outcome was unknown', async () => {
    const other = await openStore();
    double.fail('append', { kind: 'no-reply' }, { times: 1, applied: false });
    const asked = store.append(STREAM, 'no-stream', [anEvent()]);
    await sleep(100);
    const [winner] = [anEvent()];
    expect(await other.append(STREAM, 'no-stream', [winner])).toEqual({ revision: 0 });
    expect(await inTime(asked)).toEqual({ stale: true, actual: 0 });
    expect(idsOf(await everything(store))).toEqual([winner.id]);
  });

  it('ends in bounded time with a network that swallows everything, and goes on when it does no more', async () => {
    const [a, b, c] = [anEvent(), anEvent(), anEvent()];
    const waiting = followed(store, undefined, 3);
    await store.append(STREAM, 'no-stream', [a]);
    double.blackhole(true);
    await expect(inTime(store.append(STREAM, 0, [b]))).rejects.toThrow(StoreUnavailable);
    await expect(inTime(store.read(STREAM))).rejects.toThrow(StoreUnavailable);
    await expect(inTime(openStore())).rejects.toThrow(StoreUnavailable);
    double.blackhole(false);
    expect(await untilAnswered(() => store.append(STREAM, 0, [b]))).toEqual({ revision: 1 });
    await store.append(STREAM, 1, [c]);
    expect(idsOf(await inTime(waiting))).toEqual(idsOf([a, b, c]));
  });

  it('ends in bounded time with a server that is frozen, and goes on when it is thawed', async () => {
    const child = await KurrentChild.start();
    try {
      const [a, b, c] = [anEvent(), anEvent(), anEvent()];
      const frozen = await openStore(SOON, child.url);
      const waiting = followed(frozen, undefined, 3);
      await frozen.append(STREAM, 'no-stream', [a]);
      child.freeze();
      await expect(inTime(frozen.append(STREAM, 0, [b]))).rejects.toThrow(StoreUnavailable);
      await expect(inTime(frozen.readAll(undefined, 10))).rejects.toThrow(StoreUnavailable);
      child.thaw();
      expect(await untilAnswered(() => frozen.append(STREAM, 0, [b]))).toEqual({ revision: 1 });
      await frozen.append(STREAM, 1, [c]);
      expect(idsOf(await inTime(waiting))).toEqual(idsOf([a, b, c]));
    } finally {
      await child.stop();
    }
  });

  it('knows an append again after the server was restarted and has forgotten the ids it saw last', async () => {
    const [a, b, c] = [anEvent(), anEvent(), anEvent()];
    const waiting = followed(store, undefined, 3);
    await store.append(STREAM, 'no-stream', [a]);
    await store.append(STREAM, 0, [b]);
    double.fail('append', { kind: 'no-reply' }, { times: 1, applied: true });
    const asked = store.append(STREAM, 1, [c]);
    await sleep(100);
    await double.restart({ downMs: 500 });
    expect(await inTime(asked)).toEqual({ revision: 2 });
    expect(await store.append(STREAM, 'no-stream', [a])).toEqual({ revision: 0 });
    expect(await store.append(STREAM, 2, [b])).toEqual({ stale: true, actual: 2 });
    expect(idsOf(await inTime(waiting))).toEqual(idsOf([a, b, c]));
    expect(idsOf(await everything(store))).toEqual(idsOf([a, b, c]));
  });

  it('loses nothing and writes nothing twice where many write through a storm of faults', async () => {
    // Storms outlast a call that is in a hurry.
    const patient = { ...SOON, callMs: 1_000, totalMs: 40_000 };
    const [one, other] = [await openStore(patient), await openStore(patient)];
    const waiting = followed(one, undefined, 200);
    const storm = new AbortController();
    const raging = rage(double, storm.signal);
    const writers = Array.from({ length: 20 }, (_, n) => writeThrough(n % 2 ? other : one, `unit-${n}`, 10));
    const acknowledged = await Promise.all(writers).finally(() => storm.abort());
    await raging;
    const written = idsOf(await everything(store));
    expect(written).toHaveLength(200);
    expect(new Set(written)).toEqual(new Set(acknowledged.flat()));
    expect(idsOf(await waiting)).toEqual(written);
    for (const [n, ids] of acknowledged.entries()) expect(idsOf(await store.read(`unit-${n}`))).toEqual(ids);
  });

  it('does not read ahead of a follower that is slow', async () => {
    const patient = await openStore({});
    for (let n = 0; n < 8; n++)
      expect(await patient.append(`unit-${n}`, 'no-stream', someEvents(1_000))).toEqual({ revision: 999 });
    const before = double.sent;
    const stop = new AbortController();
    let given = 0;
    for await (const batch of patient.follow(undefined, stop.signal)) {
      given += batch.length;
      await sleep(150);
      expect(double.sent - before - given).toBeLessThan(2_500);
      if (given >= 8_000) stop.abort();
    }
    expect(given).toBe(8_000);
  });

  it('says where nobody answers, without the password, and what to do', async () => {
    await double.stop();
    const gone = double.url.replace('://', '://admin:SECRET@');
    const answer = inTime(openStore(SOON, gone));
    await expect(answer).rejects.toThrow(StoreUnavailable);
    await expect(answer).rejects.toThrow(new RegExp(`127\\.0\\.0\\.1:${double.port}.*check that it runs`));
    await expect(answer).rejects.not.toThrow(/SECRET/);
  });

  it('answers what it was asked before it was closed, and nothing after', async () => {
    const asked = store.append(STREAM, 'no-stream', [anEvent()]);
    await store.close();
    expect(await asked).toEqual({ revision: 0 });
    await expect(store.append(STREAM, 0, [anEvent()])).rejects.toThrow(/was closed/);
    await expect(store.read(STREAM)).rejects.toThrow(/was closed/);
  });

  it('is closed in bounded time, though the server never answers', async () => {
    double.fail('append', { kind: 'no-reply' }, { times: 1_000 });
    const asked = expect(store.append(STREAM, 'no-stream', [anEvent()])).rejects.toThrow(StoreUnavailable);
    await sleep(50);
    await inTime(store.close());
    await asked;
  });
});
