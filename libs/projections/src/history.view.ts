import { streamOf } from '@app/domain/civil-servant';
import { effectiveFrom } from '@app/domain/profile';
import { type Entry, entryOf, type Journal } from '@app/journal';
import { stated } from './fact-rows.ts';
import type { AsOf } from './projection.ts';

/**
 * One step of a person's decision trail. `effective`: it states something that has effect by that day. `undoneBy`: the
 * event that annulled or corrected it, as far as known then.
 */
export type Step = { readonly entry: Entry; readonly effective: boolean; readonly undoneBy?: string };

const PAGE = 1_000;

/** The decision trail of a person, oldest first, after a journal index: read from the journal itself. */
export async function history(
  journal: Journal,
  subject: string,
  { after = -1, limit }: { readonly after?: number; readonly limit: number },
  { effectiveOn, knownAt }: AsOf,
): Promise<Step[]> {
  const entries = await allOf(journal, streamOf(subject), knownAt);
  const undone = new Map<string, string>();
  for (const { type, data, id } of entries)
    if (type === 'Annulled' || type === 'Corrected') undone.set(data.event, id);
  return entries
    .filter(({ index }) => index > after)
    .slice(0, limit)
    .map((entry) => {
      const fact = stated(entry);
      const undoneBy = undone.get(entry.id);
      const effective = fact !== undefined && effectiveFrom(fact) <= effectiveOn;
      return { entry, effective, ...(undoneBy === undefined ? {} : { undoneBy }) };
    });
}

async function allOf(journal: Journal, stream: string, upTo: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const after = entries.at(-1)?.index ?? -1;
    const rows = await journal.read({ stream, after, upTo, limit: PAGE });
    entries.push(...rows.map((row) => entryOf(row)));
    if (rows.length < PAGE) return entries;
  }
}
