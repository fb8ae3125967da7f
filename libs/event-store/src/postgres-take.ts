import type pg from 'pg';
import type { StoredEvent } from './event-store.ts';
import { assertNext, assertTime, type Beginnings, idTwice } from './taking.ts';

/**
 * Takes events over in one transaction that holds the head, once all of them are on the device; or throws, and none was
 * written, unless the connection was lost at the end: then it is not known.
 */
export async function take(
  client: pg.ClientBase,
  channel: string,
  events: readonly StoredEvent[],
  at: Beginnings,
): Promise<void> {
  await client.query('begin');
  try {
    await takeAll(client, channel, events, at);
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  await client.query('commit');
}

type Head = { readonly position: number; readonly recorded_at: number; readonly streams: number };
type Stream = { readonly key: number; readonly last: number };

async function takeAll(
  client: pg.ClientBase,
  channel: string,
  events: readonly StoredEvent[],
  at: Beginnings,
): Promise<void> {
  const head = (await client.query<Head>('select * from head for update')).rows[0] as Head;
  const last = events.at(-1);
  if (!events[0] || !last) return;
  if (head.position > 0) assertTime(events[0], new Date(head.recorded_at).toISOString());
  const known = await streamsNamed(client, [...at.keys()]);
  for (const [stream, revision] of at) assertNext(stream, revision, (known.get(stream)?.last ?? -1) + 1);
  const made = [...at.keys()].filter((name) => !known.has(name));
  const keys = new Map(made.map((name, n) => [name, head.streams + n + 1]));
  for (const [name, { key }] of known) keys.set(name, key);
  const streams = events.map(({ stream }) => keys.get(stream));
  await assertNewIds(client, events, streams);
  await client.query('insert into stream (key, name) select * from unnest($1::integer[], $2::text[])', [
    made.map((name) => keys.get(name)),
    made,
  ]);
  await client.query(
    `insert into event (position, recorded_at, stream, revision, id, type, data, metadata)
     select $1::bigint + n, recorded_at, stream, revision, id, type, data, metadata
     from unnest($2::bigint[], $3::integer[], $4::integer[], $5::uuid[], $6::text[], $7::text[], $8::text[])
       with ordinality as e (recorded_at, stream, revision, id, type, data, metadata, n)`,
    [
      head.position,
      events.map(({ recordedAt }) => Date.parse(recordedAt)),
      streams,
      events.map(({ revision }) => revision),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ data }) => data),
      events.map(({ metadata }) => metadata),
    ],
  );
  await client.query(
    'update head set position = $1, recorded_at = $2, streams = $3 returning pg_notify($4, $5)',
    [head.position + events.length, Date.parse(last.recordedAt), head.streams + made.length, channel, ''],
  );
}

/** Those that there are, each with its last revision. */
async function streamsNamed(client: pg.ClientBase, names: readonly string[]): Promise<Map<string, Stream>> {
  const { rows } = await client.query<Stream & { name: string }>(
    `select name, key,
       coalesce((select revision from event where stream = key order by revision desc limit 1), -1) as last
     from stream where name = any ($1::text[])`,
    [names],
  );
  return new Map(rows.map(({ name, ...stream }) => [name, stream]));
}

async function assertNewIds(
  client: pg.ClientBase,
  events: readonly StoredEvent[],
  streams: readonly (number | undefined)[],
): Promise<void> {
  const { rows } = await client.query<{ n: number }>(
    `select n from unnest($1::integer[], $2::uuid[]) with ordinality as taken (stream, id, n)
     where exists (select from event e where e.stream = taken.stream and e.id = taken.id) limit 1`,
    [streams, events.map(({ id }) => id)],
  );
  const twice = events[(rows[0]?.n ?? 0) - 1];
  if (twice) throw idTwice(twice.stream, twice.id);
}
