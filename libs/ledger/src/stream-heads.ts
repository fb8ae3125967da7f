import type { Database } from '@app/journal';
import { CompactRange, type Hash, inclusionRanges, leafHash } from '@app/proof';
import { type Head, headLeaf } from './heads.ts';

const PAGE = 5_000;

/** The heads of all streams among the first `asOf` journal entries, in the order of their bytes; bounded memory. */
export async function* streamHeads(database: Database, asOf: number): AsyncGenerator<Head> {
  for (let after = ''; ; ) {
    const rows = await database.read<{ stream: string; versions: number; last: number }>(
      `SELECT stream, COUNT(*) AS versions, MAX(idx) AS last FROM journal
       WHERE stream > ? AND idx < ? GROUP BY stream ORDER BY stream LIMIT ?`,
      [after, asOf, PAGE],
    );
    for (const { stream, versions, last } of rows)
      yield { stream, versions: BigInt(versions), lastIndex: BigInt(last) };
    const end = rows.at(-1);
    if (!end || rows.length < PAGE) return;
    after = end.stream;
  }
}

/** Where a stream's head stands among the heads, and that it is there. */
export type HeadProof = {
  readonly head: Head;
  readonly position: bigint;
  readonly count: bigint;
  readonly proof: readonly Hash[];
};

/** Proves the head of a stream as of a size of the journal; undefined: the stream had no event then. */
export async function headProof(
  database: Database,
  stream: string,
  asOf: number,
): Promise<HeadProof | undefined> {
  const [found] = await database.read<{ count: number; position: number }>(
    `SELECT COUNT(*) AS "count", COALESCE(SUM(CASE WHEN stream < ? THEN 1 ELSE 0 END), 0) AS "position"
     FROM (SELECT DISTINCT stream FROM journal WHERE idx < ?) AS streams`,
    [stream, asOf],
  );
  const count = BigInt(found?.count ?? 0);
  const position = BigInt(found?.position ?? 0);
  if (position >= count) return undefined;
  const ranges = inclusionRanges(position, count).map((range) => ({ range, tree: new CompactRange() }));
  let head: Head | undefined;
  let at = 0n;
  for await (const one of streamHeads(database, asOf)) {
    if (at === position) head = one;
    const within = ranges.find(({ range }) => range.start <= at && at < range.end);
    within?.tree.append(leafHash(headLeaf(one.stream, one.versions, one.lastIndex)));
    at++;
  }
  if (head?.stream !== stream) return undefined;
  return { head, position, count, proof: ranges.map(({ tree }) => tree.root()) };
}
