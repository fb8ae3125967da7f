import { existsSync } from 'node:fs';
import type { Settings } from '@app/config';
import { openSealing, policyOf, policyText, type SignedCheckpoint, sealedBy, sealedNow } from '@app/ledger';
import type { Policy } from '@app/proof';
import type { OpenRecord } from '@app/record';
import { askingHere } from './operator.ts';

/** How a checkpoint is had here: signed at once where the log's key is, else by the sealer that has it. */
export type Sealed = {
  readonly covered: (size: number) => Promise<SignedCheckpoint>;
  readonly policy: { readonly text: string; readonly policy: Policy };
};

export async function sealedHere(record: OpenRecord, { ledger }: Settings): Promise<Sealed> {
  const hasKey = 'text' in ledger.key || ledger.origin !== undefined || existsSync(ledger.key.file);
  const sealing = hasKey ? await openSealing(record, ledger, await askingHere(record)) : undefined;
  const policy = await policyOf(record.journal, policyText(ledger));
  return {
    policy,
    covered: (size) => (sealing ? sealedNow(sealing) : sealedBy(record.checkpoints, size)),
  };
}
