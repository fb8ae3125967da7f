import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  type AllStreamSubscription,
  binaryEvent,
  convertToCommandError,
  type EventData,
  EventStoreDBClient,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  type Position,
  streamNameFilter,
} from '@eventstore/db-client';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { all, eventually, large, quiet, some, take } from '../kurrent-double/ask.ts';
import { KurrentDouble } from '../kurrent-double/index.ts';

const S = 'unit-1';

describe('the double of KurrentDB, met by the bare client,', () => {
  let double: KurrentDouble;
  let client: EventStoreDBClient;
  const clients: EventStoreDBClient[] = [];
  const connect = (url = double.url) => {
    const one = EventStoreDBClient.connectionString(url);
    clients.push(one);
    return one;
  };
  beforeEach(async () => {
    double = await KurrentDouble.start();
    client = connect();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.dispose()));
    await double.stop();
  });

  const append = (
    events: EventData[],
    expected: 'any' | 'no_stream' | 'stream_exists' | bigint,
    stream = S,
  ) => client.appendToStream(stream, events, { expectedRevision: expected });
  const revisionOf = async (...asked: Parameters<typeof append>) =>
    (await append(...asked)).nextExpectedRevision;
  const idsIn = async (stream = S) => (await all(client.readStream(stream))).map(({ event }) => event?.id);
  const everything = () => all(client.readAll());

  describe('appends', () => {
    it('under every kind of expectation, and says what it finds instead', async () => {
      await expect(append(some(1), 'stream_exists')).rejects.toMatchObject(
        conflict('stream_exists', 'no_stream'),
      );
      await expect(append(some(1), 0n)).rejects.toMatchObject(conflict(0n, 'no_stream'));
      expect(await revisionOf(some(2), 'no_stream')).toBe(1n);
      expect(await revisionOf(some(1), 1n)).toBe(2n);
      expect(await revisionOf(some(1), 'stream_exists')).toBe(3n);
      expect(await revisionOf(some(1), 'any')).toBe(4n);
      await expect(append(some(1), 'no_stream')).rejects.toMatchObject(conflict('no_stream', 4n));
      await expect(append(some(1), 3n)).rejects.toMatchObject(conflict(3n, 4n));
      await expect(append(some(1), 5n)).rejects.toMatchObject(conflict(5n, 4n));
      expect(await idsIn()).toHaveLength(5);
    });

    it.each([
      ['no stream', 'no_stream', 0],
      ['a revision', 1n, 2],
    ] as const)(
      'nothing again under %s: it gives the first answer, even after others wrote',
      async (_, expected, before) => {
        if (before > 0) await append(some(before), 'no_stream');
        const events = some(2);
        const first = await append(events, expected);
        await append(some(3), 'any');
        const written = await idsIn();
        expect(await append(events, expected)).toEqual(first);
        expect(await append(events.slice(0, 1), expected)).toMatchObject({
          nextExpectedRevision: BigInt(before),
        });
        expect(await idsIn()).toEqual(written);
      },
    );

    it('not what was written in part, in another order or with another continuation', async () => {
      const [a, b, c] = some(3) as [EventData, EventData, EventData];
      await append([a, b], 'no_stream');
      for (const other of [[a, c], [b, a], [a, b, c], [b]])
        await expect(append(other, 'no_stream')).rejects.toMatchObject(conflict('no_stream', 1n));
      expect(await idsIn()).toEqual([a.id, b.id]);
    });

    it('again what the stream has already, where it is expected as it is', async () => {
      const events = some(2);
      await append(events, 'no_stream');
      expect(await revisionOf(events, 1n)).toBe(3n);
      expect(await idsIn()).toEqual([...events, ...events].map(({ id }) => id));
    });

    it('the same ids to another stream', async () => {
      const events = some(1);
      await append(events, 'no_stream');
      expect(await revisionOf(events, 'no_stream', 'unit-2')).toBe(0n);
      expect(await revisionOf(events, 'any', 'unit-3')).toBe(0n);
    });

    it('nothing again under any revision, as long as it is not restarted', async () => {
      const [events, other] = [some(2), some(1)];
      expect(await revisionOf(events, 'any')).toBe(1n);
      await append(other, 'any');
      expect(await revisionOf(events, 'any')).toBe(1n);
      await expect(append([...events, ...some(1)], 'any')).rejects.toMatchObject(conflict('any', 2n));
      await double.restart();
      client = connect();
      expect(await revisionOf(events, 2n)).toBe(4n);
      await double.restart();
      client = connect();
      expect(await revisionOf(events, 'any')).toBe(6n);
      expect(await revisionOf(other, 1n)).toBe(2n);
    });

    it('nothing, and succeeds', async () => {
      await append([], 'no_stream');
      await append(some(1), 'no_stream');
      expect(await revisionOf([], 0n)).toBe(0n);
      expect(await idsIn()).toHaveLength(1);
    });

    it('all of an append or none, where several race', async () => {
      const races = await Promise.allSettled(Array.from({ length: 20 }, () => append(some(3), 'no_stream')));
      expect(races.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await idsIn()).toHaveLength(3);
    });
  });

  describe('refuses', () => {
    it('an append of more bytes than it is set to take', async () => {
      const small = await KurrentDouble.start({ maxAppendBytes: 1_048_576 });
      try {
        const one = connect(small.url);
        const write = (more: number) => {
          const metadata = new Uint8Array(10);
          const data = new Uint8Array(1_048_576 - 10 - 2 * 'Placed'.length + more);
          return one.appendToStream(S, binaryEvent({ type: 'Placed', data, metadata }));
        };
        await expect(write(1)).rejects.toMatchObject({
          type: 'maximum-append-size-exceeded',
          maxAppendSize: 1_048_576,
        });
        await expect(all(one.readStream(S))).rejects.toMatchObject({ type: 'stream-not-found' });
        expect(await write(0)).toMatchObject({ success: true });
      } finally {
        await small.stop();
      }
    });

    it.each([
      ['type', { 'content-type': 'application/json' }],
      ['content-type', { type: 'Placed' }],
    ])('an event without its %s', async (_, metadata) => {
      const refused = convertToCommandError((await proposeOne(double.port, metadata)) as ServiceError);
      expect(refused).toMatchObject({
        type: 'missing-required-metadata-property',
        requiredMetadataProperties: ['type', 'content-type'],
      });
      await expect(all(client.readStream(S))).rejects.toMatchObject({ type: 'stream-not-found' });
    });

    it('an id that is none, a type or a stream without a name', async () => {
      const [event] = some(1) as [EventData];
      await expect(append([{ ...event, id: 'one' }], 'any')).rejects.toMatchObject({ code: 2 });
      await expect(append([{ ...event, type: '' }], 'any')).rejects.toMatchObject({ code: 2 });
      await expect(append([event], 'any', '')).rejects.toMatchObject({ code: 3 });
    });

    it('a position where no event begins', async () => {
      await append(some(3), 'no_stream');
      const at = (await everything()).at(-2)?.event?.position as Position;
      for (const position of [
        { commit: at.commit + 1n, prepare: at.commit + 1n },
        { commit: at.commit, prepare: at.commit + 1n },
      ]) {
        await expect(all(client.readAll({ fromPosition: position }))).rejects.toMatchObject({ code: 3 });
        const subscription = client.subscribeToAll({ fromPosition: position });
        await expect(all(subscription)).rejects.toMatchObject({ code: 3 });
      }
    });

    it('to write to a stream that was deleted for good, and to delete what is not as expected', async () => {
      await append(some(2), 'no_stream');
      await expect(client.deleteStream(S, { expectedRevision: 0n })).rejects.toMatchObject({
        type: 'wrong-expected-version',
        expectedVersion: 0n,
        actualVersion: 1n,
      });
      await client.deleteStream(S, { expectedRevision: 1n });
      await expect(all(client.readStream(S))).rejects.toMatchObject({ type: 'stream-not-found' });
      expect(await revisionOf(some(1), 'no_stream')).toBe(2n);
      expect(await idsIn()).toHaveLength(1);
      await client.tombstoneStream(S);
      const gone = { type: 'stream-deleted', streamName: S };
      await expect(append(some(1), 'any')).rejects.toMatchObject(gone);
      await expect(all(client.readStream(S))).rejects.toMatchObject(gone);
      await expect(client.tombstoneStream(S)).rejects.toMatchObject(gone);
    });
  });

  describe('reads', () => {
    it('what was written, byte for byte, and when', async () => {
      const before = Date.now();
      const text = ' {"b":1e3, "a":"é"} ';
      const bytes = (letters: string) => Uint8Array.from(Buffer.from(letters));
      await append([binaryEvent({ type: 'A', data: bytes(text), metadata: bytes(`x${text}`) })], 'any');
      await append([jsonEvent({ type: 'B', data: { a: ['é'] }, metadata: { $correlationId: '1' } })], 'any');
      const [a, b] = (await all(client.readStream(S))).map(({ event }) => event);
      expect(a).toMatchObject({ type: 'A', isJson: false, streamId: S, revision: 0n });
      expect(Buffer.from(a?.data as Uint8Array).toString()).toBe(text);
      expect(Buffer.from(a?.metadata as Uint8Array).toString()).toBe(`x${text}`);
      expect(b).toMatchObject({ isJson: true, data: { a: ['é'] }, metadata: { $correlationId: '1' } });
      expect(a?.created.getTime()).toBeGreaterThanOrEqual(before);
      expect(b?.created.getTime()).toBeLessThanOrEqual(Date.now());
    });

    it('a stream from anywhere in both directions', async () => {
      await append(some(5), 'no_stream');
      const read = async (options: Parameters<typeof client.readStream>[1]) =>
        (await all(client.readStream(S, options))).map(({ event }) => Number(event?.revision));
      expect(await read({})).toEqual([0, 1, 2, 3, 4]);
      expect(await read({ fromRevision: 3n })).toEqual([3, 4]);
      expect(await read({ fromRevision: 1n, maxCount: 2 })).toEqual([1, 2]);
      expect(await read({ fromRevision: 5n })).toEqual([]);
      expect(await read({ fromRevision: 'end', direction: 'backwards', maxCount: 2 })).toEqual([4, 3]);
      expect(await read({ fromRevision: 2n, direction: 'backwards' })).toEqual([2, 1, 0]);
      expect(await read({ fromRevision: 9n, direction: 'backwards', maxCount: 1 })).toEqual([4]);
      expect(await read({ direction: 'backwards', fromRevision: 'start' })).toEqual([0]);
      await expect(all(client.readStream('unit-0'))).rejects.toMatchObject({ type: 'stream-not-found' });
    });

    it('all streams in one order, forwards from a position on and backwards from before it', async () => {
      for (let n = 0; n < 6; n++) await append(some(2), 'any', `unit-${n % 2}`);
      const events = (await everything()).map(({ event }) => event);
      const positions = events.map((event) => event?.position?.commit ?? 0n);
      expect(events.filter((event) => event?.type === 'Placed')).toHaveLength(12);
      expect(events.filter((event) => event?.type.startsWith('$')).length).toBeGreaterThan(1);
      expect(positions.every((at, n) => n === 0 || at > (positions[n - 1] ?? 0n) + 1n)).toBe(true);
      const read = async (options: Parameters<typeof client.readAll>[0]) =>
        (await all(client.readAll(options))).map(({ event }) => event?.position?.commit);
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
          await append(some(1), 'any');
          await append(some(1, 'Moved'), 'any', 'unit-2');
        }
      };
      await write(10);
      const subscription = client.subscribeToAll({ filter });
      const taking = take(subscription, wanted.test('Placed') ? 40 : 20);
      await write(10);
      const taken = (await taking).map(({ event }) => event);
      const expected = (await everything()).filter(({ event }) => wanted.test(event?.type ?? ''));
      expect(taken.map((event) => event?.id)).toEqual(expected.map(({ event }) => event?.id));
    });

    it('from behind a position, from the end, and system events too where nothing is filtered', async () => {
      await append(some(3), 'any');
      const events = await everything();
      const fromPosition = events[1]?.event?.position as Position;
      const [behind, fromEnd] = [
        client.subscribeToAll({ fromPosition }),
        client.subscribeToAll({ fromPosition: 'end' }),
      ];
      await Promise.all([behind, fromEnd].map((one) => once(one, 'caughtUp')));
      expect(double.subscriptions).toBe(2);
      const taking = [take(behind, 5), take(fromEnd, 3)];
      await append(some(3, 'Moved'), 'any');
      const types = (await Promise.all(taking)).map((taken) => taken.map(({ event }) => event?.type));
      expect(types).toEqual([
        ['Placed', 'Placed', 'Moved', 'Moved', 'Moved'],
        ['Moved', 'Moved', 'Moved'],
      ]);
      const [first] = await take(client.subscribeToAll(), 1);
      expect(first?.event?.type).toBe('$UserCreated');
    });

    it('one stream, also before it is there', async () => {
      const taking = take(client.subscribeToStream(S), 3);
      await append(some(2), 'no_stream');
      await append(some(1), 'any', 'unit-2');
      await append(some(1), 1n);
      expect((await taking).map(({ event }) => event?.revision)).toEqual([0n, 1n, 2n]);
      const [next] = await take(client.subscribeToStream(S, { fromRevision: 1n }), 1);
      expect(next?.event?.revision).toBe(2n);
    });

    it('and names a checkpoint after so many considered events and when it has caught up', async () => {
      await append(some(100), 'any');
      const at = (await everything()).map(({ event }) => event?.position?.commit ?? 0n);
      const checkpoints: bigint[] = [];
      const filter = eventTypeFilter({
        prefixes: ['Moved'],
        maxSearchWindow: 10,
        checkpointInterval: 2,
        checkpointReached: async (_: AllStreamSubscription, { commit }: Position) =>
          void checkpoints.push(commit),
      });
      const subscription = client.subscribeToAll({ filter });
      await once(subscription, 'caughtUp');
      expect(checkpoints).toEqual([...[19, 39, 59, 79, 99].map((n) => at[n]), at.at(-1)]);
      const taking = take(subscription, 1);
      await append(some(30), 'any');
      await append(some(1, 'Moved'), 'any');
      await taking;
      expect(checkpoints).toHaveLength(7);
    });

    it('no faster than it is followed', async () => {
      for (let n = 0; n < 20; n++) await append(large(10), 'any');
      const subscription = client.subscribeToStream(S);
      await once(subscription, 'confirmation');
      await eventually(() => double.sent > 10);
      await quiet(() => double.sent);
      expect(double.sent).toBeLessThan(100);
      expect(await take(subscription, 200)).toHaveLength(200);
    });
  });

  it('is found as a cluster of one', async () => {
    const cluster = connect(`esdb+discover://127.0.0.1:${double.port}?tls=false`);
    await cluster.appendToStream(S, some(1));
    expect(await all(cluster.readStream(S))).toHaveLength(1);
  });
});

/** How the client tells that a stream is not as expected. */
const conflict = (expectedVersion: unknown, actualVersion: unknown) => ({
  type: 'wrong-expected-version',
  expectedVersion,
  actualVersion,
});

/** An append as the client never sends it; what the server answers to it. */
function proposeOne(port: number, metadata: Record<string, string>): Promise<unknown> {
  const stub = new streamsGrpc.StreamsClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const identifier = new sharedPb.StreamIdentifier().setStreamName(Buffer.from(S).toString('base64'));
  const options = new streamsPb.AppendReq.Options()
    .setStreamIdentifier(identifier)
    .setAny(new sharedPb.Empty());
  const message = new streamsPb.AppendReq.ProposedMessage().setId(
    new sharedPb.UUID().setString(randomUUID()),
  );
  for (const [key, value] of Object.entries(metadata)) message.getMetadataMap().set(key, value);
  return new Promise((settle) => {
    const call = stub.append((error, answer) => {
      stub.close();
      settle(error ?? answer);
    });
    call.write(new streamsPb.AppendReq().setOptions(options));
    call.write(new streamsPb.AppendReq().setProposedMessage(message));
    call.end();
  });
}
