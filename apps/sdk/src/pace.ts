import { setTimeout as timer } from 'node:timers/promises';
import { JejakError } from './error.ts';

/** Time and chance, which a test may take in its own hands. */
export type Pace = {
  /** Settles after so many ms, or at once when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 to 1, as `Math.random`. */
  readonly random: () => number;
  /** In ms, as `Date.now`. */
  readonly now: () => number;
  /** So long without a byte, and a connection is taken for dead. Jejak's long poll ends after 30 s, its stream beats every 15 s. */
  readonly silenceMs: number;
};

export const PACE: Pace = {
  sleep: (ms, signal) => timer(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
  random: Math.random,
  now: Date.now,
  silenceMs: 45_000,
};

/** A fault that is waited out. */
export type Retry = { readonly cause: JejakError; readonly failures: number; readonly pauseMs: number };

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 30_000;
/** Asking once an hour harms nobody, whatever a server wishes. */
const LONGEST_WISH_MS = 3_600_000;

/** How long to wait after so many failures in a row: longer each time, not all at the same moment, and no less than was asked. */
export const pauseMs = (failures: number, random: number, askedMs = 0): number =>
  Math.min(askedMs, LONGEST_WISH_MS) +
  Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)) * (0.5 + random / 2);

/** Waits faults out, for ever, but those that are final. */
export class Retries {
  readonly #pace: Pace;
  readonly #onRetry: ((retry: Retry) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  #failures = 0;

  constructor(pace: Pace, onRetry: ((retry: Retry) => void) | undefined, signal: AbortSignal | undefined) {
    this.#pace = pace;
    this.#onRetry = onRetry;
    this.#signal = signal;
  }

  worked(): void {
    this.#failures = 0;
  }

  /** Waits; throws what is final, and what is no fault of the other side. */
  async failed(cause: unknown): Promise<void> {
    if (this.#signal?.aborted) return;
    if (!(cause instanceof JejakError) || cause.isFinal) throw cause;
    const pause = pauseMs(++this.#failures, this.#pace.random(), cause.retryAfterMs);
    this.#onRetry?.({ cause, failures: this.#failures, pauseMs: pause });
    await this.#pace.sleep(pause, this.#signal);
  }
}

/** Gives one request a signal of its own: it aborts with the caller's, after silence, and at the end. */
export class Watch {
  readonly #own = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #silenceMs: number;
  readonly #stop = () => this.#own.abort(this.#caller?.reason);

  constructor(caller: AbortSignal | undefined, silenceMs: number) {
    this.#caller = caller;
    this.#silenceMs = silenceMs;
    caller?.addEventListener('abort', this.#stop);
    if (caller?.aborted) this.#stop();
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  /** What comes next of this request; a fault where nothing comes for too long, or the network fails. */
  async next<T>(work: Promise<T>): Promise<T> {
    const silent = new JejakError(`nothing came for ${this.#silenceMs} ms`, false);
    const alarm = setTimeout(() => this.#own.abort(silent), this.#silenceMs);
    try {
      return await work;
    } catch (cause) {
      if (cause instanceof JejakError || this.#caller?.aborted) throw cause;
      throw new JejakError(`no answer: ${reason(cause)}`, false, { cause });
    } finally {
      clearTimeout(alarm);
    }
  }

  /** Frees the connection, where it still is one. */
  end(): void {
    this.#caller?.removeEventListener('abort', this.#stop);
    this.#own.abort();
  }
}

/** `fetch` says what happened only in the cause of its error. */
function reason(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: unknown };
  return cause instanceof Error ? `${message} (${cause.message})` : String(message ?? error);
}
