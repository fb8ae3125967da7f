import { describe, expect, it } from '@jest/globals';
import {
  Bare,
  eventTypeFilter,
  eventually,
  excludeSystemEvents,
  groupSettings,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToAllResolvedEvent as Resolved,
  some,
  streamNameFilter,
} from '../kurrent-double/ask.ts';

type Filter = ReturnType<typeof excludeSystemEvents> | ReturnType<typeof streamNameFilter>;
type Settings = Parameters<typeof groupSettings>[0];

/** One who reads by a group, and what it was given: stream, revision and how often it was refused. */
class Reader {
  readonly given: Resolved[] = [];
  readonly errors: unknown[] = [];
  isIn = false;

  constructor(readonly subscription: PersistentSubscriptionToAll) {
    subscription.on('data', (event) => this.given.push(event));
    subscription.on('error', (error) => this.errors.push(error));
    subscription.on('confirmation', () => {
      this.isIn = true;
    });
  }

  get told(): string[] {
    return this.given.map(({ event, retryCount }) => `${event?.streamId}@${event?.revision}#${retryCount}`);
  }

  async has(count: number): Promise<string[]> {
    await eventually(() => this.given.length >= count);
    return this.told;
  }

  nth(n: number): Resolved {
    return this.given[n] as Resolved;
  }
}

describe('the double of KurrentDB, met by consumers of a group,', () => {
  const bare = new Bare();
  const create = (name: string, settings: Settings = {}, filter: Filter = excludeSystemEvents()) =>
    bare.client.createPersistentSubscriptionToAll(name, groupSettings({ startFrom: 'start', ...settings }), {
      filter,
    });
  const join = async (name: string, bufferSize = 10) => {
    const reader = new Reader(bare.connect().subscribeToPersistentSubscriptionToAll(name, { bufferSize }));
    await eventually(() => reader.isIn);
    return reader;
  };
  const put = (count: number, stream = 'unit-1') => bare.append(some(count), 'any', stream);
  const told = async () => (await bare.client.listPersistentSubscriptionsToAll())[0];
  type Stats = NonNullable<Awaited<ReturnType<typeof told>>>['stats'];
  /** Waits until the group is told of so; an answer is on its way for a while. */
  const tells = async (isSo: (stats: Stats) => boolean) => {
    for (let tries = 0; tries < 1_000; tries++) {
      const group = await told();
      if (group && isSo(group.stats)) return group.stats;
    }
    throw new Error(`the group is not told of so: ${isSo}`);
  };
  const parks = (count: bigint) => tells(({ parkedMessageCount }) => parkedMessageCount === count);

  it('keeps groups by their names, and says where there is one, or none', async () => {
    const none = { type: 'persistent-subscription-does-not-exist' };
    await expect(bare.client.listPersistentSubscriptionsToAll()).rejects.toMatchObject(none);
    await expect(bare.client.deletePersistentSubscriptionToAll('g')).rejects.toMatchObject(none);
    await create('g', { consumerStrategyName: 'Pinned', maxRetryCount: 3 });
    await expect(create('g')).rejects.toMatchObject({
      type: 'persistent-subscription-exists',
      groupName: 'g',
    });
    expect(await told()).toMatchObject({
      eventSource: '$all',
      groupName: 'g',
      settings: { consumerStrategyName: 'Pinned', maxRetryCount: 3, startFrom: 'start' },
    });
    const reader = await join('g');
    await bare.client.deletePersistentSubscriptionToAll('g');
    await eventually(() => reader.errors.length > 0);
    expect(reader.errors[0]).toMatchObject({ type: 'persistent-subscription-dropped' });
    const late = new Reader(bare.connect().subscribeToPersistentSubscriptionToAll('g'));
    await eventually(() => late.errors.length > 0);
    expect(late.errors[0]).toMatchObject(none);
  });

  it('sends what its filter lets through, past and to come', async () => {
    await put(7);
    await put(1, 'civilServant-1');
    await create('all');
    await create('people', {}, streamNameFilter({ prefixes: ['civilServant-'] }));
    await create('types', { startFrom: 'end' }, eventTypeFilter({ regex: '^Promo' }));
    const [all, people, types] = await Promise.all([join('all', 50), join('people'), join('types')]);
    expect(await all.has(8)).toHaveLength(8);
    await bare.append(some(2, 'Promoted'), 'any', 'civilServant-1');
    expect(await people.has(3)).toEqual(['civilServant-1@0#0', 'civilServant-1@1#0', 'civilServant-1@2#0']);
    expect(await types.has(2)).toEqual(['civilServant-1@1#0', 'civilServant-1@2#0']);
    expect(await all.has(10)).not.toContainEqual(expect.stringContaining('$'));
  });

  it('begins at a position, with the event there', async () => {
    await put(3);
    const { event } = (await bare.everything()).filter(({ event }) => event?.streamId === 'unit-1')[1] ?? {};
    await create('g', { startFrom: event?.position as never });
    expect(await (await join('g')).has(2)).toEqual(['unit-1@1#0', 'unit-1@2#0']);
  });

  it('sends a consumer no more than it has room for, until it answers', async () => {
    await put(5);
    await create('g');
    const reader = await join('g', 2);
    expect(await reader.has(2)).toEqual(['unit-1@0#0', 'unit-1@1#0']);
    await reader.subscription.ack(reader.nth(0));
    expect(await reader.has(3)).toEqual(['unit-1@0#0', 'unit-1@1#0', 'unit-1@2#0']);
    expect(reader.given).toHaveLength(3);
  });

  it('sends what was refused again, behind what was sent meanwhile, and parks it in the end', async () => {
    await put(3);
    await create('g', { maxRetryCount: 1 });
    const reader = await join('g');
    await reader.has(3);
    await reader.subscription.nack('retry', 'busy', reader.nth(0));
    expect((await reader.has(4)).slice(2)).toEqual(['unit-1@2#0', 'unit-1@0#1']);
    await reader.subscription.nack('retry', 'busy', reader.nth(3));
    await parks(1n);
    await reader.subscription.nack('park', 'no', reader.nth(1));
    await reader.subscription.nack('skip', 'no', reader.nth(2));
    await put(1);
    expect((await reader.has(5))[4]).toBe('unit-1@3#0');
    await parks(2n);
    await bare.client.replayParkedMessagesToAll('g');
    expect((await reader.has(7)).slice(5)).toEqual(['unit-1@0#0', 'unit-1@1#0']);
    await parks(0n);
  });

  it('sends to another what was not answered by one who is gone', async () => {
    await put(2);
    await create('g');
    const reader = await join('g');
    await reader.has(2);
    await reader.subscription.ack(reader.nth(0));
    await put(1);
    await reader.has(3);
    await reader.subscription.unsubscribe();
    expect(await (await join('g')).has(2)).toEqual(['unit-1@1#0', 'unit-1@2#0']);
  });

  it('pins a stream to one consumer, where it is told to; else it sends its events to whoever is next', async () => {
    const both = async (name: string) => {
      const [a, b] = [await join(name, 100), await join(name, 100)];
      for (let n = 0; n < 10; n++) await put(1, `unit-${n % 3}`);
      await eventually(() => a.given.length + b.given.length === 10);
      return [a, b].map(({ given }) => new Set(given.map(({ event }) => event?.streamId ?? '')));
    };
    await create('pinned', { consumerStrategyName: 'Pinned', startFrom: 'end' });
    const [a, b] = await both('pinned');
    expect([a?.size, b?.size]).toEqual([2, 1]);
    expect([...(a ?? [])].filter((stream) => b?.has(stream))).toEqual([]);
    await create('robin', { consumerStrategyName: 'RoundRobin', startFrom: 'end' });
    const [c, d] = await both('robin');
    expect([...(c ?? [])].filter((stream) => d?.has(stream))).not.toEqual([]);
  });

  it('tells up to where all was answered', async () => {
    await put(3);
    await create('g');
    const reader = await join('g');
    await reader.has(3);
    const position = (n: number) => reader.nth(n).event?.position.commit;
    await reader.subscription.ack(reader.nth(0), reader.nth(2));
    const at = ({ lastCheckpointedEventPosition }: Stats) => lastCheckpointedEventPosition?.commit;
    await tells((stats) => at(stats) === position(0));
    await reader.subscription.ack(reader.nth(1));
    await tells((stats) => at(stats) === position(2));
  });
});
