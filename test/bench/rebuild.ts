import { join } from 'node:path';
import { streamOf } from '@app/domain/civil-servant';
import { isStale } from '@app/event-store';
import { type Entry, entryOf } from '@app/journal';
import { history, type Projection, profileAt, profileRow, VIEWS } from '@app/projections';
import { OpenRecord } from '@app/record';
import Database from 'better-sqlite3';
import { atOnce, type Figures, inTemp, latency, peakMiB, rate } from './measure.ts';
import { career, subjectNo } from './sample.ts';

export const TODAY = '2026-03-01';
const PER_PERSON = 25;

/** Journal and views of `events` events built anew, beside the raw fold of the same tables; then reading profiles. */
export const rebuild = (events: number): Promise<Figures> =>
  inTemp(async (dir) => {
    const people = Math.ceil(events / PER_PERSON);
    const record = await OpenRecord.open(dir, () => TODAY);
    const figures: Record<string, number | string> = { events: people * PER_PERSON };
    figures['fill the log, events/s'] = await rate(people * PER_PERSON, () =>
      atOnce(64, people, async (n) => {
        const outcome = await record.store.append(streamOf(subjectNo(n)), 'no-stream', career(n));
        if (isStale(outcome)) throw new Error('a new stream is not new');
      }),
    );
    figures['journal, events/s'] = await rate(people * PER_PERSON, () => record.journal.fill());
    figures['peak memory to here, MiB'] = peakMiB();
    await record.views.catchUp();
    figures['rebuild all views, events/s'] = await rate(people * PER_PERSON, () =>
      record.views.rebuild(record.views.names),
    );
    figures['peak memory with the views, MiB'] = peakMiB();
    figures['raw fold of the same tables, events/s'] = await rawFold(dir, people * PER_PERSON);
    await queries(record, people, figures);
    await record.close();
    return figures;
  });

/**
 * Memory while `events` events are written, journaled and built into views once: peak so far, in MiB, at each tenth of
 * each step. It must not grow with the number of events.
 */
export const memory = (events: number): Promise<Figures> =>
  inTemp(async (dir) => {
    const people = Math.ceil(events / PER_PERSON);
    const record = await OpenRecord.open(dir, () => TODAY);
    const figures: Record<string, number | string> = { events: people * PER_PERSON };
    const watch = (step: string, all: number) => (done: number) => {
      const tenth = Math.floor((10 * done) / all);
      figures[`${step}, ${tenth}0 %, resident MiB`] = Math.round(process.memoryUsage().rss / 1_048_576);
    };
    const filled = watch('log', people);
    await atOnce(64, people, async (n) => {
      await record.store.append(streamOf(subjectNo(n)), 'no-stream', career(n));
      if (n % 1_000 === 0) filled(n);
    });
    await record.journal.fill(watch('journal', people * PER_PERSON));
    await record.views.catchUp(watch('views', people * PER_PERSON));
    await record.close();
    return { ...figures, 'peak memory, MiB': peakMiB() };
  });

async function queries(
  record: OpenRecord,
  people: number,
  figures: Record<string, number | string>,
): Promise<void> {
  const now = { effectiveOn: TODAY, knownAt: Number.MAX_SAFE_INTEGER };
  const then = { effectiveOn: '2023-06-01', knownAt: Math.floor((people * PER_PERSON) / 2) };
  const any = (i: number) => subjectNo((i * 7_919) % people);
  for (const [name, asOf] of [
    ['profile', now],
    ['profile as of another time', then],
  ] as const) {
    const { p50, p95 } = await latency(2_000, async (i) =>
      profileAt(await profileRow(record.database, any(i)), asOf),
    );
    figures[`${name}, p50 ms`] = p50;
    figures[`${name}, p95 ms`] = p95;
  }
  const { p50, p95 } = await latency(1_000, (i) => history(record.journal, any(i), { limit: 100 }, now));
  figures['history, p50 ms'] = p50;
  figures['history, p95 ms'] = p95;
}

/** The limit: the same fold with better-sqlite3's prepared statements, no checkpoints, no parking, nothing loaded. */
async function rawFold(dir: string, events: number): Promise<number> {
  const source = new Database(join(dir, 'jejak.db'), { readonly: true });
  const into = new Database(join(dir, 'raw-fold.db'));
  for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL']) into.pragma(pragma);
  const page = source.prepare('SELECT idx, leaf FROM journal WHERE idx > ? ORDER BY idx LIMIT 5000').raw();
  const tables = (VIEWS as unknown as readonly Projection<object>[]).map((view) => rawTable(into, view));
  const perSecond = await rate(events, () => {
    for (let after = -1; ; ) {
      const rows = page.all(after) as [number, string][];
      if (rows.length === 0) return;
      const entries = rows.map(([index, leaf]) => entryOf({ index, leaf }));
      into.transaction(() => {
        for (const fold of tables) fold(entries);
      })();
      after = rows.at(-1)?.[0] ?? 0;
    }
  });
  source.close();
  into.close();
  return perSecond;
}

function rawTable(into: Database.Database, view: Projection<object>): (entries: readonly Entry[]) => void {
  const name = `raw_${view.name.replaceAll('-', '_')}`;
  let insert: Database.Statement | undefined;
  const create = (row: object): Database.Statement => {
    const columns = Object.keys(row).map((column, n) => `"${column}"${n === 0 ? ' PRIMARY KEY' : ''}`);
    into.exec(`CREATE TABLE ${name} (${columns.join(', ')})`);
    return into.prepare(`INSERT OR REPLACE INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`);
  };
  return (entries) => {
    const state = new Map<string, object>();
    for (const entry of entries) foldOne(view, state, entry);
    for (const row of state.values()) {
      const settled = view.settle ? view.settle.row(row, TODAY) : row;
      insert ??= create(settled);
      insert.run(Object.values(settled).map(plain));
    }
  };
}

export const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value;

export function foldOne(view: Projection<object>, state: Map<string, object>, entry: Entry): void {
  if (!view.types.includes(entry.type)) return;
  for (const key of view.keys(entry)) {
    const next = view.evolve(state.get(key), entry, key);
    if (next) state.set(key, next);
  }
}
