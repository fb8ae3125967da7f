/** Place of an event in the one order of everything an engine has accepted. It grows, may have gaps, fits 2^53. */
export type Position = number;

/** What a stream must look like for an append to be accepted: without events, or with this revision as its last. */
export type Expected = 'no-stream' | number;

/** An event to be appended. `data` and `metadata` are canonical JSON text (`canonical()`); `id` is a UUID in lower case. */
export type NewEvent = {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
};

/** An event as kept. `revision` counts from 0 in its stream; `recordedAt` is UTC, `YYYY-MM-DDTHH:mm:ss.sssZ`. */
export type StoredEvent = NewEvent & {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly recordedAt: string;
};

/** Revision of the last event of the append (or of the stream, where nothing was to write; -1: the stream is empty). */
export type Appended = { readonly revision: number };

/** The stream did not look as expected; nothing was written. `actual` is what it looks like. */
export type StaleRevision = { readonly stale: true; readonly actual: Expected };

export const isStale = (outcome: Appended | StaleRevision): outcome is StaleRevision => 'stale' in outcome;

/** The revision the first event of an append gets; NaN, which compares with none, for what is the last revision of no stream. */
export function firstRevision(expected: Expected): number {
  if (expected === 'no-stream') return 0;
  return Number.isSafeInteger(expected) && expected >= 0 ? expected + 1 : Number.NaN;
}

/** Bytes of one append, all events together; and of one leaf (proof: a tlog entry's length field has 16 bits). */
export const MAX_APPEND_BYTES = 1_048_576;
export const MAX_LEAF_BYTES = 65_535;

/** Bytes of the name of a stream or a type: no engine's index takes names of any length. */
export const MAX_NAME_BYTES = 1_024;

/** What an engine is asked to keep but may not: the caller skipped the codec. Nothing was sent or written. */
export class NotStorable extends Error {}

/** The log could not be read or written (disk full, read-only, engine gone). What was acknowledged is still there. */
export class StoreUnavailable extends Error {}

/**
 * The log: append-only streams of events and the one order of all of them. Every engine behind it
 *
 * 1. MUST refuse (`StaleRevision`) an append whose `expected` is not what the stream looks like, and write all events
 *    of an append or none. No events: success, nothing written.
 * 2. MUST treat an append whose ids were all written before, in this order, under the same `expected`, as done: success,
 *    nothing written, the original revision, however far the stream has moved on. (So an append whose outcome is unknown
 *    is repeated with the same ids and the same `expected`.)
 * 3. MUST refuse (`StaleRevision`) a repeat of some of the ids, of the ids in another order or continued differently,
 *    and of the same ids under another `expected`.
 * 4. MUST treat the same id in another stream as another event.
 * 5. MUST read a missing stream as empty; from a revision, forwards or backwards, at most `limit` events.
 * 6. MUST give all events in one order of strictly growing positions, the order in which they became visible: a reader
 *    that continues after the last position it saw never misses an event. `after` is exclusive. `follow` gives past and
 *    then present without a seam, never faster than it is consumed.
 * 7. MUST have an acknowledged event after a crash of the process or of the machine.
 * 8. MUST give back the very text it was given, and throw `NotStorable`, before anything is sent, for ill-formed
 *    Unicode, text that is not JSON, names that start with `$`, hold NUL, are empty or longer than
 *    `MAX_NAME_BYTES`, metadata that begins with `TAKEN`, an id twice in one append, more than `MAX_APPEND_BYTES` an
 *    append.
 * 9. MUST let exactly one of several racing appends with the same `expected` win.
 *
 * `recordedAt` is the engine's clock and MUST never decrease along the order. Failures of the engine itself are thrown
 * as `StoreUnavailable`. It MUST NOT return stale where it does not know the outcome.
 */
export abstract class EventStore {
  abstract append(
    stream: string,
    expected: Expected,
    events: readonly NewEvent[],
  ): Promise<Appended | StaleRevision>;

  /** Events of one stream. `from` is inclusive; default: the first, or backwards the last. */
  abstract read(
    stream: string,
    options?: { from?: number; backwards?: boolean; limit?: number },
  ): Promise<StoredEvent[]>;

  /** The next events of all streams after a position (undefined: from the beginning), at most `limit`. */
  abstract readAll(after: Position | undefined, limit: number): Promise<StoredEvent[]>;

  /** Batches of events after a position, then those to come, until `signal` aborts. */
  abstract follow(after: Position | undefined, signal: AbortSignal): AsyncIterable<StoredEvent[]>;

  /**
   * Takes over events of another log, in order: all they have is kept but for the positions, which are the engine's own.
   * Each must be the next of its stream, with an id that is new there, and none recorded before the last event of the
   * log: else `NotStorable` is thrown, and nothing written. A batch is written whole or not at all; in KurrentDB its
   * beginning may be written where the server fails. Repeats are not recognised: whoever does not know the outcome
   * compares first.
   */
  abstract take(events: readonly StoredEvent[]): Promise<void>;

  abstract close(): Promise<void>;
}

/** How metadata begins where an engine that has its own clock keeps the time of an event it took over (`take`). */
export const TAKEN = '{"$recordedAt":';

/** Throws `NotStorable` for what no engine may keep (MUST 8); every engine calls it first. */
export function assertStorable(stream: string, events: readonly NewEvent[]): void {
  assertName(stream, 'stream');
  if (new Set(events.map(({ id }) => id)).size < events.length)
    throw new NotStorable('an id comes twice in one append');
  let bytes = 0;
  for (const { id, type, data, metadata } of events) {
    assertName(type, 'type');
    if (!UUID.test(id)) throw new NotStorable(`the id ${id} is not a UUID in lower case`);
    assertJson(data, `${type}.data`);
    assertJson(metadata, `${type}.metadata`);
    if (metadata.startsWith(TAKEN)) throw new NotStorable(`${type}.metadata begins with ${TAKEN}`);
    bytes += Buffer.byteLength(data) + Buffer.byteLength(metadata);
  }
  if (bytes > MAX_APPEND_BYTES)
    throw new NotStorable(`an append of ${bytes} bytes; the limit is ${MAX_APPEND_BYTES}`);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function assertName(name: string, what: string): void {
  if (name === '' || name.startsWith('$') || name.includes('\0') || !name.isWellFormed())
    throw new NotStorable(`${JSON.stringify(name)} cannot name a ${what}`);
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_NAME_BYTES)
    throw new NotStorable(`a name of ${bytes} bytes for a ${what}; the limit is ${MAX_NAME_BYTES}`);
}

function assertJson(text: string, where: string): void {
  if (!text.isWellFormed()) throw new NotStorable(`${where} holds a lone surrogate`);
  try {
    JSON.parse(text);
  } catch {
    throw new NotStorable(`${where} is not JSON`);
  }
}
