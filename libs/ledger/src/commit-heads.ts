import { isRefusal } from '@app/domain/event';
import { type HeadsCommitted, LEDGER, LEDGER_STREAMS } from '@app/domain/ledger';
import type { Asking, Transact } from '@app/event-store';
import type { Database, Journal } from '@app/journal';
import { headsRoot } from './heads.ts';
import { streamHeads } from './stream-heads.ts';

/** Records the heads of all streams as the journal has them now (proof 3.17); gives what was recorded. */
export async function commitHeads(
  {
    database,
    journal,
    transact,
  }: { readonly database: Database; readonly journal: Journal; readonly transact: Transact },
  asking: Asking,
): Promise<HeadsCommitted['data']> {
  const asOf = await journal.size();
  const { count, root } = await headsRoot(streamHeads(database, asOf));
  const data = { asOf, count, root: root.toString('base64') };
  const outcome = await transact(LEDGER, LEDGER_STREAMS.HeadsCommitted, asking, () => [
    { type: 'HeadsCommitted', data },
  ]);
  if (isRefusal(outcome) || 'moved' in outcome)
    throw new Error('the heads of the streams could not be recorded; ask again');
  return data;
}
