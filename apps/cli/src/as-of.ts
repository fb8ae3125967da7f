import { isLegalDate } from '@app/domain/calendar';
import type { AsOf } from '@app/projections';
import { type Call, Usage } from './command.ts';

/** Both times of a question, from `--on` and `--known`. */
export async function asOf({ options, record }: Call): Promise<AsOf> {
  const effectiveOn = typeof options.on === 'string' ? options.on : record.today();
  if (!isLegalDate(effectiveOn)) throw new Usage(`--on ${effectiveOn} is not a day (YYYY-MM-DD)`);
  return { effectiveOn, knownAt: await knownAt(options.known, record.journal) };
}

async function knownAt(known: Call['options'][string], journal: Call['record']['journal']): Promise<number> {
  if (typeof known !== 'string') return (await journal.size()) - 1;
  if (/^\d{1,15}$/.test(known)) return Number(known);
  const time = new Date(known);
  if (Number.isNaN(time.getTime())) throw new Usage(`--known ${known} is neither an index nor a time`);
  return journal.indexAt(time.toISOString());
}
