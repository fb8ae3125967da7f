import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner, Table } from 'typeorm';
import type { Database, Sql } from './database.ts';
import { text } from './migrations.ts';

/** Who does a work that one process does for all. `beat` goes on while the holder lives; `holder` empty: it is free. */
@Entity('lease')
export class Lease {
  @PrimaryColumn('text')
  name: string;

  @Column('text')
  holder: string;

  @Column('bigint')
  beat: number;
}

export class CreateLease1764000000003 implements MigrationInterface {
  name = 'CreateLease1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'lease',
        columns: [
          text(runner, 'name', { isPrimary: true }),
          text(runner, 'holder'),
          { name: 'beat', type: 'bigint' },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('lease');
  }
}

/** How often the holder gives a sign, and after how long without one another takes its place, in ms. */
export type Pace = { readonly beatMs: number; readonly silenceMs: number };
const PACE: Pace = { beatMs: 1_500, silenceMs: 6_000 };

type Seen = { readonly holder: string; readonly beat: number; readonly at: number };

/**
 * Elects, among the processes on one database, the one that does a work. No clock is compared with another's: who
 * stands by measures, on its own, for how long the holder has given no sign. It saves work, it does not make it right:
 * a holder that was only slow may go on for a moment beside the next, and whoever writes compares the checkpoint in
 * the transaction that moves it (`Journal`, `Views`), so that the later of the two finds the work done.
 */
export class Election {
  readonly #holder = randomUUID();
  #seen: Seen | undefined;
  #held = false;

  constructor(
    private readonly database: Database,
    private readonly name: string,
    private readonly pace: Pace = PACE,
  ) {}

  get held(): boolean {
    return this.#held;
  }

  /**
   * Whenever this process is the elected one, runs `work`, with a signal that aborts when it is so no more. Ends when
   * `signal` aborts, and gives the place free. `failed` is told of faults; they are tried again.
   */
  async lead(
    work: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
    failed: (cause: unknown) => void,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        if (await this.#take()) await this.#hold(work, signal, failed);
      } catch (cause) {
        failed(cause);
      }
      await pause(this.pace.beatMs, signal);
    }
  }

  async #hold(
    work: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
    failed: (cause: unknown) => void,
  ): Promise<void> {
    const lost = new AbortController();
    const until = AbortSignal.any([lost.signal, signal]);
    this.#held = true;
    const working = work(until)
      .catch(failed)
      .finally(() => lost.abort());
    await this.#beat(until, failed);
    this.#held = false;
    lost.abort();
    await working;
    await this.#give().catch(failed);
  }

  /** Gives signs until another has taken the place, or for so long none could be given that another may have. */
  async #beat(until: AbortSignal, failed: (cause: unknown) => void): Promise<void> {
    for (let last = performance.now(); !until.aborted; await pause(this.pace.beatMs, until))
      try {
        if (!(await this.#sign())) return;
        last = performance.now();
      } catch (cause) {
        failed(cause);
        if (performance.now() - last > this.pace.silenceMs) return;
      }
  }

  /** Whether the place is this process's from now on: it was free, or its holder has been silent for too long. */
  async #take(): Promise<boolean> {
    const now = performance.now();
    const [row] = await lease(this.database.read, this.name);
    if (row?.holder && (row.holder !== this.#seen?.holder || row.beat !== this.#seen.beat)) {
      this.#seen = { ...row, at: now };
      return false;
    }
    if (row?.holder && now - (this.#seen?.at ?? now) < this.pace.silenceMs) return false;
    return this.database.write(async (sql) => {
      const [still] = await lease(sql, this.name);
      if (still?.holder !== row?.holder || still?.beat !== row?.beat) return false;
      await sql(
        `INSERT INTO lease (name, holder, beat) VALUES (?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, beat = excluded.beat`,
        [this.name, this.#holder, (row?.beat ?? 0) + 1],
      );
      return true;
    });
  }

  #sign(): Promise<boolean> {
    return this.database.write(async (sql) => {
      const [row] = await lease(sql, this.name);
      if (row?.holder !== this.#holder) return false;
      await sql('UPDATE lease SET beat = ? WHERE name = ?', [row.beat + 1, this.name]);
      return true;
    });
  }

  async #give(): Promise<void> {
    await this.database.write((sql) =>
      sql("UPDATE lease SET holder = '' WHERE name = ? AND holder = ?", [this.name, this.#holder]),
    );
  }
}

/** Whether some process does a work now, as far as the database knows. */
export async function isLed(database: Database, name: string): Promise<boolean> {
  const [row] = await lease(database.read, name);
  return (row?.holder ?? '') !== '';
}

const lease = (sql: Sql, name: string) =>
  sql<{ holder: string; beat: number }>('SELECT holder, beat FROM lease WHERE name = ?', [name]);

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => undefined);
