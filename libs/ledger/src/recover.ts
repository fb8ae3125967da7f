import { existsSync, renameSync } from 'node:fs';
import { isRefusal } from '@app/domain/event';
import { LEDGER, LEDGER_STREAMS } from '@app/domain/ledger';
import type { Asking } from '@app/event-store';
import { formatCheckpoint, type Verifier } from '@app/proof';
import { announceKeys } from './keys.ts';
import type { LedgerPlaces, Sealable } from './open.ts';
import { LogSigner, makeKeyFile, SignerRefuses } from './signer.ts';

/**
 * Lets a log that cannot go on (entries that were signed are lost) begin anew under another name: a log that went back
 * must not sign under its old one, and its witnesses would not follow. Recorded first, with the last checkpoint that was
 * signed under the old name; then the old key and what it signed last are put aside. Gives the new key's verifier.
 */
export async function recoverLog(
  record: Sealable,
  { key, signedFile }: Pick<LedgerPlaces, 'key' | 'signedFile'>,
  { name, because }: { readonly name: string; readonly because: string },
  asking: Asking,
): Promise<Verifier> {
  if (!('file' in key))
    throw new SignerRefuses(
      'the key is in LEDGER_KEY; put it into a file, named by LEDGER_KEY_FILE, to recover',
    );
  const old = LogSigner.open(key, signedFile);
  const last = old.lastSigned();
  if (!last) throw new SignerRefuses('nothing was signed yet; there is nothing to recover from');
  if (old.origin === name) throw new SignerRefuses(`the log was ${name} before; give it another name`);
  const data = { origin: name, from: formatCheckpoint(last), because };
  const outcome = await record.transact(LEDGER, LEDGER_STREAMS.LogRecovered, asking, () => [
    { type: 'LogRecovered', data },
  ]);
  if (isRefusal(outcome)) throw new Error(outcome.because);
  const aside = `retired-${(old.verifiers[0] as Verifier).id}`;
  renameSync(key.file, `${key.file}.${aside}`);
  if (existsSync(signedFile)) renameSync(signedFile, `${signedFile}.${aside}`);
  const verifier = makeKeyFile(name, key.file);
  await record.journal.fill();
  await announceKeys(LogSigner.open(key, signedFile), record, asking);
  return verifier;
}
