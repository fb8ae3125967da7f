import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { all, Bare, type EventStoreDBClient, eventually, S, some, take } from '../kurrent-double/ask.ts';
import { type Fault, KurrentChild } from '../kurrent-double/index.ts';

/** What the bare client makes of each fault within its own deadline, and of the same read and subscription. */
const FAULTS: readonly [Fault['kind'], append: object, follow: 'error' | 'end' | 'nothing'][] = [
  ['no-reply', { type: 'deadline-exceeded' }, 'nothing'],
  ['end-ok', { type: 'unknown' }, 'end'],
  ['unavailable', { type: 'unavailable' }, 'error'],
  ['cancelled', { type: 'cancelled' }, 'error'],
  ['not-leader', { type: 'not-leader' }, 'error'],
  ['reset', { type: 'unavailable' }, 'error'],
];
const DEADLINE_MS = 1_000;

describe('the double of KurrentDB fails as it is told:', () => {
  const bare = new Bare();
  const append = (events = some(1), client: EventStoreDBClient = bare.client) =>
    client.appendToStream(S, events, {
      expectedRevision: 'any',
      deadline: DEADLINE_MS,
      // Without, the client asks a new server for its features first, and for that it has no deadline.
      credentials: { username: 'nobody', password: 'none' },
    });

  describe.each(FAULTS)('%s', (kind, failure, follow) => {
    it.each([false, true])('at appends, so many; what it has written first: %s', async (applied) => {
      await append();
      bare.double.fail('append', { kind }, { times: 2, applied });
      await expect(append()).rejects.toMatchObject(failure);
      await expect(append()).rejects.toMatchObject(failure);
      expect(await append()).toMatchObject({ nextExpectedRevision: applied ? 3n : 1n });
      expect(await bare.idsIn()).toHaveLength(applied ? 4 : 2);
    });

    it('at a read and at a subscription, before the first event', async () => {
      await append(some(2));
      const outcome = (stream: AsyncIterable<unknown>) =>
        Promise.race([
          all(stream).then(
            (given) => (given.length === 0 ? 'end' : 'events'),
            () => 'error',
          ),
          sleep(DEADLINE_MS, 'nothing'),
        ]);
      bare.double.fail('read', { kind });
      expect(await outcome(bare.client.readStream(S))).toBe(follow);
      bare.double.fail('subscribe', { kind });
      expect(await outcome(bare.client.subscribeToStream(S))).toBe(follow);
      expect(await take(bare.client.subscribeToStream(S), 2)).toHaveLength(2);
      expect(await all(bare.client.readStream(S))).toHaveLength(2);
    });
  });

  it('a fault takes the place of the one before, and only calls of its kind meet it', async () => {
    bare.double.fail('append', { kind: 'no-reply' }, { times: 9 });
    bare.double.fail('append', { kind: 'unavailable' });
    expect((await all(bare.client.readAll())).length).toBeGreaterThan(0);
    await expect(append()).rejects.toMatchObject({ type: 'unavailable' });
    expect(await append()).toMatchObject({ success: true });
  });

  it.each([
    ['end-ok', 'end'],
    ['unavailable', 'error'],
    ['reset', 'error'],
  ] as const)('live subscriptions are lost (%s), and the next one goes on', async (how, told) => {
    const subscription = bare.client.subscribeToStream(S);
    await once(subscription, 'confirmation');
    subscription.resume();
    expect(bare.double.subscriptions).toBe(1);
    const lost = once(subscription, told === 'end' ? 'end' : 'nothing').catch((error) => error);
    bare.double.dropSubscriptions(how);
    const outcome = await lost;
    if (told === 'error') expect(outcome).toMatchObject({ type: 'unavailable' });
    await eventually(() => bare.double.subscriptions === 0);
    const taking = take(bare.client.subscribeToStream(S), 1);
    await append();
    expect(await taking).toHaveLength(1);
  });

  it('the next events are delivered twice, to followers and readers', async () => {
    await append(some(3));
    const ids = await bare.idsIn();
    bare.double.duplicateNext(2);
    const subscription = bare.client.subscribeToStream(S);
    const twice = [ids[0], ids[0], ids[1], ids[1], ids[2]];
    expect((await take(subscription, 5)).map(({ event }) => event?.id)).toEqual(twice);
    bare.double.duplicateNext(2);
    expect(await bare.idsIn()).toEqual(twice);
    expect(await bare.idsIn()).toEqual(ids);
  });

  it('a blackhole answers nothing; afterwards what was sent into it may still arrive', async () => {
    await append();
    bare.double.blackhole(true);
    await expect(append()).rejects.toMatchObject({ type: 'deadline-exceeded' });
    const [other, events] = [bare.connect(), some(1)];
    await expect(append(events, other)).rejects.toMatchObject({ type: 'deadline-exceeded' });
    bare.double.blackhole(false);
    expect(await append(events, other)).toMatchObject({ success: true });
    const kept = await bare.idsIn();
    expect(kept.filter((id) => id === events[0]?.id)).toHaveLength(1);
    expect(kept.length).toBeLessThanOrEqual(3);
  });

  it('a restart keeps the log, the port and the order of positions, and nobody is connected', async () => {
    await append(some(2));
    const before = await bare.everything();
    const subscription = bare.client.subscribeToAll({ fromPosition: 'end' });
    await once(subscription, 'caughtUp');
    const lost = once(subscription, 'nothing').catch((error) => error);
    const restarting = bare.double.restart({ downMs: 300 });
    expect(await lost).toMatchObject({ type: 'unavailable' });
    await expect(append()).rejects.toMatchObject({ code: expect.any(Number) });
    await restarting;
    const again = bare.connect();
    await append(some(1), again);
    const after = await all(again.readAll());
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.at(-1)?.event?.position?.commit).toBeGreaterThan(
      before.at(-1)?.event?.position?.commit ?? 0n,
    );
    expect(bare.double.subscriptions).toBe(0);
  });

  it('a process of its own stands still and goes on', async () => {
    const child = await KurrentChild.start();
    try {
      const client = bare.connect(child.url);
      await append(some(1), client);
      child.freeze();
      await expect(append(some(1), client)).rejects.toMatchObject({ type: 'deadline-exceeded' });
      child.thaw();
      expect(await append(some(1), client)).toMatchObject({ success: true });
      await child.stop();
      await expect(append(some(1), client)).rejects.toMatchObject({ type: 'unavailable' });
      const next = await KurrentChild.start(child.port);
      await next.stop();
      expect(next.port).toBe(child.port);
    } finally {
      await child.stop();
    }
  });
});
