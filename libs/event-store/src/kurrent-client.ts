import { setImmediate as ownTurn } from 'node:timers/promises';
import type {
  AllStreamResolvedEvent,
  EventData,
  EventStoreDBClient,
  Filter,
  ReadAllOptions,
  ResolvedEvent,
  StreamingRead,
} from '@eventstore/db-client';
import {
  type Expected,
  type NewEvent,
  NotStorable,
  type Position,
  type StoredEvent,
  StoreUnavailable,
} from './event-store.ts';
import { GROUP_SETTINGS, type Group, type GroupWanted } from './kurrent-group.ts';
import { Unanswered, within } from './kurrent-patience.ts';
import { asTaken, contentOf, metadataBytes, metadataText, textOf } from './kurrent-text.ts';
import type { KurrentAddress } from './kurrent-url.ts';

/** A place in the log; `event` where it is one of ours and not the server's own. */
export type Seen = { readonly position: Position; readonly event?: StoredEvent };

/** A subscription that tells only that something happened. */
export type Listening = { hangUp(): void };

/** What the server does not write for itself. */
const OURS = { filterOn: 'eventType', regex: '^[^$].*', checkpointInterval: 1 } as const;
const OF_STREAMS = { filterOn: 'streamName', checkpointInterval: 1 } as const;

/** After the client's own deadline, which also frees the call. */
const GRACE_MS = 500;

/**
 * One call of @eventstore/db-client each, with a timer of its own: the only file that knows the client (docs/adr/0007).
 * What the server refuses for good is thrown as `StoreUnavailable` or `NotStorable`; any other error leaves the outcome open.
 * The client is loaded when it is first needed.
 *
 * Every call begins in a turn of the event loop of its own: the client closes its channel when a call fails, and one that
 * began in that very turn would hang for ever and leave an unhandled rejection, which ends the process.
 */
export class KurrentClient {
  private constructor(
    private readonly client: EventStoreDBClient,
    private readonly address: KurrentAddress,
  ) {}

  static async connect(address: KurrentAddress): Promise<KurrentClient> {
    const { EventStoreDBClient } = await import('@eventstore/db-client');
    try {
      return new KurrentClient(EventStoreDBClient.connectionString(address.url), address);
    } catch (cause) {
      // The client's own parse error quotes the connection string.
      const why =
        cause instanceof Error && !('connectionString' in cause) ? cause.message : 'it cannot be read';
      throw new StoreUnavailable(`The connection string of KurrentDB at ${address.where}: ${why}`);
    }
  }

  /** Appends at a revision; gives what the stream looks like instead where it does not look so. */
  async append(
    stream: string,
    expected: Expected,
    events: readonly NewEvent[],
    ms: number,
  ): Promise<{ actual: Expected } | undefined> {
    await ownTurn();
    const appending = this.client.appendToStream(stream, events.map(proposed), {
      expectedRevision: expected === 'no-stream' ? 'no_stream' : BigInt(expected),
      // Their presence makes the client use the plain Append call and not BatchAppend, which can hang for ever.
      credentials: this.address.credentials,
      requiresLeader: true,
      deadline: ms,
    });
    try {
      await within(ms + GRACE_MS, appending);
      return undefined;
    } catch (error) {
      const { type, actualVersion } = error as { type?: string; actualVersion?: bigint | 'no_stream' };
      if (type !== 'wrong-expected-version') throw this.#told(error);
      return { actual: typeof actualVersion === 'bigint' ? Number(actualVersion) : 'no-stream' };
    }
  }

  /** Events of a stream in the order asked for; undefined: the server says there is no such stream. */
  async readStream(
    stream: string,
    from: number | 'end',
    backwards: boolean,
    count: number,
    ms: number,
  ): Promise<StoredEvent[] | undefined> {
    await ownTurn();
    const reading = this.client.readStream(stream, {
      fromRevision: from === 'end' ? 'end' : BigInt(from),
      direction: backwards ? 'backwards' : 'forwards',
      maxCount: count,
      requiresLeader: true,
    });
    try {
      const answers = await collected<ResolvedEvent>(reading, ms);
      return answers.flatMap(({ event }) => (event ? [stored(event)] : []));
    } catch (error) {
      if ((error as { type?: string }).type === 'stream-not-found') return undefined;
      throw this.#told(error);
    }
  }

  /** What is in the log from a position on, it included. */
  readAll(from: Position | undefined, count: number, ms: number): Promise<Seen[]> {
    const fromPosition =
      from === undefined ? ('start' as const) : { commit: BigInt(from), prepare: BigInt(from) };
    return this.#readAll({ fromPosition, maxCount: count }, ms);
  }

  /** The last so many places of the log, the last of them first. */
  readEnd(count: number, ms: number): Promise<Seen[]> {
    return this.#readAll({ fromPosition: 'end', direction: 'backwards', maxCount: count }, ms);
  }

  async #readAll(options: ReadAllOptions, ms: number): Promise<Seen[]> {
    await ownTurn();
    const reading = this.client.readAll({ ...options, requiresLeader: true });
    try {
      const answers = await collected<AllStreamResolvedEvent>(reading, ms);
      return answers.flatMap(({ event }) => (event ? [seen(event)] : []));
    } catch (error) {
      throw this.#told(error);
    }
  }

  /**
   * Calls `ring` when the server listens for us and whenever an event of ours is recorded from then on, and `lost` once
   * when it does so no more: an error, an end, or no word within `ms` at the beginning. It never comes back by itself.
   */
  listen(ring: () => void, lost: () => void, ms: number): Listening {
    const subscription = this.client.subscribeToAll({
      fromPosition: 'end',
      requiresLeader: true,
      filter: OURS,
    });
    let over = false;
    const stop = () => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      subscription.unsubscribe().catch(() => undefined);
      lost();
    };
    const timer = setTimeout(stop, ms);
    const heard = () => {
      clearTimeout(timer);
      if (!over) ring();
    };
    subscription
      .on('confirmation', heard)
      .on('data', heard)
      .on('error', stop)
      .on('end', stop)
      .on('close', stop);
    return { hangUp: stop };
  }

  /** Sets up a group to $all as `GROUP_SETTINGS` has it; false: there is one of this name. */
  async createGroup({ name, streams, from }: GroupWanted, ms: number): Promise<boolean> {
    const startFrom = typeof from === 'number' ? { commit: BigInt(from), prepare: BigInt(from) } : from;
    const filter: Filter = streams.length === 0 ? OURS : { ...OF_STREAMS, prefixes: [...streams] };
    return this.#ofGroup('persistent-subscription-exists', ms, (options) =>
      this.client.createPersistentSubscriptionToAll(
        name,
        { ...GROUP_SETTINGS, startFrom },
        { ...options, filter },
      ),
    );
  }

  /** Deletes a group, with its place and what it parked; false: there is none of this name. */
  deleteGroup(name: string, ms: number): Promise<boolean> {
    return this.#ofGroup('persistent-subscription-does-not-exist', ms, (options) =>
      this.client.deletePersistentSubscriptionToAll(name, options),
    );
  }

  /** The groups to $all. */
  async listGroups(ms: number): Promise<Group[]> {
    let groups: Group[] = [];
    await this.#ofGroup('persistent-subscription-does-not-exist', ms, async (options) => {
      const told = await this.client.listPersistentSubscriptionsToAll(options);
      groups = told.map(({ groupName: name, status, settings, connections, stats }) => ({
        name,
        status,
        strategy: settings.consumerStrategyName,
        consumers: connections.length,
        parked: Number(stats.parkedMessageCount),
        checkpoint: placeOf(stats.lastCheckpointedEventPosition),
        last: placeOf(stats.lastKnownEventPosition),
      }));
    });
    return groups;
  }

  /** Whether a call about groups was done; false where the server says `otherwise`. */
  async #ofGroup(
    otherwise: string,
    ms: number,
    call: (options: { requiresLeader: true; deadline: number }) => Promise<void>,
  ): Promise<boolean> {
    await ownTurn();
    try {
      await within(ms + GRACE_MS, call({ requiresLeader: true, deadline: ms }));
      return true;
    } catch (error) {
      if ((error as { type?: string }).type === otherwise) return false;
      throw this.#told(error);
    }
  }

  async close(): Promise<void> {
    await within(GRACE_MS, this.client.dispose()).catch(() => undefined);
  }

  /** The error as it is where the outcome is open; what it means where the server refused. */
  #told(error: unknown): unknown {
    const { type } = error as { type?: string };
    const { where } = this.address;
    if (type === 'access-denied')
      return new StoreUnavailable(
        `KurrentDB at ${where} denies us access: check the user, and that it may read $all and write streams; groups are for $ops and $admins`,
        { cause: error },
      );
    if (type === 'unsupported')
      return new StoreUnavailable(`KurrentDB at ${where} is too old for this: it must be 22.6 or later`, {
        cause: error,
      });
    if (type === 'stream-deleted')
      return new StoreUnavailable(
        `A stream was deleted in KurrentDB at ${where}: the log is only ever appended to, restore it`,
        { cause: error },
      );
    if (type === 'maximum-append-size-exceeded')
      return new NotStorable(
        `KurrentDB at ${where} refuses an append of this size: raise its MaxAppendSize to 2097152`,
        { cause: error },
      );
    return error;
  }
}

const proposed = ({ id, type, data, metadata }: NewEvent): EventData =>
  ({ id, type, ...contentOf(data), metadata: metadataBytes(metadata) }) as EventData;

type Recorded = NonNullable<ResolvedEvent['event'] | AllStreamResolvedEvent['event']>;

const seen = (event: Recorded): Seen =>
  event.type.startsWith('$') || event.streamId.startsWith('$')
    ? { position: positionOf(event) }
    : { position: positionOf(event), event: stored(event) };

function stored(event: Recorded): StoredEvent {
  const metadata = metadataText(event.metadata);
  return {
    id: event.id,
    type: event.type,
    data: textOf(event.data),
    stream: event.streamId,
    revision: Number(event.revision),
    position: positionOf(event),
    ...(asTaken(metadata) ?? { metadata, recordedAt: event.created.toISOString() }),
  };
}

const placeOf = (position: { commit: bigint } | undefined): Position | undefined =>
  position && Number(position.commit);

/** One number names a place, as long as nobody writes with the transactions of the protocol before gRPC. */
function positionOf({ position }: Recorded): Position {
  const commit = Number(position?.commit ?? Number.NaN);
  if (Number.isSafeInteger(commit) && position?.commit === position?.prepare) return commit;
  throw new StoreUnavailable(
    'KurrentDB gives no position that can be used: it must be 22.6 or later, and its database written by this service alone',
  );
}

/** All that a bounded read gives; the server may be silent for so long. */
function collected<T>(reading: StreamingRead<T>, ms: number): Promise<T[]> {
  return new Promise((settle, fail) => {
    const events: T[] = [];
    const timer = setTimeout(() => {
      reading.cancel().catch(() => undefined);
      fail(new Unanswered(`no answer within ${ms} ms`));
    }, ms);
    reading.on('data', (event: T) => {
      events.push(event);
      timer.refresh();
    });
    reading.on('end', () => {
      clearTimeout(timer);
      settle(events);
    });
    // Stays attached: an error without a listener ends the process.
    reading.on('error', (error: Error) => {
      clearTimeout(timer);
      fail(error);
    });
  });
}
