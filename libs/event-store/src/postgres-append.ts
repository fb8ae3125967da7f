import type pg from 'pg';
import { firstRevision } from './event-store.ts';
import type { Asked, Outcome } from './group-commit.ts';

/**
 * Judges and writes many appends, each to another stream, as the one transaction that holds the head: so positions are
 * given in the order of the commits. It is a function, so that one round trip does it and the head is never held while
 * a client thinks, stands still or dies. Its statements see what was committed before the head was had: that is why
 * the head comes first and by itself.
 */
export const APPEND_FUNCTION = `
  create or replace function append_to_log(
    names text[], firsts bigint[], counts integer[],
    owners integer[], ids uuid[], types text[], datas text[], metadatas text[],
    channel text
  ) returns table (is_done boolean, at_revision bigint) language plpgsql as $$
  declare
    was head;
    now_ms bigint;
  begin
    select * into strict was from head for update;
    now_ms := greatest(was.recorded_at, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
    return query
    with asked as (
      select n, name, first, count, sum(count) over (order by n) - count as before,
        (select s.key from stream s where s.name = a.name) as key
      from unnest(names, firsts, counts) with ordinality as a (name, first, count, n)
    ), found as (
      select *, ids[before + 1 : before + count] as mine, coalesce(
        (select e.revision from event e where e.stream = key order by e.revision desc limit 1), -1) as last
      from asked
    ), judged as materialized (
      select *, case
        when count = 0 then 'nothing'
        when first <= last and mine = array(
          select e.id from event e
          where e.stream = key and e.revision >= first and e.revision < first + count order by e.revision
        ) then 'repeat'
        when first = last + 1 and not exists (
          select from event e where e.stream = key and e.id = any (mine)
        ) then 'new'
        else 'stale' end as verdict
      from found
    ), accepted as materialized (
      select n, name, first, before, count, key is null as is_new_stream,
        coalesce(key, was.streams + count(*) filter (where key is null) over (order by n)) as key,
        was.position + sum(count) over (order by n) - count as position
      from judged where verdict = 'new'
    ), new_streams as (
      insert into stream (key, name) select key, name from accepted where is_new_stream
    ), new_events as (
      insert into event (position, recorded_at, stream, revision, id, type, data, metadata)
      select position + m - before, now_ms, key, first + m - before - 1, id, type, data, metadata
      from unnest(owners, ids, types, datas, metadatas)
        with ordinality as e (owner, id, type, data, metadata, m)
      join accepted on n = owner
    ), new_head as (
      update head set recorded_at = now_ms, position = was.position + written.events,
        streams = was.streams + written.streams
      from (
        select sum(count) as events, count(*) filter (where is_new_stream) as streams from accepted
      ) as written
      where written.events > 0
      returning pg_notify(channel, '')
    )
    select verdict <> 'stale', case when verdict in ('new', 'repeat') then first + count - 1 else last end
    from judged order by n;
  end $$;
`;

const APPEND = 'select * from append_to_log($1, $2, $3, $4, $5, $6, $7, $8, $9)';

/** The outcome of each append, once all of them are on the device; or throws. No two may be for the same stream. */
export async function commit(
  client: pg.Client,
  channel: string,
  appends: readonly Asked[],
): Promise<readonly Outcome[]> {
  const events = appends.flatMap((append) => append.events);
  const { rows } = await client.query<[isDone: boolean, revision: number]>({
    name: 'append',
    text: APPEND,
    rowMode: 'array',
    values: [
      appends.map(({ stream }) => stream),
      // -1 is the first revision of nothing, as NaN is; PostgreSQL has no such whole number.
      appends.map(({ expected }) => firstRevision(expected)).map((first) => (first >= 0 ? first : -1)),
      appends.map((append) => append.events.length),
      appends.flatMap((append, n) => append.events.map(() => n + 1)),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ data }) => data),
      events.map(({ metadata }) => metadata),
      channel,
    ],
  });
  return rows.map(([isDone, revision]) =>
    isDone ? { revision } : { stale: true, actual: revision < 0 ? 'no-stream' : revision },
  );
}
