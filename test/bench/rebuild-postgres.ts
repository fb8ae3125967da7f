import { join } from 'node:path';
import { streamOf } from '@app/domain/civil-servant';
import { type Entry, entryOf } from '@app/journal';
import { type Projection, VIEWS } from '@app/projections';
import { OpenRecord } from '@app/record';
import pg from 'pg';
import { atOnce, type Figures, inTemp, peakMiB, rate } from './measure.ts';
import { inSchema } from './postgres.ts';
import { foldOne, plain, TODAY } from './rebuild.ts';
import { career, subjectNo } from './sample.ts';

const PER_PERSON = 25;

/** Journal and views on PostgreSQL built anew, beside the raw fold of the same tables with `unnest`. */
export const rebuildOnPostgres = (events: number): Promise<Figures> =>
  inTemp((dir) =>
    inSchema(async (url) => {
      const people = Math.ceil(events / PER_PERSON);
      const all = people * PER_PERSON;
      const record = await OpenRecord.open({ log: join(dir, 'events.db'), database: url }, () => TODAY);
      const figures: Record<string, number> = { events: all };
      await atOnce(64, people, (n) => record.store.append(streamOf(subjectNo(n)), 'no-stream', career(n)));
      figures['journal, events/s'] = await rate(all, () => record.journal.fill());
      await record.views.catchUp();
      figures['rebuild all views, events/s'] = await rate(all, () =>
        record.views.rebuild(record.views.names),
      );
      figures['peak memory, MiB'] = peakMiB();
      figures['raw fold of the same tables, events/s'] = await rawFold(url, all);
      await record.close();
      return figures;
    }),
  );

/** The limit: the same fold with pg, one `unnest` a table and page, no checkpoints, no parking, nothing loaded. */
async function rawFold(url: string, events: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const views = VIEWS as unknown as readonly Projection<object>[];
  const inserts = new Map<string, string>();
  const perSecond = await rate(events, async () => {
    for (let after = -1; ; ) {
      const { rows } = await client.query<[string, string]>({
        name: 'page',
        text: 'SELECT idx, leaf FROM journal WHERE idx > $1 ORDER BY idx LIMIT 5000',
        values: [after],
        rowMode: 'array',
      });
      if (rows.length === 0) return;
      const entries = rows.map(([index, leaf]) => entryOf({ index: Number(index), leaf }));
      await client.query('BEGIN');
      for (const view of views) await foldInto(client, view, entries, inserts);
      await client.query('COMMIT');
      after = Number(rows.at(-1)?.[0]);
    }
  });
  await client.end();
  return perSecond;
}

async function foldInto(
  client: pg.Client,
  view: Projection<object>,
  entries: readonly Entry[],
  inserts: Map<string, string>,
): Promise<void> {
  const state = new Map<string, object>();
  for (const entry of entries) foldOne(view, state, entry);
  const rows = [...state.values()].map((row) =>
    Object.values(view.settle ? view.settle.row(row, TODAY) : row).map(plain),
  );
  const [first] = state.values();
  if (!first) return;
  const insert =
    inserts.get(view.name) ?? (await createTable(client, view, Object.keys(first), rows[0] ?? []));
  inserts.set(view.name, insert);
  const columns = Object.keys(first).map((_, n) => rows.map((row) => row[n]));
  await client.query({ name: view.name, text: insert, values: columns });
}

/** Gives the statement that writes rows to it. */
async function createTable(
  client: pg.Client,
  view: Projection<object>,
  names: readonly string[],
  values: readonly unknown[],
): Promise<string> {
  const table = `raw_${view.name.replaceAll('-', '_')}`;
  const types = values.map((value) => (typeof value === 'number' ? 'bigint' : 'text'));
  const columns = names.map((name, n) => `"${name}" ${types[n]}${n === 0 ? ' PRIMARY KEY' : ''}`);
  await client.query(`CREATE TABLE ${table} (${columns.join(', ')})`);
  const set = names.map((name) => `"${name}" = excluded."${name}"`).join(', ');
  const lists = types.map((type, n) => `$${n + 1}::${type}[]`).join(', ');
  return `INSERT INTO ${table} SELECT * FROM unnest(${lists}) ON CONFLICT ("${names[0]}") DO UPDATE SET ${set}`;
}
