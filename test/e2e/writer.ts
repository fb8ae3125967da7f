import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type EventStore, PostgresEventStore, SqliteEventStore, type StoredEvent } from '@app/event-store';
import { expect } from '@jest/globals';

const CHILD = join(process.cwd(), 'test/e2e/children/append.mjs');

/** An append the child was told is on the device: its ids in order, and the revision of the last. */
export type Acknowledged = {
  readonly stream: string;
  readonly revision: number;
  readonly ids: readonly string[];
};

/** Another process that appends to a log (its file or URL) until it is killed; `before` is put before the command. */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  readonly unavailable: string[] = [];
  readonly #child;
  readonly #ended: Promise<unknown>;
  #errors = '';
  #heard = () => {};

  constructor(where: string, name: string, before: readonly string[] = []) {
    const [command, ...args] = [...before, process.execPath, CHILD, where, name];
    this.#child = spawn(command as string, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = createInterface({ input: this.#child.stdout });
    lines.on('line', (line) => this.#hear(line));
    this.#child.stderr.on('data', (text) => {
      this.#errors += text;
    });
    this.#ended = Promise.all([once(this.#child, 'close'), once(lines, 'close')]).then(() => this.#heard());
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Settles when the child has said enough; fails where it ends before. */
  async until(enough: (writer: Writer) => boolean): Promise<void> {
    while (!enough(this)) {
      if (this.#child.exitCode !== null)
        throw new Error(`the writer ended: ${this.#errors} (npm run build first?)`);
      await new Promise<void>((heard) => {
        this.#heard = heard;
      });
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Lets the process stand still, as one does whose machine is suspended, until `goOn`. */
  standStill(): void {
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child.kill('SIGCONT');
  }

  /** The last line may be cut where the child was killed. */
  #hear(line: string): void {
    if (!line.endsWith('}')) return;
    const said = JSON.parse(line) as Acknowledged | { unavailable: string };
    if ('unavailable' in said) this.unavailable.push(said.unavailable);
    else this.acknowledged.push(said);
    this.#heard();
  }
}

/** Opens the log and finds every acknowledged event once and where it was said to be, and no append by halves. */
export async function expectWhole(where: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const store = where.includes('://') ? await PostgresEventStore.open(where) : new SqliteEventStore(where);
  try {
    const events = await everything(store);
    expectOrder(events);
    expectWholeAppends(events);
    const kept = new Map(events.map(({ stream, revision, id }) => [`${stream}/${revision}`, id]));
    const lost = acknowledged.filter(({ stream, revision, ids }) =>
      ids.some((id, n) => kept.get(`${stream}/${revision - ids.length + 1 + n}`) !== id),
    );
    expect(lost).toEqual([]);
  } finally {
    await store.close();
  }
}

/** Positions grow, revisions of each stream count from 0 without a gap, and no stream has an id twice. */
function expectOrder(events: readonly StoredEvent[]): void {
  const positions = events.map(({ position }) => position);
  expect(positions.filter((position, n) => position <= (positions[n - 1] ?? 0))).toEqual([]);
  const next = new Map<string, number>();
  const misplaced = events.filter(({ stream, revision }) => {
    const due = next.get(stream) ?? 0;
    next.set(stream, due + 1);
    return revision !== due;
  });
  expect(misplaced).toEqual([]);
  expect(new Set(events.map(({ stream, id }) => `${stream}/${id}`)).size).toBe(events.length);
}

type Append = { readonly append: string; readonly of: number };

function expectWholeAppends(events: readonly StoredEvent[]): void {
  const counts = new Map<string, number>();
  for (const { metadata } of events) {
    const { append, of } = JSON.parse(metadata) as Append;
    counts.set(`${append} of ${of}`, (counts.get(`${append} of ${of}`) ?? 0) + 1);
  }
  const torn = [...counts].filter(([append, count]) => !append.endsWith(` of ${count}`));
  expect(torn).toEqual([]);
}

/** The whole log. */
export async function everything(store: EventStore): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let page: StoredEvent[] | undefined; page === undefined || page.length > 0; ) {
    page = await store.readAll(events.at(-1)?.position, 1_000);
    events.push(...page);
  }
  return events;
}
