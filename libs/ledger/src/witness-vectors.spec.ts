import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseVkey, signerOf, WITNESS_KEY } from '@app/proof';
import { describe, expect, it } from '@jest/globals';
import { aFile } from '../../../test/engines/databases.ts';
import { Witness } from './witness.ts';
import { openWitnessState } from './witness-state.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');

const VECTORS = join(import.meta.dirname, '../../../../shared/vectors/witness-protocol.json');
const there = existsSync(VECTORS);
if (!there)
  console.warn(`SKIPPED: ${VECTORS} is not there; the witness is not compared with the published one`);

(there ? describe : describe.skip)('a conversation with a published witness', () => {
  type Step = {
    readonly body: string;
    readonly status: number;
    readonly response_body?: string;
    readonly content_type?: string;
  };
  it('is answered here the same, step by step', async () => {
    const {
      log_vkey,
      witness: key,
      steps,
    } = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
      log_vkey: string;
      witness: { name: string; seed_hex: string; pub_hex: string };
      steps: Step[];
    };
    const published = signerOf(key.name, WITNESS_KEY, Buffer.from(key.seed_hex, 'hex'), () => NOW);
    expect(published.verifier.publicKey.toString('hex')).toBe(key.pub_hex);
    const place = await aFile();
    const database = await openWitnessState(place.where);
    const witness = new Witness({ database, signer: published, logs: [parseVkey(log_vkey)] });
    try {
      for (const [n, step] of steps.entries()) {
        const { status, headers, body: said } = await witness.addCheckpoint(Buffer.from(step.body));
        expect([n, status]).toEqual([n, step.status]);
        if (step.response_body !== undefined) expect(said).toBe(step.response_body);
        if (step.content_type !== undefined) expect(headers?.['Content-Type']).toBe(step.content_type);
      }
    } finally {
      await database.close();
      await place.remove();
    }
  });
});
