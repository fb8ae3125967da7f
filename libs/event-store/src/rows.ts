import type { StoredEvent } from './event-store.ts';

/** Which events of a stream: from a revision (inclusive), in which direction, at most how many. */
export type Range = { readonly from?: number; readonly backwards?: boolean; readonly limit?: number };

/** An event as SQL gives it, as an array; `recordedAt` in ms. */
export type Row = [
  position: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  recordedAt: number,
  data: string,
  metadata: string,
];

/** Beyond the last revision of every stream. */
export const EVERYTHING = 2 ** 31 - 1;

/** A revision as SQL takes it. */
export const within = (revision: number): number => Math.min(Math.max(Math.trunc(revision), -1), EVERYTHING);

/** A limit as SQL takes it: SQLite takes a negative one for none. */
export const atMost = (limit: number = EVERYTHING): number => Math.max(within(limit), 0);

/** `uuidOf`: an id as the port has it. One time for all events of a transaction: its text is made once. */
export function storedEvents(rows: readonly Row[], uuidOf = (id: string) => id): StoredEvent[] {
  let ms = Number.NaN;
  let text = '';
  return rows.map(([position, stream, revision, id, type, recordedAt, data, metadata]) => {
    if (recordedAt !== ms) text = new Date(recordedAt).toISOString();
    ms = recordedAt;
    return { position, stream, revision, id: uuidOf(id), type, recordedAt: text, data, metadata };
  });
}
