import { isLegalDate } from '@app/domain/calendar';
import type { AsOf } from '@app/projections';
import type { OpenRecord } from '@app/record';
import { Day, Matching, WholeAsked } from './body.ts';
import { malformed } from './problem.ts';

const INDEX = '-?[0-9]{1,15}';
const TIME =
  '[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})';

/** The two times that every question has. */
export class AsOfAsked {
  @Day({ optional: true, about: 'The day whose state is asked for; default: today.' })
  effectiveOn?: string;

  @Matching({
    pattern: `^(${INDEX}|${TIME})$`,
    is: 'a journal index, or a time as in RFC 3339',
    max: 40,
    optional: true,
    about: 'What was known: a journal index, or a time (RFC 3339); default: everything.',
  })
  knownAt?: string;
}

/** A question whose answer comes in pages. */
export class PageAsked extends AsOfAsked {
  @WholeAsked({ min: 1, max: 200, optional: true, about: 'Rows of a page; default 50.' })
  limit?: number;

  @Matching({
    pattern: '^[A-Za-z0-9_-]+$',
    is: 'the `next` of an earlier page',
    max: 300,
    optional: true,
    about: 'The `next` of the page before; it keeps both times as they were.',
  })
  cursor?: string;
}

const DEFAULT_LIMIT = 50;

/** Both times that a question means. What the views do not have yet is not known yet. */
export async function asOf(record: OpenRecord, { effectiveOn, knownAt }: AsOfAsked): Promise<AsOf> {
  const newest = await record.views.reached();
  const asked = knownAt === undefined ? newest : await indexOf(record, knownAt);
  return { effectiveOn: effectiveOn ?? record.today(), knownAt: Math.max(-1, Math.min(asked, newest)) };
}

async function indexOf(record: OpenRecord, knownAt: string): Promise<number> {
  if (new RegExp(`^${INDEX}$`).test(knownAt)) return Number(knownAt);
  const time = new Date(knownAt.toUpperCase());
  if (Number.isNaN(time.getTime())) throw malformed('#/knownAt', 'is a time that does not exist');
  return record.journal.indexAt(time.toISOString());
}

/** A page that is asked for: after what, how many rows, at which times. */
export type Wanted<After> = { readonly after?: After; readonly limit: number; readonly asOf: AsOf };
export type Page<Row> = AsOf & { readonly data: readonly Row[]; readonly next?: string };

/** Reads what page is meant; a cursor brings its own times. `kind`: what a cursor of this list holds. */
export async function pageOf<K extends 'string' | 'number'>(
  record: OpenRecord,
  { limit = DEFAULT_LIMIT, cursor, ...times }: PageAsked,
  kind: K,
): Promise<Wanted<K extends 'string' ? string : number>> {
  if (cursor === undefined) return { limit, asOf: await asOf(record, times) };
  const [after, effectiveOn, knownAt, ...more] = unpacked(cursor);
  const fits =
    typeof after === kind &&
    typeof effectiveOn === 'string' &&
    isLegalDate(effectiveOn) &&
    Number.isSafeInteger(knownAt);
  if (!fits || more.length > 0) throw malformed('#/cursor', 'is not a cursor of this list');
  return { after: after as never, limit, asOf: { effectiveOn, knownAt: knownAt as number } };
}

function unpacked(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** What to read for a page: one row more than it holds, to see whether another page follows. */
export const rowsOf = <After>({ after, limit }: Wanted<After>): { after?: After; limit: number } => ({
  limit: limit + 1,
  ...(after === undefined ? {} : { after }),
});

/** A page from rows of which one more than asked for was read. `key`: what a row is found again by. */
export function paged<Row>(
  rows: readonly Row[],
  { limit, asOf: at }: Wanted<unknown>,
  key: (row: Row) => string | number,
): Page<Row> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  if (rows.length <= limit || last === undefined) return { data, ...at };
  const next = Buffer.from(JSON.stringify([key(last), at.effectiveOn, at.knownAt])).toString('base64url');
  return { data, next, ...at };
}

/** A page of what stands in the order of an index; `next`: the index after which there is more. */
export type IndexPage<Row> = { readonly data: readonly Row[]; readonly next?: number };

/** Such a page from rows of which one more than asked for was read. */
export function byIndex<Row extends { readonly index: number }>(
  rows: readonly Row[],
  limit: number,
): IndexPage<Row> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return rows.length > limit && last ? { data, next: last.index } : { data };
}
