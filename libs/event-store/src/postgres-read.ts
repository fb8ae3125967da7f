import type pg from 'pg';
import type { Position, StoredEvent } from './event-store.ts';
import { atMost, EVERYTHING, type Range, type Row, storedEvents, within } from './rows.ts';

const ROWS = `
  select position, name, revision, id, type, recorded_at, data, metadata
  from event join stream on key = event.stream`;

const OF_STREAM = `
  select position, $1::text, revision, id, type, recorded_at, data, metadata
  from event where stream = (select key from stream where name = $1)`;

const QUERIES = {
  after: `${ROWS} where position > $1 order by position limit $2`,
  forwards: `${OF_STREAM} and revision >= $2 order by revision limit $3`,
  backwards: `${OF_STREAM} and revision <= $2 order by revision desc limit $3`,
} as const;

export function readStream(
  pool: pg.Pool,
  stream: string,
  { from, backwards = false, limit }: Range,
): Promise<StoredEvent[]> {
  return backwards
    ? rows(pool, 'backwards', [stream, within(from ?? EVERYTHING), atMost(limit)])
    : rows(pool, 'forwards', [stream, within(from ?? 0), atMost(limit)]);
}

export const readAfter = (
  pool: pg.Pool,
  position: Position | undefined,
  limit: number,
): Promise<StoredEvent[]> => rows(pool, 'after', [position ?? 0, atMost(limit)]);

async function rows(
  pool: pg.Pool,
  name: keyof typeof QUERIES,
  values: readonly (string | number)[],
): Promise<StoredEvent[]> {
  const query = { name, text: QUERIES[name], values: [...values], rowMode: 'array' as const };
  return storedEvents((await pool.query<Row>(query)).rows);
}
