import type pg from 'pg';
import type { Position, StoredEvent } from './event-store.ts';

type Row = [
  position: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  recordedAt: number,
  data: string,
  metadata: string,
];

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

const EVERYTHING = 2 ** 31 - 1;

export type Range = { readonly from?: number; readonly backwards?: boolean; readonly limit?: number };

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

const within = (revision: number): number => Math.min(Math.max(Math.trunc(revision), -1), EVERYTHING);

const atMost = (limit: number = EVERYTHING): number => Math.max(within(limit), 0);

/** One time for all events of a transaction: its text is made once. */
function storedEvents(found: readonly Row[]): StoredEvent[] {
  let ms = Number.NaN;
  let text = '';
  return found.map(([position, stream, revision, id, type, recordedAt, data, metadata]) => {
    if (recordedAt !== ms) text = new Date(recordedAt).toISOString();
    ms = recordedAt;
    return { position, stream, revision, id, type, recordedAt: text, data, metadata };
  });
}
