import type { Database, Sql } from '@app/journal';
import type { Job, JobState } from './job.ts';

/** A job to be done. `key`: what it is about; the same kind and key are one job. */
export type NewJob = { readonly kind: string; readonly key: string; readonly dueAt: number };

/**
 * What came of an attempt; `also` is written in the transaction that says it is done. `againAt`, asked in there: it went
 * well, and is to be done again then, with all its attempts.
 */
export type Done = {
  readonly outcome: string;
  readonly also?: (sql: Sql) => Promise<void>;
  readonly againAt?: (sql: Sql) => Promise<number>;
};

/**
 * How jobs of a kind are done. `run` may be called again after a crash, and must have its effect once all the same: by
 * the key, or through `also`. `signal` aborts when the attempt has lost its claim or the process stops.
 */
export type JobKind = {
  readonly name: string;
  readonly attempts: number;
  /** How long to wait after the nth failed attempt, in ms. */
  readonly backoffMs: (attempt: number) => number;
  /** For how long an attempt that gives no sign is left alone, in ms. */
  readonly claimMs: number;
  readonly run: (job: Job, signal: AbortSignal) => Promise<Done>;
  /** For what repeats itself: the job that is entered when one is over, done or dead. */
  readonly next?: () => NewJob;
};

const COLUMNS =
  'id, kind, "key", state, due_at AS "dueAt", attempts, claimed_until AS "claimedUntil", outcome, changed_at AS "changedAt"';

/** Enters jobs, in the transaction of whatever causes them; a job that is there already stays as it is. */
export async function enter(sql: Sql, jobs: readonly NewJob[], now = Date.now()): Promise<void> {
  for (const { kind, key, dueAt } of jobs)
    await sql(
      `INSERT INTO job (id, kind, "key", state, due_at, attempts, claimed_until, changed_at)
       VALUES (?, ?, ?, 'waiting', ?, 0, 0, ?) ON CONFLICT DO NOTHING`,
      [`${kind}:${key}`, kind, key, dueAt, now],
    );
}

/** The rows of the jobs: claimed by one at a time, and their outcomes. */
export class Jobs {
  constructor(
    private readonly database: Database,
    private readonly now: () => number = Date.now,
  ) {}

  enter(jobs: readonly NewJob[]): Promise<void> {
    return this.database.write((sql) => enter(sql, jobs, this.now()));
  }

  /**
   * Sees to it that a kind that repeats itself goes on: enters the job unless one of its kind waits already; one that
   * waits, not yet begun, for a later time or another one of the same day is moved to this job's.
   */
  schedule({ kind, key, dueAt }: NewJob): Promise<void> {
    return this.database.write(async (sql) => {
      const [waiting] = await sql<Job>(
        `SELECT ${COLUMNS} FROM job WHERE kind = ? AND state = 'waiting' ORDER BY due_at LIMIT 1`,
        [kind],
      );
      if (!waiting) return enter(sql, [{ kind, key, dueAt }], this.now());
      if (waiting.attempts === 0 && waiting.dueAt > this.now())
        await sql('UPDATE job SET due_at = ? WHERE id = ?', [dueAt, waiting.id]);
    });
  }

  /** Jobs of some kinds that are due by a time and that nobody is at, the longest due first. */
  due(kinds: readonly string[], by: number, limit: number): Promise<Job[]> {
    if (kinds.length === 0) return Promise.resolve([]);
    return this.database.read<Job>(
      `SELECT ${COLUMNS} FROM job WHERE state = 'waiting' AND due_at <= ? AND claimed_until <= ?
       AND kind IN (${kinds.map(() => '?').join(', ')}) ORDER BY due_at, id LIMIT ?`,
      [by, this.now(), ...kinds, limit],
    );
  }

  /**
   * Does a job that is due, unless it is done or somebody is at it. A failure is kept with its cause, and tried again
   * later until the kind's attempts are used up. Gives the state then; undefined: there was nothing to do.
   */
  async run(id: string, kind: JobKind, stop: AbortSignal): Promise<JobState | undefined> {
    const job = await this.#claim(id, kind);
    if (!job) return undefined;
    const over = new AbortController();
    const sign = setInterval(() => void this.#sign(job, kind).catch(() => over.abort()), kind.claimMs / 3);
    try {
      const done = await kind.run(job, AbortSignal.any([over.signal, stop]));
      return await this.#settle(job, kind, async (sql) => {
        await done.also?.(sql);
        const { outcome, againAt } = done;
        if (!againAt) return { state: 'done', outcome };
        return { state: 'waiting', outcome, dueAt: await againAt(sql), attempts: 0 };
      });
    } catch (cause) {
      return await this.#settle(job, kind, async () => this.#failure(job, kind, cause, stop.aborted));
    } finally {
      clearInterval(sign);
    }
  }

  /** After a failed attempt. One that was stopped from outside does not count. */
  #failure(job: Job, { attempts, backoffMs }: JobKind, cause: unknown, stopped: boolean): Outcome {
    const outcome = cause instanceof Error ? cause.message : String(cause);
    if (stopped) return { state: 'waiting', outcome, attempts: job.attempts - 1 };
    const state = job.attempts >= attempts ? 'dead' : 'waiting';
    return { state, outcome, dueAt: this.now() + backoffMs(job.attempts) };
  }

  /** Has a dead job done again, with all its attempts. False: there is no such dead job. */
  retry(id: string): Promise<boolean> {
    return this.database.write(async (sql) => {
      const [job] = await one(sql, id);
      if (job?.state !== 'dead') return false;
      await sql("UPDATE job SET state = 'waiting', attempts = 0, due_at = ?, changed_at = ? WHERE id = ?", [
        this.now(),
        this.now(),
        id,
      ]);
      return true;
    });
  }

  /** Has jobs done, also those that were done before; one that waits or is dead stays as it is. */
  again(jobs: readonly NewJob[]): Promise<void> {
    return this.database.write(async (sql) => {
      const now = this.now();
      for (const { kind, key, dueAt } of jobs)
        await sql(
          "UPDATE job SET state = 'waiting', attempts = 0, due_at = ?, changed_at = ? WHERE id = ? AND state = 'done'",
          [dueAt, now, `${kind}:${key}`],
        );
      await enter(sql, jobs, now);
    });
  }

  /** Has the jobs of a kind that wait for a later time done now; those that somebody is at are left to them. */
  wake(kind: string): Promise<void> {
    return this.database.write(async (sql) => {
      const now = this.now();
      await sql(
        "UPDATE job SET due_at = ?, changed_at = ? WHERE kind = ? AND state = 'waiting' AND due_at > ? AND claimed_until <= ?",
        [now, now, kind, now, now],
      );
    });
  }

  /** Whether an attempt has its claim still, in a transaction of its own work; then the claim lasts from now. */
  async holds(sql: Sql, job: Job, claimMs: number): Promise<boolean> {
    if (!(await isMine(sql, job))) return false;
    await sql('UPDATE job SET claimed_until = ? WHERE id = ?', [this.now() + claimMs, job.id]);
    return true;
  }

  /** Jobs in a state, the last changed first. */
  list(state: JobState, limit: number): Promise<Job[]> {
    return this.database.read<Job>(
      `SELECT ${COLUMNS} FROM job WHERE state = ? ORDER BY changed_at DESC, id LIMIT ?`,
      [state, limit],
    );
  }

  async counts(): Promise<Record<JobState, number>> {
    const rows = await this.database.read<{ state: JobState; n: number }>(
      'SELECT state, COUNT(*) AS n FROM job GROUP BY state',
    );
    return { waiting: 0, done: 0, dead: 0, ...Object.fromEntries(rows.map(({ state, n }) => [state, n])) };
  }

  #claim(id: string, kind: JobKind): Promise<Job | undefined> {
    return this.database.write(async (sql) => {
      const [job] = await one(sql, id);
      const now = this.now();
      if (job?.state !== 'waiting' || job.dueAt > now || job.claimedUntil > now) return undefined;
      // Every attempt ended without a word, as when the process dies of it: somebody has to look.
      if (job.attempts >= kind.attempts) {
        const outcome = job.outcome ?? 'no attempt came to an end';
        await this.#write(sql, job, kind, { state: 'dead', outcome });
        return undefined;
      }
      const claimed = { ...job, attempts: job.attempts + 1, claimedUntil: now + kind.claimMs };
      await sql('UPDATE job SET attempts = ?, claimed_until = ?, changed_at = ? WHERE id = ?', [
        claimed.attempts,
        claimed.claimedUntil,
        now,
        id,
      ]);
      return claimed;
    });
  }

  /** Says that the attempt goes on; throws where another has taken its place. */
  #sign(job: Job, { claimMs }: JobKind): Promise<void> {
    return this.database.write(async (sql) => {
      if (!(await isMine(sql, job))) throw new Error('another attempt has begun');
      await sql('UPDATE job SET claimed_until = ? WHERE id = ?', [this.now() + claimMs, job.id]);
    });
  }

  /** Writes what came of an attempt, and what goes with it; nothing where another attempt has taken its place. */
  #settle(job: Job, kind: JobKind, come: (sql: Sql) => Promise<Outcome>): Promise<JobState | undefined> {
    return this.database.write(async (sql) => {
      if (!(await isMine(sql, job))) return undefined;
      const to = await come(sql);
      await this.#write(sql, job, kind, to);
      return to.state;
    });
  }

  async #write(sql: Sql, job: Job, { next }: JobKind, to: Outcome): Promise<void> {
    await sql(
      'UPDATE job SET state = ?, due_at = ?, outcome = ?, attempts = ?, claimed_until = 0, changed_at = ? WHERE id = ?',
      [to.state, to.dueAt ?? job.dueAt, to.outcome, to.attempts ?? job.attempts, this.now(), job.id],
    );
    if (next && to.state !== 'waiting') await enter(sql, [next()], this.now());
  }
}

type Outcome = Pick<Job, 'state'> & { outcome: string; dueAt?: number; attempts?: number };

const one = (sql: Sql, id: string): Promise<Job[]> =>
  sql<Job>(`SELECT ${COLUMNS} FROM job WHERE id = ?`, [id]);

async function isMine(sql: Sql, { id, attempts }: Job): Promise<boolean> {
  const [job] = await one(sql, id);
  return job?.state === 'waiting' && job.attempts === attempts;
}
