import { setTimeout as wait } from 'node:timers/promises';
import type { Job } from './job.ts';
import type { JobKind, Jobs } from './jobs.ts';

/** Hurries jobs to whoever is free; may lose all of them. False: it cannot now. */
export type Carrier = {
  readonly isReady: () => boolean;
  readonly carry: (jobs: readonly Job[]) => Promise<boolean>;
  readonly start: (run: (id: string) => Promise<void>) => void;
  readonly stop: () => Promise<void>;
};

export type CourierOptions = {
  /** How often to look, in ms. */
  readonly everyMs: number;
  /** How many jobs at a time. */
  readonly atOnce: number;
  /** With a carrier: how long a job that is due may lie before the courier does it without one, in ms. */
  readonly patienceMs: number;
};
const OPTIONS: CourierOptions = { everyMs: 1_000, atOnce: 4, patienceMs: 30_000 };

/**
 * Does the jobs that are due. It looks for them in the table, which is enough; a carrier brings them sooner and to
 * several processes, and what it loses is found again.
 */
export class Courier {
  readonly #stop = new AbortController();
  readonly #kinds: ReadonlyMap<string, JobKind>;
  readonly #atWork = new Map<string, Promise<void>>();
  #running: Promise<void> = Promise.resolve();
  readonly #options: CourierOptions;

  constructor(
    private readonly jobs: Jobs,
    kinds: readonly JobKind[],
    private readonly failed: (cause: unknown) => void,
    private readonly carrier?: Carrier,
    options: Partial<CourierOptions> = {},
  ) {
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    this.#options = { ...OPTIONS, ...options };
  }

  /** Starts, and sees to it that what repeats itself goes on. */
  start(): void {
    this.carrier?.start((id) => this.#run(id));
    this.#running = this.#look();
  }

  /** Ends when nothing of it is at work any more; what was under way is told to stop, and is done later. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.carrier?.stop().catch(this.failed);
    await this.#running;
    await Promise.all(this.#atWork.values());
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop;
    for (const { next } of this.#kinds.values())
      if (next) await this.jobs.schedule(next()).catch(this.failed);
    while (!signal.aborted) {
      await this.#round().catch(this.failed);
      await wait(this.#options.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #round(): Promise<void> {
    const { atOnce, patienceMs } = this.#options;
    const now = Date.now();
    const due = await this.jobs.due([...this.#kinds.keys()], now, 100);
    const carried = due.length > 0 && ((await this.carrier?.carry(due)) ?? false);
    const mine = carried ? due.filter(({ dueAt }) => dueAt <= now - patienceMs) : due;
    const waiting = mine.filter(({ id }) => !this.#atWork.has(id));
    for (const { id } of waiting) {
      if (this.#atWork.size >= atOnce) return;
      void this.#run(id);
    }
  }

  #run(id: string): Promise<void> {
    const kind = this.#kinds.get(id.slice(0, id.indexOf(':')));
    const atWork = this.#atWork.get(id);
    if (atWork || !kind || this.#stop.signal.aborted) return atWork ?? Promise.resolve();
    const work = this.jobs
      .run(id, kind, this.#stop.signal)
      .then(() => undefined, this.failed)
      .finally(() => this.#atWork.delete(id));
    this.#atWork.set(id, work);
    return work;
  }
}
