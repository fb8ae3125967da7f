import { randomUUID } from 'node:crypto';
import { binaryEvent, convertToCommandError, type EventData, type Position } from '@eventstore/db-client';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { all, Bare, S, some } from '../kurrent-double/ask.ts';
import { KurrentDouble } from '../kurrent-double/index.ts';

describe('the double of KurrentDB, met by the bare client,', () => {
  const bare = new Bare();

  describe('appends', () => {
    it('under every kind of expectation, and says what it finds instead', async () => {
      await expect(bare.append(some(1), 'stream_exists')).rejects.toMatchObject(
        conflict('stream_exists', 'no_stream'),
      );
      await expect(bare.append(some(1), 0n)).rejects.toMatchObject(conflict(0n, 'no_stream'));
      expect(await bare.revisionOf(some(2), 'no_stream')).toBe(1n);
      expect(await bare.revisionOf(some(1), 1n)).toBe(2n);
      expect(await bare.revisionOf(some(1), 'stream_exists')).toBe(3n);
      expect(await bare.revisionOf(some(1), 'any')).toBe(4n);
      await expect(bare.append(some(1), 'no_stream')).rejects.toMatchObject(conflict('no_stream', 4n));
      await expect(bare.append(some(1), 3n)).rejects.toMatchObject(conflict(3n, 4n));
      await expect(bare.append(some(1), 5n)).rejects.toMatchObject(conflict(5n, 4n));
      expect(await bare.idsIn()).toHaveLength(5);
    });

    it.each([
      ['no stream', 'no_stream', 0],
      ['a revision', 1n, 2],
    ] as const)(
      'nothing again under %s: it gives the first answer, even after others wrote',
      async (_, expected, before) => {
        if (before > 0) await bare.append(some(before), 'no_stream');
        const events = some(2);
        const first = await bare.append(events, expected);
        await bare.append(some(3), 'any');
        const written = await bare.idsIn();
        expect(await bare.append(events, expected)).toEqual(first);
        expect(await bare.append(events.slice(0, 1), expected)).toMatchObject({
          nextExpectedRevision: BigInt(before),
        });
        expect(await bare.idsIn()).toEqual(written);
      },
    );

    it('not what was written in part, in another order or with another continuation', async () => {
      const [a, b, c] = some(3) as [EventData, EventData, EventData];
      await bare.append([a, b], 'no_stream');
      for (const other of [[a, c], [b, a], [a, b, c], [b]])
        await expect(bare.append(other, 'no_stream')).rejects.toMatchObject(conflict('no_stream', 1n));
      expect(await bare.idsIn()).toEqual([a.id, b.id]);
    });

    it('again what the stream has already, where it is expected as it is', async () => {
      const events = some(2);
      await bare.append(events, 'no_stream');
      expect(await bare.revisionOf(events, 1n)).toBe(3n);
      expect(await bare.idsIn()).toEqual([...events, ...events].map(({ id }) => id));
    });

    it('the same ids to another stream', async () => {
      const events = some(1);
      await bare.append(events, 'no_stream');
      expect(await bare.revisionOf(events, 'no_stream', 'unit-2')).toBe(0n);
      expect(await bare.revisionOf(events, 'any', 'unit-3')).toBe(0n);
    });

    it('nothing again under any revision, as long as it is not restarted', async () => {
      const [events, other] = [some(2), some(1)];
      expect(await bare.revisionOf(events, 'any')).toBe(1n);
      await bare.append(other, 'any');
      expect(await bare.revisionOf(events, 'any')).toBe(1n);
      await expect(bare.append([...events, ...some(1)], 'any')).rejects.toMatchObject(conflict('any', 2n));
      await bare.double.restart();
      bare.client = bare.connect();
      expect(await bare.revisionOf(events, 2n)).toBe(4n);
      await bare.double.restart();
      bare.client = bare.connect();
      expect(await bare.revisionOf(events, 'any')).toBe(6n);
      expect(await bare.revisionOf(other, 1n)).toBe(2n);
    });

    it('nothing, and succeeds', async () => {
      await bare.append([], 'no_stream');
      await bare.append(some(1), 'no_stream');
      expect(await bare.revisionOf([], 0n)).toBe(0n);
      expect(await bare.idsIn()).toHaveLength(1);
    });

    it('all of an append or none, where several race', async () => {
      const races = await Promise.allSettled(
        Array.from({ length: 20 }, () => bare.append(some(3), 'no_stream')),
      );
      expect(races.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await bare.idsIn()).toHaveLength(3);
    });
  });

  describe('refuses', () => {
    it('an append of more bytes than it is set to take', async () => {
      const small = await KurrentDouble.start({ maxAppendBytes: 1_048_576 });
      try {
        const one = bare.connect(small.url);
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
      const refused = convertToCommandError((await proposeOne(bare.double.port, metadata)) as ServiceError);
      expect(refused).toMatchObject({
        type: 'missing-required-metadata-property',
        requiredMetadataProperties: ['type', 'content-type'],
      });
      await expect(all(bare.client.readStream(S))).rejects.toMatchObject({ type: 'stream-not-found' });
    });

    it('an id that is none, a type or a stream without a name', async () => {
      const [event] = some(1) as [EventData];
      await expect(bare.append([{ ...event, id: 'one' }], 'any')).rejects.toMatchObject({ code: 2 });
      await expect(bare.append([{ ...event, type: '' }], 'any')).rejects.toMatchObject({ code: 2 });
      await expect(bare.append([event], 'any', '')).rejects.toMatchObject({ code: 3 });
    });

    it('a position where no event begins', async () => {
      await bare.append(some(3), 'no_stream');
      const at = (await bare.everything()).at(-2)?.event?.position as Position;
      for (const position of [
        { commit: at.commit + 1n, prepare: at.commit + 1n },
        { commit: at.commit, prepare: at.commit + 1n },
      ]) {
        await expect(all(bare.client.readAll({ fromPosition: position }))).rejects.toMatchObject({ code: 3 });
        const subscription = bare.client.subscribeToAll({ fromPosition: position });
        await expect(all(subscription)).rejects.toMatchObject({ code: 3 });
      }
    });

    it('to write to a stream that was deleted for good, and to delete what is not as expected', async () => {
      await bare.append(some(2), 'no_stream');
      await expect(bare.client.deleteStream(S, { expectedRevision: 0n })).rejects.toMatchObject({
        type: 'wrong-expected-version',
        expectedVersion: 0n,
        actualVersion: 1n,
      });
      await bare.client.deleteStream(S, { expectedRevision: 1n });
      await expect(all(bare.client.readStream(S))).rejects.toMatchObject({ type: 'stream-not-found' });
      expect(await bare.revisionOf(some(1), 'no_stream')).toBe(2n);
      expect(await bare.idsIn()).toHaveLength(1);
      await bare.client.tombstoneStream(S);
      const gone = { type: 'stream-deleted', streamName: S };
      await expect(bare.append(some(1), 'any')).rejects.toMatchObject(gone);
      await expect(all(bare.client.readStream(S))).rejects.toMatchObject(gone);
      await expect(bare.client.tombstoneStream(S)).rejects.toMatchObject(gone);
    });
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
