import { isRefusal } from '@app/domain/event';
import { LEDGER, LEDGER_STREAMS, type LogKeyChanged } from '@app/domain/ledger';
import type { Asking, Transact } from '@app/event-store';
import type { Journal } from '@app/journal';
import { type Policy, parsePolicy } from '@app/proof';
import type { LogSigner } from './signer.ts';

/** A key of the log as it was announced, and whether it still signs. */
export type LogKey = { readonly vkey: string; readonly signs: boolean };

const MOST = 1_000;

/** The keys that ever signed for the log, from the journal, oldest first. */
export async function logKeys(journal: Journal): Promise<LogKey[]> {
  const keys = new Map<string, boolean>();
  for (const { leaf } of await journal.read({ stream: LEDGER_STREAMS.LogKeyChanged, limit: MOST })) {
    const { type, data } = JSON.parse(leaf) as { type: string; data: LogKeyChanged['data'] };
    if (type === 'LogKeyChanged') keys.set(data.vkey, data.use === 'begins');
  }
  return [...keys].map(([vkey, signs]) => ({ vkey, signs }));
}

/** Records the keys that sign from now on, and those that do no more. */
export async function announceKeys(
  signer: LogSigner,
  { journal, transact }: { readonly journal: Journal; readonly transact: Transact },
  asking: Asking,
): Promise<void> {
  const known = await logKeys(journal);
  const mine = signer.verifiers.map(({ vkey }) => vkey);
  const begin = mine.filter((vkey) => !known.some((key) => key.signs && key.vkey === vkey));
  const end = known.filter(({ signs, vkey }) => signs && !mine.includes(vkey));
  const changes: LogKeyChanged['data'][] = [
    ...begin.map((vkey) => ({ vkey, use: 'begins' as const })),
    ...end.map(({ vkey }) => ({ vkey, use: 'ends' as const })),
  ];
  const outcome = await transact(LEDGER, LEDGER_STREAMS.LogKeyChanged, asking, () =>
    changes.map((data) => ({ type: 'LogKeyChanged' as const, data })),
  );
  if (isRefusal(outcome)) throw new Error(outcome.because);
}

/** The log's policy: the given text, or every key that was announced, without witnesses. */
export async function policyOf(journal: Journal, given?: string): Promise<{ text: string; policy: Policy }> {
  const text =
    given ?? `${(await logKeys(journal)).map(({ vkey }) => `log ${vkey}\n`).join('')}quorum none\n`;
  return { text, policy: parsePolicy(text) };
}
