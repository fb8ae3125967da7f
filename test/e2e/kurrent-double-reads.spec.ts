import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import {
  type AllStreamSubscription,
  all,
  Bare,
  binaryEvent,
  eventTypeFilter,
  eventually,
  excludeSystemEvents,
  jsonEvent,
  large,
  type Position,
  quiet,
  S,
  some,
  streamNameFilter,
  take,
} from '../kurrent-double/ask.ts';

describe('the double of KurrentDB, met by the bare client,', () => {
  const bare = new Bare();

  describe('reads', () => {
    it('what was written, byte for byte, and when', async () => {
      const before = Date.now();
      const text = ' {"b":1e3, "a":"é"} ';
      const bytes = (letters: string) => Uint8Array.from(Buffer.from(letters));
      await bare.append([binaryEvent({ type: 'A', data: bytes(text), metadata: bytes(`x${text}`) })], 'any');
      await bare.append(
        [jsonEvent({ type: 'B', data: { a: ['é'] }, metadata: { $correlationId: '1' } })],
        'any',
      );
      const [a, b] = (await all(bare.client.readStream(S))).map(({ event }) => event);
      expect(a).toMatchObject({ type: 'A', isJson: false, streamId: S, revision: 0n });
      expect(Buffer.from(a?.data as Uint8Array).toString()).toBe(text);
      expect(Buffer.from(a?.metadata as Uint8Array).toString()).toBe(`x${text}`);
      expect(b).toMatchObject({ isJson: true, data: { a: ['é'] }, metadata: { $correlationId: '1' } });
      expect(a?.created.getTime()).toBeGreaterThanOrEqual(before);
      expect(b?.created.getTime()).toBeLessThanOrEqual(Date.now());
    });

    it('a stream from anywhere in both directions', async () => {
      await bare.append(some(5), 'no_stream');
      const read = async (options: Parameters<typeof bare.client.readStream>[1]) =>
        (await all(bare.client.readStream(S, options))).map(({ event }) => Number(event?.revision));
      expect(await read({})).toEqual([0, 1, 2, 3, 4]);
      expect(await read({ fromRevision: 3n })).toEqual([3, 4]);
      expect(await read({ fromRevision: 1n, maxCount: 2 })).toEqual([1, 2]);
      expect(await read({ fromRevision: 5n })).toEqual([]);
      expect(await read({ fromRevision: 'end', direction: 'backwards', maxCount: 2 })).toEqual([4, 3]);
      expect(await read({ fromRevision: 2n, direction: 'backwards' })).toEqual([2, 1, 0]);
      expect(await read({ fromRevision: 9n, direction: 'backwards', maxCount: 1 })).toEqual([4]);
      expect(await read({ direction: 'backwards', fromRevision: 'start' })).toEqual([0]);
      await expect(all(bare.client.readStream('unit-0'))).rejects.toMatchObject({ type: 'stream-not-found' });
    });

    it('all streams in one order, forwards from a position on and backwards from before it', async () => {
      for (let n = 0; n < 6; n++) await bare.append(some(2), 'any', `unit-${n % 2}`);
      const events = (await bare.everything()).map(({ event }) => event);
      const positions = events.map((event) => event?.position?.commit ?? 0n);
      expect(events.filter((event) => event?.type === 'Placed')).toHaveLength(12);
      expect(events.filter((event) => event?.type.startsWith('$')).length).toBeGreaterThan(1);
      expect(positions.every((at, n) => n === 0 || at > (positions[n - 1] ?? 0n) + 1n)).toBe(true);
      const read = async (options: Parameters<typeof bare.client.readAll>[0]) =>
        (await all(bare.client.readAll(options))).map(({ event }) => event?.position?.commit);
      const at = events[4]?.position as Position;
      expect(await read({ fromPosition: at, maxCount: 3 })).toEqual(positions.slice(4, 7));
      expect(await read({ fromPosition: at, direction: 'backwards' })).toEqual(
        positions.slice(0, 4).reverse(),
      );
      expect(await read({ fromPosition: 'end', direction: 'backwards' })).toEqual([...positions].reverse());
      expect(await read({ fromPosition: 'end' })).toEqual([]);
      const beyond = { commit: at.commit + 100_000n, prepare: at.commit + 100_000n };
      expect(await read({ fromPosition: beyond })).toEqual([]);
    });
  });

  describe('follows', () => {
    it.each([
      ['all that is no event of the server', excludeSystemEvents(), /^(Placed|Moved)$/],
      ['types with a prefix', eventTypeFilter({ prefixes: ['Mo', 'X'] }), /^Moved$/],
      ['streams with a prefix', streamNameFilter({ prefixes: ['unit-2'] }), /^Moved$/],
      ['streams that match', streamNameFilter({ regex: '^unit-[12]$' }), /^(Placed|Moved)$/],
    ])('%s: first what there is, then what comes, without a seam', async (_, filter, wanted) => {
      const write = async (count: number) => {
        for (let n = 0; n < count; n++) {
          await bare.append(some(1), 'any');
          await bare.append(some(1, 'Moved'), 'any', 'unit-2');
        }
      };
      await write(10);
      const subscription = bare.client.subscribeToAll({ filter });
      const taking = take(subscription, wanted.test('Placed') ? 40 : 20);
      await write(10);
      const taken = (await taking).map(({ event }) => event);
      const expected = (await bare.everything()).filter(({ event }) => wanted.test(event?.type ?? ''));
      expect(taken.map((event) => event?.id)).toEqual(expected.map(({ event }) => event?.id));
    });

    it('from behind a position, from the end, and system events too where nothing is filtered', async () => {
      await bare.append(some(3), 'any');
      const events = await bare.everything();
      const fromPosition = events[1]?.event?.position as Position;
      const [behind, fromEnd] = [
        bare.client.subscribeToAll({ fromPosition }),
        bare.client.subscribeToAll({ fromPosition: 'end' }),
      ];
      await Promise.all([behind, fromEnd].map((one) => once(one, 'caughtUp')));
      expect(bare.double.subscriptions).toBe(2);
      const taking = [take(behind, 5), take(fromEnd, 3)];
      await bare.append(some(3, 'Moved'), 'any');
      const types = (await Promise.all(taking)).map((taken) => taken.map(({ event }) => event?.type));
      expect(types).toEqual([
        ['Placed', 'Placed', 'Moved', 'Moved', 'Moved'],
        ['Moved', 'Moved', 'Moved'],
      ]);
      const [first] = await take(bare.client.subscribeToAll(), 1);
      expect(first?.event?.type).toBe('$UserCreated');
    });

    it('one stream, also before it is there', async () => {
      const taking = take(bare.client.subscribeToStream(S), 3);
      await bare.append(some(2), 'no_stream');
      await bare.append(some(1), 'any', 'unit-2');
      await bare.append(some(1), 1n);
      expect((await taking).map(({ event }) => event?.revision)).toEqual([0n, 1n, 2n]);
      const [next] = await take(bare.client.subscribeToStream(S, { fromRevision: 1n }), 1);
      expect(next?.event?.revision).toBe(2n);
    });

    it.each([
      ['once where both fall together', 99, [19, 39, 59, 79, 99]],
      ['twice where they do not', 100, [19, 39, 59, 79, 99, 100]],
    ])(
      'and names a checkpoint after so many considered events and when it has caught up: %s',
      async (_, count, named) => {
        await bare.append(some(count), 'any');
        const at = (await bare.everything()).map(({ event }) => event?.position?.commit ?? 0n);
        const checkpoints: bigint[] = [];
        const filter = eventTypeFilter({
          prefixes: ['Moved'],
          maxSearchWindow: 10,
          checkpointInterval: 2,
          checkpointReached: async (_: AllStreamSubscription, { commit }: Position) =>
            void checkpoints.push(commit),
        });
        const subscription = bare.client.subscribeToAll({ filter });
        await once(subscription, 'caughtUp');
        expect(checkpoints).toEqual(named.map((n) => at[n]));
        const taking = take(subscription, 1);
        await bare.append(some(30), 'any');
        await bare.append(some(1, 'Moved'), 'any');
        await taking;
        expect(checkpoints).toHaveLength(named.length + 1);
      },
    );

    it('no faster than it is followed', async () => {
      for (let n = 0; n < 20; n++) await bare.append(large(10), 'any');
      const subscription = bare.client.subscribeToStream(S);
      await once(subscription, 'confirmation');
      await eventually(() => bare.double.sent > 10);
      await quiet(() => bare.double.sent);
      expect(bare.double.sent).toBeLessThan(100);
      expect(await take(subscription, 200)).toHaveLength(200);
    });
  });

  it('is found as a cluster of one', async () => {
    const cluster = bare.connect(`esdb+discover://127.0.0.1:${bare.double.port}?tls=false`);
    await cluster.appendToStream(S, some(1));
    expect(await all(cluster.readStream(S))).toHaveLength(1);
  });
});
