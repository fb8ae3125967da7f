import { randomUUID } from 'node:crypto';
import { check, type Expected } from './check.ts';

/** What a client asks to be written. Data and metadata are kept byte for byte. */
export type Proposed = {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

/** An event as kept. `position` is where its record begins in the log; `created` counts 100 ns ticks since 1970. */
export type Recorded = Proposed & {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly created: string;
};

/** `revision` is -1 where an empty stream was left empty; `position` is there where an event was or is written. */
export type Outcome =
  | { readonly kind: 'success'; readonly revision: number; readonly position: number | undefined }
  | { readonly kind: 'wrong-version'; readonly current: number }
  | { readonly kind: 'deleted' };

type Stream = { readonly events: Recorded[]; first: number; deleted: 'no' | 'soft' | 'hard' };

/** The log begins with a record that is no event. */
const FIRST_POSITION = 96;
const MOST_REMEMBERED = 100_000;
/** After so many appends the server writes one event of its own. */
const APPENDS_A_STATISTIC = 5;
const STATISTICS = '$stats-127.0.0.1:2113';
const TICKS_PER_MS = 10_000n;

/** The log of a KurrentDB, in memory. The server writes events of its own (`$…`) into it, between the others. */
export class Log {
  readonly #all: Recorded[] = [];
  readonly #streams = new Map<string, Stream>();
  readonly #remembered = new Map<string, Recorded>();
  readonly #waiting = new Set<() => void>();
  #end = FIRST_POSITION;
  #appends = 0;

  constructor() {
    this.#write('$user-admin', [ofTheServer('$UserCreated')]);
  }

  /** All events, in order. */
  get all(): readonly Recorded[] {
    return this.#all;
  }

  /** Events of a stream by revision, with those that were deleted. */
  events(name: string): readonly Recorded[] {
    return this.#stream(name).events;
  }

  /** The first revision that was not deleted. */
  first(name: string): number {
    return this.#stream(name).first;
  }

  isTombstoned(name: string): boolean {
    return this.#stream(name).deleted === 'hard';
  }

  append(name: string, expected: Expected, proposed: readonly Proposed[]): Outcome {
    const stream = this.#stream(name);
    const current = stream.events.length - 1;
    const ids = proposed.map(({ id }) => id);
    const verdict = check(expected, ids, {
      current,
      deleted: stream.deleted,
      idAt: (revision) => stream.events[revision]?.id,
      remembered: (id) => {
        const event = this.#remembered.get(id);
        return event?.stream === name ? event.revision : undefined;
      },
    });
    if (verdict.kind === 'deleted') return verdict;
    if (verdict.kind === 'wrong-version') return { kind: 'wrong-version', current };
    if (verdict.kind === 'again') return success(stream.events[verdict.revision], verdict.revision);
    const last = this.#write(name, proposed);
    if (++this.#appends % APPENDS_A_STATISTIC === 0)
      this.#write(STATISTICS, [ofTheServer('$statsCollected')]);
    return success(last, current);
  }

  /** Deletes a stream: softly, so that it goes on with the next revision when it is written again, or for good. */
  delete(name: string, expected: Expected, how: 'soft' | 'hard'): Outcome {
    const stream = this.#stream(name);
    const current = stream.events.length - 1;
    if (stream.deleted === 'hard') return { kind: 'deleted' };
    if (!fits(expected, current)) return { kind: 'wrong-version', current };
    const record =
      how === 'soft'
        ? this.#write(`$$${name}`, [ofTheServer('$metadata')])
        : this.#record(name, Number.MAX_SAFE_INTEGER, ofTheServer('$streamDeleted'));
    this.#streams.set(name, { events: stream.events, first: stream.events.length, deleted: how });
    return success(record, current);
  }

  /** What a restart makes the server forget. */
  forget(): void {
    this.#remembered.clear();
  }

  /** Index in `all` of the first event at a position or after it. */
  indexAt(commit: number, prepare = commit): number {
    let [low, high] = [0, this.#all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.#all[middle]?.position ?? 0;
      if (at < commit || (at === commit && at < prepare)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether one may read from there, forwards: where a record begins, and anywhere behind the last. */
  isReadable(position: number): boolean {
    return (
      position === 0 || position >= this.#end || this.#all[this.indexAt(position)]?.position === position
    );
  }

  /** Whether one may read from there, backwards. */
  isReadableBackwards(position: number): boolean {
    return position <= this.#end && this.isReadable(position);
  }

  /** Settles when there is more to read, or when the signal aborts. */
  more(signal: AbortSignal): Promise<void> {
    return new Promise((settle) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        settle();
      };
      if (signal.aborted) return settle();
      signal.addEventListener('abort', wake);
      this.#waiting.add(wake);
    });
  }

  #stream(name: string): Stream {
    return this.#streams.get(name) ?? { events: [], first: 0, deleted: 'no' };
  }

  #write(name: string, proposed: readonly Proposed[]): Recorded | undefined {
    const stream = this.#stream(name);
    if (proposed.length === 0) return stream.events.at(-1);
    for (const event of proposed) {
      const recorded = this.#record(name, stream.events.length, event);
      stream.events.push(recorded);
      this.#remember(recorded);
    }
    stream.deleted = 'no';
    this.#streams.set(name, stream);
    return stream.events.at(-1);
  }

  #record(stream: string, revision: number, event: Proposed): Recorded {
    const created = String(BigInt(Date.now()) * TICKS_PER_MS);
    const recorded = { ...event, stream, revision, position: this.#end, created };
    this.#end += sizeOf(recorded);
    this.#all.push(recorded);
    for (const wake of [...this.#waiting]) wake();
    return recorded;
  }

  #remember(event: Recorded): void {
    this.#remembered.set(event.id, event);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MOST_REMEMBERED && oldest) this.#remembered.delete(oldest);
  }
}

const success = (event: Recorded | undefined, current: number): Outcome => ({
  kind: 'success',
  revision: event?.revision ?? current,
  position: event?.position,
});

function fits(expected: Expected, current: number): boolean {
  if (expected === 'any') return true;
  if (expected === 'stream-exists') return current >= 0;
  return current === (expected === 'no-stream' ? -1 : expected);
}

/** Bytes that a record takes: positions have gaps. */
const sizeOf = ({ stream, type, data, metadata }: Recorded): number =>
  131 + 2 * stream.length + 2 * type.length + data.length + metadata.length;

const ofTheServer = (type: string): Proposed => ({
  id: randomUUID(),
  type,
  isJson: true,
  data: Buffer.from('{}'),
  metadata: new Uint8Array(),
});
