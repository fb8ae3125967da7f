import { assertStorable, NotStorable, type StoredEvent } from './event-store.ts';

/** By stream, the revision at which a batch that is to be taken goes on. */
export type Beginnings = ReadonlyMap<string, number>;

/** Checks what can be said of a batch without looking into the log. Throws `NotStorable`. */
export function beginningsOf(events: readonly StoredEvent[]): Beginnings {
  const beginnings = new Map<string, number>();
  const next = new Map<string, number>();
  const ids = new Set<string>();
  let last = '';
  for (const event of events) {
    const { stream, revision, id, recordedAt } = event;
    assertStorable(stream, [event]);
    assertTime(event, last);
    if (!beginnings.has(stream)) beginnings.set(stream, revision);
    assertNext(stream, revision, next.get(stream) ?? revision);
    if (ids.has(`${id} ${stream}`)) throw idTwice(stream, id);
    ids.add(`${id} ${stream}`);
    next.set(stream, revision + 1);
    last = recordedAt;
  }
  return beginnings;
}

/** `next`: the revision that the next event of the stream must have. */
export function assertNext(stream: string, revision: number, next: number): void {
  if (revision !== next)
    throw new NotStorable(
      `the event ${stream}/${revision} does not follow: the next event of that stream is ${next}`,
    );
}

/** `last`: when the event before was recorded; empty: there is none. */
export function assertTime({ stream, revision, recordedAt }: StoredEvent, last: string): void {
  if (!isTime(recordedAt))
    throw new NotStorable(`the event ${stream}/${revision} has no time: ${JSON.stringify(recordedAt)}`);
  if (recordedAt < last)
    throw new NotStorable(
      `the event ${stream}/${revision} was recorded at ${recordedAt}, before the last one of the log (${last})`,
    );
}

export const idTwice = (stream: string, id: string): NotStorable =>
  new NotStorable(`the stream ${stream} has the id ${id} already`);

function isTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && /^\d/.test(text) && time.toISOString() === text;
}
