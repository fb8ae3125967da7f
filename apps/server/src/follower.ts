import { setTimeout as wait } from 'node:timers/promises';
import type { OpenRecord } from '@app/record';

/** What the follower tells whoever runs the server. */
export type Log = { readonly error: (message: string, cause?: unknown) => void };

const AT_LEAST_EVERY_MS = 60_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

/**
 * Keeps the journal and the views at the log: when something is written, and once a minute, so that a day that comes is
 * noticed. What fails is told and tried again, later each time; it never ends by itself.
 */
export class Follower {
  readonly #stop = new AbortController();
  /** Aborted: something was written. */
  #bell = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly record: OpenRecord,
    private readonly log: Log,
  ) {}

  start(): void {
    this.#running = Promise.all([
      this.#again('follow', () => this.#catchUp()),
      this.#again('watch', () => this.#watch()),
    ]);
  }

  /** Ends when nothing of it uses the record any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Does `step` over and over; after a failure, not at once. */
  async #again(what: string, step: () => Promise<void>): Promise<void> {
    for (let failed = 0; !this.#stop.signal.aborted; )
      try {
        await step();
        failed = 0;
      } catch (cause) {
        if (!this.#stop.signal.aborted) this.log.error(`cannot ${what}; will try again`, cause);
        await this.#pause(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failed++));
      }
  }

  /** Once through, then sleep until the bell or the minute. */
  async #catchUp(): Promise<void> {
    this.#bell = new AbortController();
    await this.record.catchUp(undefined, this.#stop.signal);
    await this.#pause(AT_LEAST_EVERY_MS, AbortSignal.any([this.#bell.signal, this.#stop.signal]));
  }

  async #watch(): Promise<void> {
    const newest = await this.record.journal.position();
    for await (const _ of this.record.store.follow(newest, this.#stop.signal)) this.#bell.abort();
  }

  #pause(ms: number, signal: AbortSignal = this.#stop.signal): Promise<void> {
    return wait(ms, undefined, { signal }).catch(() => undefined);
  }
}
