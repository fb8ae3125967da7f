import { existsSync, readFileSync } from 'node:fs';
import type { Asking, Transact } from '@app/event-store';
import type { Database, Journal } from '@app/journal';
import type { Checkpoints } from './checkpoints.ts';
import { Cosigners } from './cosign.ts';
import { announceKeys, policyOf } from './keys.ts';
import type { Sealing } from './seal.ts';
import { type KeyPlace, LogSigner, makeKeyFile } from './signer.ts';
import type { Tree } from './tree.ts';

/** Where the keys of the log, what it signed last and its policy are. `origin`: makes a key of this name where none is. */
export type LedgerPlaces = {
  readonly key: KeyPlace;
  readonly signedFile: string;
  readonly origin?: string;
  readonly policyFile?: string;
};

/** The parts of the record that are sealed. */
export type Sealable = {
  readonly database: Database;
  readonly journal: Journal;
  readonly transact: Transact;
  readonly tree: Tree;
  readonly checkpoints: Checkpoints;
};

/**
 * Opens the log's keys, makes them where that is allowed, announces them on the record, and gives what sealing needs.
 * Throws `SignerRefuses` or `Malformed` where the keys or the policy cannot be used.
 */
export async function openSealing(record: Sealable, places: LedgerPlaces, asking: Asking): Promise<Sealing> {
  if ('file' in places.key && places.origin !== undefined && !existsSync(places.key.file))
    makeKeyFile(places.origin, places.key.file);
  const signer = LogSigner.open(places.key, places.signedFile);
  await announceKeys(signer, record, asking);
  await record.journal.fill();
  const { policy } = await policyOf(record.journal, policyText(places));
  const { database, tree, checkpoints } = record;
  const sealing = { database, tree, checkpoints, signer, policy };
  if (policy.witnesses.size === 0) return sealing;
  const cosigners = new Cosigners(policy);
  return { ...sealing, collect: (note, prove, signal) => cosigners.collect(note, prove, signal) };
}

/** The text of the policy file of the settings; undefined: there is none. */
export const policyText = ({ policyFile }: Pick<LedgerPlaces, 'policyFile'>): string | undefined =>
  policyFile === undefined ? undefined : readFileSync(policyFile, 'utf8');
