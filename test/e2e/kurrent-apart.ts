import { randomUUID } from 'node:crypto';
import { logOf, type OpenLog } from '../../libs/event-store/src/contract-log.ts';
import {
  assertStorable,
  EventStore,
  type Expected,
  type NewEvent,
  type Position,
  type StoredEvent,
} from '../../libs/event-store/src/event-store.ts';
import { KurrentEventStore } from '../../libs/event-store/src/kurrent.ts';

/** How far the log of the server goes; what comes after is the next test's. */
let end: Position | undefined;

/** A log of its own on a server that keeps what earlier tests wrote: other names, and nothing before the present end. */
export async function openApart(url: string): Promise<OpenLog> {
  const prefix = `${randomUUID()}-`;
  const first = await KurrentEventStore.open(url);
  end = await endOf(first, end);
  await first.close();
  const start = end;
  return logOf(
    async () => new Apart(await KurrentEventStore.open(url), prefix, start),
    () => undefined,
  );
}

async function endOf(store: EventStore, after: Position | undefined): Promise<Position | undefined> {
  for (let at = after; ; ) {
    const page = await store.readAll(at, 1_000);
    if (page.length === 0) return at;
    at = page.at(-1)?.position;
  }
}

class Apart extends EventStore {
  constructor(
    private readonly store: EventStore,
    private readonly prefix: string,
    private readonly start: Position | undefined,
  ) {
    super();
  }

  async append(stream: string, expected: Expected, events: readonly NewEvent[]) {
    assertStorable(stream, events);
    return this.store.append(this.prefix + stream, expected, events);
  }

  async read(stream: string, options?: { from?: number; backwards?: boolean; limit?: number }) {
    return this.#ours(await this.store.read(this.prefix + stream, options));
  }

  async readAll(after: Position | undefined, limit: number) {
    return this.#ours(await this.store.readAll(after ?? this.start, limit));
  }

  async *follow(after: Position | undefined, signal: AbortSignal) {
    for await (const batch of this.store.follow(after ?? this.start, signal)) yield this.#ours(batch);
  }

  async take(events: readonly StoredEvent[]) {
    return this.store.take(events.map((event) => ({ ...event, stream: this.prefix + event.stream })));
  }

  close() {
    return this.store.close();
  }

  #ours(events: readonly StoredEvent[]): StoredEvent[] {
    return events.map((event) => ({ ...event, stream: event.stream.slice(this.prefix.length) }));
  }
}
