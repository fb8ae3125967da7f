import type { Database } from '@app/journal';
import { LOG_KEY, type Signer, signerOf, WITNESS_KEY } from '@app/proof';
import { describe, expect, it } from '@jest/globals';
import { GivenLog, seed } from '../../../test/ledger/log.ts';
import { Witness } from './witness.ts';

const NAME = 'inspektorat.sibolga.go.id';
const log = new GivenLog();
const signer = signerOf(NAME, WITNESS_KEY, seed(2));

describe('the keys of a witness', () => {
  const logs = [log.signer.verifier];
  const of = (one: Signer, theirs = logs) =>
    new Witness({ database: undefined as unknown as Database, signer: one, logs: theirs });

  it('are never those of a log: what it signs could be shown as what the log said', () => {
    expect(() => of(signerOf(NAME, WITNESS_KEY, seed(1)))).toThrow(/also the key of the log/);
    expect(() => of(signerOf(log.origin, WITNESS_KEY, seed(1)))).toThrow(/also the key of the log/);
    expect(() => of(signer)).not.toThrow();
  });

  it('are of the type of a witness, and those of its logs of the type of a log', () => {
    expect(() => of(signerOf(NAME, LOG_KEY, seed(2)))).toThrow(/not the key of a witness/);
    expect(() => of(signer, [signerOf('w', WITNESS_KEY, seed(3)).verifier])).toThrow(/not the key of a log/);
    expect(() => of(signer, [])).toThrow(/name a log/);
  });
});
