import {
  type Appended,
  type Expected,
  isStale,
  MAX_APPEND_BYTES,
  type NewEvent,
  NotStorable,
  type StaleRevision,
  type StoredEvent,
} from './event-store.ts';
import type { KurrentReader } from './kurrent-read.ts';
import { taken } from './kurrent-text.ts';
import { assertNext, assertTime, type Beginnings, idTwice } from './taking.ts';

type Append = (
  stream: string,
  expected: Expected,
  events: readonly NewEvent[],
) => Promise<Appended | StaleRevision>;

/** The last revision of a stream that has one of the ids already; undefined: it has none. */
type StaleAt = (stream: string, first: number, ids: readonly string[]) => Promise<number | undefined>;

/** Streams that are looked at together. */
const AT_ONCE = 32;

/** Takes events over, one append after the other, once all of them were looked at. */
export async function take(
  events: readonly StoredEvent[],
  at: Beginnings,
  reader: KurrentReader,
  { append, staleAt }: { append: Append; staleAt: StaleAt },
): Promise<void> {
  await assertContinue(events, at, reader, staleAt);
  for (const { stream, expected, group } of appendsOf(events)) {
    const answer = await append(
      stream,
      expected,
      group.map((event) => ({ ...event, metadata: taken(event.recordedAt, event.metadata) })),
    );
    if (isStale(answer))
      throw new NotStorable(
        `the stream ${stream} was written to by somebody else: compare, and take the rest`,
      );
  }
}

async function assertContinue(
  events: readonly StoredEvent[],
  at: Beginnings,
  reader: KurrentReader,
  staleAt: StaleAt,
): Promise<void> {
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last) return;
  assertTime(first, (await reader.lastOfAll())?.recordedAt ?? '');
  // Whatever is appended next has the server's time.
  if (Date.parse(last.recordedAt) > Date.now())
    throw new NotStorable(
      `the event ${last.stream}/${last.revision} was recorded in the future: check the clocks`,
    );
  const assertFollows = async ([stream, revision]: readonly [string, number]) => {
    assertNext(stream, revision, (await reader.last(stream)) + 1);
    const ids = events.filter((event) => event.stream === stream).map(({ id }) => id);
    if ((await staleAt(stream, revision, ids)) !== undefined) throw idTwice(stream, ids.join(' or '));
  };
  const streams = [...at];
  for (let n = 0; n < streams.length; n += AT_ONCE)
    await Promise.all(streams.slice(n, n + AT_ONCE).map(assertFollows));
}

type Group = { readonly stream: string; readonly expected: Expected; readonly group: StoredEvent[] };

/** Neighbours of one stream together, as far as one append takes them. */
function appendsOf(events: readonly StoredEvent[]): Group[] {
  const groups: Group[] = [];
  let bytes = 0;
  for (const event of events) {
    const { stream, revision, data, metadata } = event;
    bytes += Buffer.byteLength(data) + Buffer.byteLength(metadata);
    const last = groups.at(-1);
    if (last?.stream === stream && bytes <= MAX_APPEND_BYTES) {
      last.group.push(event);
      continue;
    }
    groups.push({ stream, expected: revision === 0 ? 'no-stream' : revision - 1, group: [event] });
    bytes = Buffer.byteLength(data) + Buffer.byteLength(metadata);
  }
  return groups;
}
