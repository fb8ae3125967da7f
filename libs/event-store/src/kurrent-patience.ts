import { setTimeout as sleep } from 'node:timers/promises';
import { NotStorable, StoreUnavailable } from './event-store.ts';

/** The answer did not come, or was not one: whether the server did what it was asked is not known. */
export class Unanswered extends Error {}

/** How long we wait, in ms. */
export type KurrentTimes = {
  /** For the answer to one call; a read: for its next event. */
  readonly callMs: number;
  /** For an outcome, all repeats together; then `StoreUnavailable`. */
  readonly totalMs: number;
  /** For the first answer of the server at opening. */
  readonly openMs: number;
  /** Until a follower looks by itself for what is new. */
  readonly pollMs: number;
};

/** HTTP/2 servers take about a hundred streams on one connection; the rest is for subscriptions. */
const AT_ONCE = 64;
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 2_000;

/** How long to wait after so many failures in a row: longer each time, and not all at the same moment. */
const pauseAfter = (failures: number): number =>
  Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + Math.random() / 2);

/** Lets so many operations at a time ask the server, and asks again what was not answered, in bounded time. */
export class Patience {
  #running = 0;
  readonly #queue: (() => void)[] = [];
  readonly #idle: (() => void)[] = [];
  #closing = Number.POSITIVE_INFINITY;

  constructor(
    private readonly where: string,
    private readonly times: KurrentTimes,
  ) {}

  get closed(): boolean {
    return this.#closing !== Number.POSITIVE_INFINITY;
  }

  /** Runs an operation when its turn comes; it is given the time (`performance.now()`) at which to give up. */
  async run<T>(operation: (until: number) => Promise<T>): Promise<T> {
    if (this.closed) throw new StoreUnavailable(`The log in KurrentDB at ${this.where} was closed`);
    const until = this.until();
    if (this.#running >= AT_ONCE) await new Promise<void>((enter) => this.#queue.push(enter));
    else this.#running++;
    try {
      return await operation(until);
    } finally {
      this.#leave();
    }
  }

  /** When to give up what begins now. */
  until(ms = this.times.totalMs): number {
    return performance.now() + ms;
  }

  /** Tries until there is an answer or a refusal, or the time is over; `attempt` is given the ms it may take. */
  async persist<T>(until: number, attempt: (ms: number) => Promise<T>): Promise<T> {
    let last: unknown = 'too many others were waiting';
    for (let failures = 0; performance.now() < this.#end(until); failures++) {
      try {
        const left = Math.ceil(this.#end(until) - performance.now());
        return await attempt(Math.min(this.times.callMs, Math.max(left, 1)));
      } catch (error) {
        if (error instanceof StoreUnavailable || error instanceof NotStorable) throw error;
        last = error;
      }
      if (this.closed) break;
      await sleep(Math.min(pauseAfter(failures), Math.max(this.#end(until) - performance.now(), 0)));
    }
    throw new StoreUnavailable(
      `KurrentDB at ${this.where} gave no answer in time (${reason(last)}): check that it runs there, and the tls option; ` +
        'what was to be written may have been: ask again with the same ids and the same revision',
      { cause: last },
    );
  }

  /** Settles when nothing runs any more: soon, for nothing is repeated from now on. */
  close(): Promise<void> {
    this.#closing = Math.min(this.#closing, this.until(this.times.callMs));
    return this.#running === 0 ? Promise.resolve() : new Promise((settle) => this.#idle.push(settle));
  }

  #end(until: number): number {
    return Math.min(until, this.#closing);
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next) next();
    else if (--this.#running === 0) for (const settle of this.#idle.splice(0)) settle();
  }
}

export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The outcome of a call, or `Unanswered` after so long, whatever comes of the call then. */
export async function within<T>(ms: number, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Unanswered(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
