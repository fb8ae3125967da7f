import { type Clearance, sequenceOf } from './cloud-event.ts';
import type { Some, Tail, Wanted } from './tail.ts';

export type StreamAsked = {
  readonly after: number;
  readonly wanted: Wanted;
  /** What the reader may be told now; throws where it may be told nothing any more. Asked again and again. */
  readonly clearance: () => Promise<Clearance>;
};

/** At most so many events between two looks at what the reader may be told. */
const BATCH = 100;
const CHECK_MS = 5_000;
const HEARTBEAT_MS = 15_000;
/** A reader whose filter lets nothing through learns where it is, at the latest after so many entries. */
const CHECKPOINT_EVERY = 1_000;
const RETRY_MS = 3_000;

/** How often things are done, in ms; other than by default in tests alone. */
export type StreamPace = { readonly checkMs: number; readonly heartbeatMs: number };
const PACE: StreamPace = { checkMs: CHECK_MS, heartbeatMs: HEARTBEAT_MS };

/**
 * The journal as server-sent events (proof 3.21), from an index on and without an end; it ends by the signal, or when the
 * reader may be told nothing any more. Nothing is read before what was read is taken: a slow reader costs one batch.
 */
export async function* eventStream(
  tail: Tail,
  { after, wanted, clearance }: StreamAsked,
  signal: AbortSignal,
  pace: StreamPace = PACE,
): AsyncGenerator<string> {
  const cleared = rechecked(clearance, pace.checkMs);
  const told = new Telling(after, pace.heartbeatMs);
  yield `retry: ${RETRY_MS}\n\n`;
  for (let at = after; !signal.aborted; ) {
    const now = await cleared();
    if (!now) return;
    const some = await tail.read(at, wanted, now, BATCH);
    at = some.upTo;
    const text = told.words(some, now);
    if (text !== '') yield text;
    await tail.beyond(at, Math.min(pace.checkMs, pace.heartbeatMs), signal);
  }
}

/** What may be told, looked at again when the last look is too old; undefined: nothing any more. */
function rechecked(look: () => Promise<Clearance>, everyMs: number): () => Promise<Clearance | undefined> {
  let last: Clearance | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - lookedAt < everyMs) return last;
    last = await look().catch(() => undefined);
    lookedAt = performance.now();
    return last;
  };
}

/** What is said of what was read: events, a checkpoint where there were none for long, or a sign of life. */
class Telling {
  #saidAt = performance.now();

  constructor(
    private said: number,
    private readonly heartbeatMs: number,
  ) {}

  words({ told, upTo }: Some, clearance: Clearance): string {
    const isDue = performance.now() - this.#saidAt >= this.heartbeatMs;
    const events = told.map((one) => frame(one.index, one.event(clearance)?.type, one.text(clearance)));
    const last = told.at(-1)?.index ?? this.said;
    const isFar = upTo - last >= CHECKPOINT_EVERY || (isDue && upTo > last);
    if (isFar) events.push(frame(upTo, 'checkpoint', JSON.stringify({ sequence: sequenceOf(upTo) })));
    if (events.length === 0 && isDue) events.push(': hb\n\n');
    if (events.length > 0) this.#saidAt = performance.now();
    this.said = isFar ? upTo : last;
    return events.join('');
  }
}

const frame = (id: number, event = '', data = ''): string => `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
