import type { Sql } from '@app/journal';
import { Wrong } from './finding.ts';
import { type Head, headsRoot } from './heads.ts';
import type { MirroredLeaf } from './mirrored-leaf.ts';

const PAGE = 1_000;

type Row = {
  readonly stream: string;
  readonly first: number;
  readonly last: number;
  readonly revision: number;
};

/** The heads of all streams as they were when the log had `asOf` entries, in the order of the streams' bytes. */
export async function* headsAsOf(sql: Sql, asOf: number): AsyncGenerator<Head> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: Row[] = await sql<Row>(
      `SELECT stream, first_index AS "first", last_index AS "last", revision FROM mirrored_stream
       WHERE stream > ? AND first_index < ? ORDER BY stream LIMIT ${PAGE}`,
      [after, asOf],
    );
    const then = await headsBefore(sql, rows, asOf);
    for (const row of rows) {
      const { revision, last } = then.get(row.first) ?? row;
      yield { stream: row.stream, versions: BigInt(revision) + 1n, lastIndex: BigInt(last) };
    }
    after = rows.length === PAGE ? rows.at(-1)?.stream : undefined;
  }
}

/**
 * Of the streams that went on since: where they stood. Just one event of each is the first since, and names the entry
 * before it. By the index of the stream's first entry.
 */
async function headsBefore(
  sql: Sql,
  rows: readonly Row[],
  asOf: number,
): Promise<Map<number, { revision: number; last: number }>> {
  const late = rows.filter(({ last }) => last >= asOf).map(({ first }) => first);
  if (late.length === 0) return new Map();
  const since = await sql<{ first: number; revision: number; previous: number }>(
    `SELECT first_index AS "first", revision, previous_index AS "previous" FROM mirrored_event
     WHERE first_index IN (${late.map(() => '?').join(', ')}) AND idx >= ? AND previous_index < ?`,
    [...late, asOf, asOf],
  );
  return new Map(
    since.map(({ first, revision, previous }) => [first, { revision: revision - 1, last: previous }]),
  );
}

/** That `HeadsCommitted` says what the log holds (proof 3.17). Throws `Wrong`: `heads-malformed`, `heads-differ`. */
export async function assertHeads(sql: Sql, { index, data }: MirroredLeaf): Promise<void> {
  const { asOf, count, root } = data;
  if (!Number.isSafeInteger(asOf) || (asOf as number) < 0 || (asOf as number) > index)
    throw new Wrong(index, 'heads-malformed', 'it commits to heads as of a size that the log did not have');
  const is = await headsRoot(headsAsOf(sql, asOf as number));
  if (count !== is.count)
    throw new Wrong(
      index,
      'heads-differ',
      `it counts ${String(count).slice(0, 20)} streams; there were ${is.count}`,
    );
  if (root !== is.root.toString('base64'))
    throw new Wrong(
      index,
      'heads-differ',
      `its root is not ${is.root.toString('base64')}, of the heads as of ${asOf}`,
    );
}
