import { canonical } from '@app/event-store';
import { bulk, type Database, JournalEntry } from '@app/journal';

/** Adds entries to the journal itself, of so many subjects by turns. */
export async function fill(
  database: Database,
  count: number,
  subjects: number,
  typeOf: (n: number) => string = () => 'Promoted',
): Promise<void> {
  const [{ size } = { size: 0 }] = await database.read<{ size: number }>(
    'SELECT COUNT(*) AS size FROM journal',
  );
  const rows = bulk(database.reader, JournalEntry);
  const entries = Array.from({ length: count }, (_, n) => entryAt(size + n, subjects, typeOf(size + n)));
  for (let from = 0; from < count; from += 2_000)
    await database.write((sql) => rows.upsert(sql, entries.slice(from, from + 2_000)));
}

function entryAt(index: number, subjects: number, type: string): JournalEntry {
  const stream = `civilServant-${index % subjects}`;
  const id = `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;
  const recordedAt = '2026-01-31T00:00:00.000Z';
  const revision = Math.floor(index / subjects);
  const metadata = { actor: 'a', role: 'bkpsdm', commandId: 'c', correlationId: 'c' };
  const leaf = canonical({ v: 1, id, type, stream, revision, recordedAt, data: { n: index }, metadata });
  return { index, id, stream, revision, type, actor: 'a', recordedAt, position: index, leaf, leafHash: '' };
}

/** A subscription to everything, whose sink is known by its id. */
export const aSubscription = <More extends object>(
  id: string,
  ordering: 'none' | 'partition' | 'total',
  more: More = {} as More,
) => ({
  id,
  name: id,
  owner: 'o',
  key: null,
  url: `https://sink.test/${id}`,
  filters: '[]',
  ordering,
  sees: 'restricted' as const,
  reads: 'restricted' as const,
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  previousSecret: null,
  previousUntil: null,
  state: 'active' as const,
  because: null,
  cursor: -1,
  fails: 0,
  failingSince: null,
  nextAt: 0,
  createdAt: 0,
  ...more,
});
