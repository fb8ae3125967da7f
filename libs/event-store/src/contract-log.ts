import type { EventStore, NewEvent, Position, StoredEvent } from './event-store.ts';
import { uuidv7 } from './ids.ts';

/** An empty log of an engine, made for one test. */
export type OpenLog = {
  readonly store: EventStore;
  /** Closes the store and opens the same log again. */
  reopen(): Promise<EventStore>;
  /** Opens the same log once more, as another process would. */
  openAgain(): Promise<EventStore>;
  /** Closes what is open and removes the log. */
  remove(): Promise<void>;
};

/** A log for one test: `open` opens it again and again, `remove` removes what is left when all are closed. */
export async function logOf(
  open: () => EventStore | Promise<EventStore>,
  remove: () => Promise<unknown> | undefined,
): Promise<OpenLog> {
  const opened: EventStore[] = [];
  const openOne = async () => {
    const store = await open();
    opened.push(store);
    return store;
  };
  const closeAll = () => Promise.all(opened.splice(0).map((store) => store.close()));
  return {
    store: await openOne(),
    reopen: async () => {
      await closeAll();
      return openOne();
    },
    openAgain: openOne,
    remove: async () => {
      await closeAll();
      await remove();
    },
  };
}

export const STREAM = 'civilServant-0190f0a0-0000-7000-8000-000000000001';
export const OTHER = 'civilServant-0190f0a0-0000-7000-8000-000000000002';
const MADE_AT = Date.UTC(2025, 0, 2);

/** An event with an id of its own. */
export const anEvent = (data = '{"unit":"dinas-kesehatan"}', type = 'Placed'): NewEvent => ({
  id: uuidv7(MADE_AT),
  type,
  data,
  metadata: '{"actor":"a-1"}',
});

export const someEvents = (count: number): NewEvent[] => Array.from({ length: count }, () => anEvent());

export const idsOf = (events: readonly { id: string }[]): string[] => events.map(({ id }) => id);

/** The next `count` events (or a few more) that a follower is given. */
export async function followed(
  store: EventStore,
  after: Position | undefined,
  count: number,
): Promise<StoredEvent[]> {
  const stop = new AbortController();
  const events: StoredEvent[] = [];
  for await (const batch of store.follow(after, stop.signal)) {
    events.push(...batch);
    if (events.length >= count) stop.abort();
  }
  return events;
}

/** The whole log, read in pages of a size. */
export async function everything(store: EventStore, size = 1_000): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let page: StoredEvent[] | undefined; page === undefined || page.length > 0; ) {
    page = await store.readAll(events.at(-1)?.position, size);
    events.push(...page);
  }
  return events;
}

/** Fills the log with so many streams of so many events each. */
export async function fill(store: EventStore, streams: number, each: number): Promise<void> {
  for (let n = 0; n < streams; n++) await store.append(`unit-${n}`, 'no-stream', someEvents(each));
}
