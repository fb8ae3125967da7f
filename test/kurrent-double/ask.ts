import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AppendExpectedRevision,
  type AppendResult,
  binaryEvent,
  type EventData,
  EventStoreDBClient,
  jsonEvent,
} from '@eventstore/db-client';
import { afterEach, beforeEach } from '@jest/globals';
import { KurrentDouble } from './index.ts';

export type {
  AllStreamSubscription,
  EventStoreDBClient,
  PersistentSubscriptionToAll,
  PersistentSubscriptionToAllResolvedEvent,
  Position,
} from '@eventstore/db-client';
export {
  binaryEvent,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults as groupSettings,
  streamNameFilter,
} from '@eventstore/db-client';

export const S = 'unit-1';

/** A double for each test of a file, and bare clients of it; all are gone when it is over. */
export class Bare {
  double!: KurrentDouble;
  client!: EventStoreDBClient;
  readonly #clients: EventStoreDBClient[] = [];

  constructor() {
    beforeEach(async () => {
      this.double = await KurrentDouble.start();
      this.client = this.connect();
    });
    afterEach(async () => {
      await Promise.all(this.#clients.splice(0).map((client) => client.dispose()));
      await this.double.stop();
    });
  }

  connect(url = this.double.url): EventStoreDBClient {
    const client = EventStoreDBClient.connectionString(url);
    this.#clients.push(client);
    return client;
  }

  append(events: EventData[], expected: AppendExpectedRevision, stream = S): Promise<AppendResult> {
    return this.client.appendToStream(stream, events, { expectedRevision: expected });
  }

  /** Last revision after an append. */
  async revisionOf(...asked: Parameters<Bare['append']>): Promise<bigint> {
    return (await this.append(...asked)).nextExpectedRevision;
  }

  async idsIn(stream = S): Promise<(string | undefined)[]> {
    return (await all(this.client.readStream(stream))).map(({ event }) => event?.id);
  }

  everything() {
    return all(this.client.readAll());
  }
}

/** Events to be written, with ids of their own. */
export const some = (count: number, type = 'Placed'): EventData[] =>
  Array.from({ length: count }, (_, n) => jsonEvent({ id: randomUUID(), type, data: { n } }));

/** Events of 50 kB each. */
export const large = (count: number): EventData[] =>
  Array.from({ length: count }, () => binaryEvent({ type: 'Placed', data: new Uint8Array(50_000) }));

/** Everything that a stream gives until it ends. */
export function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  return take(stream, Number.POSITIVE_INFINITY);
}

/** The first so many that a stream gives; then it is given up. */
export async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const one of stream) {
    taken.push(one);
    if (taken.length === count) break;
  }
  return taken;
}

/** Waits until it is so; fails after 20 s. */
export async function eventually(isSo: () => boolean): Promise<void> {
  for (const giveUp = performance.now() + 20_000; !isSo(); await sleep(10))
    if (performance.now() > giveUp) throw new Error(`not within 20 s: ${isSo}`);
}

/** Waits until a number does not change for a while. */
export async function quiet(number: () => number): Promise<void> {
  for (let last = Number.NaN; number() !== last; await sleep(300)) last = number();
}
