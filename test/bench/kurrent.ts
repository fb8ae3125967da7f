import { type EventStore, KurrentEventStore } from '@app/event-store';
import { EventStoreDBClient, jsonEvent, NO_STREAM, START } from '@eventstore/db-client';
import { KurrentChild } from '../kurrent-double/child.ts';
import { atOnce, type Figures, peakMiB, rate } from './measure.ts';
import { plainEvent } from './sample.ts';

const APPENDS = 4_000;
const WRITERS = 32;

/** The same work for both: single appends to new streams, then all of it read. */
async function tasks(
  append: (n: number) => Promise<unknown>,
  follow: (count: number) => Promise<unknown>,
): Promise<Figures> {
  await atOnce(WRITERS, 200, (n) => append(n + APPENDS * 2));
  const figures: Record<string, number> = {};
  figures['append, 1 at once /s'] = await rate(APPENDS / 4, () => atOnce(1, APPENDS / 4, append));
  figures[`append, ${WRITERS} at once /s`] = await rate(APPENDS, () =>
    atOnce(WRITERS, APPENDS, (n) => append(n + APPENDS)),
  );
  const all = 200 + APPENDS / 4 + APPENDS;
  figures['follow, events/s'] = await rate(all, () => follow(all));
  figures['peak memory, MiB'] = peakMiB();
  return figures;
}

/** The adapter, over the double of the server. */
export async function kurrentJejak(): Promise<Figures> {
  const server = await KurrentChild.start();
  const store: EventStore = await KurrentEventStore.open(server.url);
  const figures = await tasks(
    (n) => store.append(`bench-${n}`, 'no-stream', [plainEvent(n)]),
    async (count) => {
      const stop = new AbortController();
      let seen = 0;
      for await (const batch of store.follow(undefined, stop.signal)) {
        seen += batch.length;
        if (seen >= count) stop.abort();
      }
    },
  );
  await store.close();
  await server.stop();
  return figures;
}

/** The limit: the bare client with the same plain Append call, over the same double. */
export async function kurrentRaw(): Promise<Figures> {
  const server = await KurrentChild.start();
  const client = EventStoreDBClient.connectionString(server.url);
  const credentials = { username: 'any', password: 'any' };
  const figures = await tasks(
    (n) => {
      const { id, type, data, metadata } = plainEvent(n);
      const event = jsonEvent({ id, type, data: JSON.parse(data), metadata: JSON.parse(metadata) });
      return client.appendToStream(`bench-${n}`, event, { expectedRevision: NO_STREAM, credentials });
    },
    async (count) => {
      const subscription = client.subscribeToAll({ fromPosition: START });
      let seen = 0;
      for await (const { event } of subscription)
        if (event && !event.type.startsWith('$') && ++seen >= count) break;
      await subscription.unsubscribe();
    },
  );
  await client.dispose();
  await server.stop();
  return figures;
}
