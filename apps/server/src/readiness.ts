import { setTimeout as wait } from 'node:timers/promises';
import type { OpenRecord } from '@app/record';
import { Logger } from '@nestjs/common';

/** Something that answers need. `optional`: answers come without it, only later. */
export type Check = {
  readonly name: string;
  readonly optional?: true;
  readonly isOk: () => Promise<boolean>;
};
export type Checked = { readonly name: string; readonly ok: boolean };

/** How long a check may take, in ms. */
const PATIENCE_MS = 2_000;

/** The log, and what is made of it. */
export const recordChecks = ({ store, journal, views }: OpenRecord): Check[] => [
  { name: 'store', isOk: async () => (await store.readAll(undefined, 1)) !== undefined },
  { name: 'journal', isOk: async () => (await journal.size()) >= 0 },
  { name: 'views', isOk: () => views.ready() },
];

/** The other database itself, whatever is in it. */
export const databaseCheck = ({ database }: OpenRecord): Check => ({
  name: 'database',
  isOk: async () => (await database.read('SELECT 1 AS one')).length === 1,
});

/** Whether everything that answers need is there. Why it is not goes to the log, once, and not to the asker. */
export class Readiness {
  readonly #log = new Logger('Readiness');
  readonly #under = new Map<string, Promise<boolean>>();
  readonly #was = new Map<string, boolean>();

  constructor(
    private readonly checks: readonly Check[],
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  async report(): Promise<{ ready: boolean; checks: Checked[] }> {
    const outcomes = await Promise.all(this.checks.map((check) => this.#check(check)));
    const checks = this.checks.map(({ name }, n) => ({ name, ok: outcomes[n] === true }));
    return { ready: this.checks.every(({ optional }, n) => optional || outcomes[n] === true), checks };
  }

  async #check(check: Check): Promise<boolean> {
    try {
      return this.#tell(check.name, await inTime(this.#asked(check), this.patienceMs));
    } catch (cause) {
      return this.#tell(check.name, false, cause);
    }
  }

  /** One that hangs is asked once, however often it is asked for. */
  #asked({ name, isOk }: Check): Promise<boolean> {
    const asked = this.#under.get(name) ?? isOk().finally(() => this.#under.delete(name));
    this.#under.set(name, asked);
    return asked;
  }

  #tell(name: string, ok: boolean, cause?: unknown): boolean {
    const was = this.#was.get(name) ?? true;
    this.#was.set(name, ok);
    if (was && !ok) this.#log.error(`${name} is not there`, cause);
    if (!was && ok) this.#log.log(`${name} is there again`);
    return ok;
  }
}

/** What comes of work within a time; throws where it takes longer. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const over = new AbortController();
  const late = wait(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
