import type { Journal, JournalRow } from '@app/journal';
import { type Leaf, personStream, type Scope } from './bundle-format.ts';

/** The bundle cannot be made; the message says why and what to do. */
export class NoBundle extends Error {}

const PAGE = 1_000;
/** An entry of the journal, read. */
export type Row = JournalRow & { readonly event: Leaf };
export const rowOf = (row: JournalRow): Row => ({ ...row, event: JSON.parse(row.leaf) as Leaf });

/** The entries of a scope, by index. Throws `NoBundle` where there are none. */
export async function entriesOf(scope: Scope, journal: Journal): Promise<Row[]> {
  if (scope.kind === 'person') {
    const entries = await rowsOfStream(journal, personStream(scope.subject));
    if (entries.length === 0) throw new NoBundle(`nothing is on the record of ${scope.subject}`);
    return entries;
  }
  const found = await journal.find(scope.event);
  if (!found) throw new NoBundle(`the log has no event ${scope.event}`);
  return related(scope.event, await rowsOfStream(journal, found.stream));
}

/** All entries of a stream. */
export async function rowsOfStream(journal: Journal, stream: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await journal.read({ stream, after: rows.at(-1)?.index ?? -1, limit: PAGE });
    rows.push(...page.map(rowOf));
    if (page.length < PAGE) return rows;
  }
}

/** A decision, the events it names, and those that name it. */
function related(id: string, stream: readonly Row[]): Row[] {
  const namedBy = ({ event }: Row): unknown[] => [
    event.data.event,
    event.data.proposal,
    event.data.sanction,
    event.data.hold,
    event.metadata.causationId,
  ];
  const decision = stream.find(({ event }) => event.id === id);
  const named = new Set<unknown>(decision ? namedBy(decision) : []);
  return stream.filter((row) => row === decision || named.has(row.event.id) || namedBy(row).includes(id));
}
