import { setTimeout as wait } from 'node:timers/promises';
import { Election, type Pace } from '@app/journal';
import { enterErasures, type OpenRecord } from '@app/record';

/** What the follower tells whoever runs the server. */
export type Log = { readonly error: (message: string, cause?: unknown) => void };

const AT_LEAST_EVERY_MS = 60_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

/**
 * Keeps the journal and the views at the log: when something is written, and once a minute. Of several processes one
 * follows, the others stand by. What fails is told and tried again, later each time; it never ends by itself.
 */
export class Follower {
  readonly #stop = new AbortController();
  readonly #election: Election;
  #running: Promise<unknown> = Promise.resolve();
  /** Told of every step that moved the journal or the views: how long it took, in ms. */
  onStep: (ms: number) => void = () => undefined;
  /** What else is entered when the views have caught up; can be called again at any time. */
  onCaughtUp: () => Promise<unknown> = () => Promise.resolve();

  constructor(
    private readonly record: OpenRecord,
    private readonly log: Log,
    pace?: Pace,
  ) {
    this.#election = new Election(record.database, 'follower', pace);
  }

  /** Whether this process is the one that follows. */
  get leads(): boolean {
    return this.#election.held;
  }

  start(): void {
    this.#running = this.#election.lead(
      async (signal) => {
        await new Following(
          this.record,
          this.log,
          signal,
          (ms) => this.onStep(ms),
          () => this.onCaughtUp(),
        ).run();
      },
      this.#stop.signal,
      (cause) => this.log.error('cannot stand for the following; will try again', cause),
    );
  }

  /** Ends when nothing of it uses the record any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

/** The following itself, for as long as this process is the one. */
class Following {
  /** Aborted: something was written. */
  #bell = new AbortController();

  constructor(
    private readonly record: OpenRecord,
    private readonly log: Log,
    private readonly signal: AbortSignal,
    private readonly stepped: (ms: number) => void,
    private readonly caughtUp: () => Promise<unknown>,
  ) {}

  async run(): Promise<void> {
    await Promise.all([
      this.#again('follow', () => this.#catchUp()),
      this.#again('watch', () => this.#watch()),
    ]);
  }

  /** Does `step` over and over; after a failure, not at once. */
  async #again(what: string, step: () => Promise<void>): Promise<void> {
    for (let failed = 0; !this.signal.aborted; )
      try {
        await step();
        failed = 0;
      } catch (cause) {
        if (!this.signal.aborted) this.log.error(`cannot ${what}; will try again`, cause);
        await this.#pause(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failed++));
      }
  }

  /** Once through, then sleep until the bell or the minute. */
  async #catchUp(): Promise<void> {
    this.#bell = new AbortController();
    const began = performance.now();
    await this.record.catchUp(undefined, this.signal);
    if (!this.signal.aborted) {
      await enterErasures(this.record);
      await this.caughtUp();
    }
    this.stepped(performance.now() - began);
    await this.#pause(AT_LEAST_EVERY_MS, AbortSignal.any([this.#bell.signal, this.signal]));
  }

  async #watch(): Promise<void> {
    const newest = await this.record.journal.position();
    for await (const _ of this.record.store.follow(newest, this.signal)) this.#bell.abort();
  }

  #pause(ms: number, signal: AbortSignal = this.signal): Promise<void> {
    return wait(ms, undefined, { signal }).catch(() => undefined);
  }
}
