import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UNIT, unitStream } from '@app/domain/unit';
import { uuidv7 } from '@app/event-store';
import { EvidenceStore, openSealing, sealedNow, verifyLog } from '@app/ledger';
import { trust } from '@app/proof';
import { expect, it } from '@jest/globals';
import { describeDialects } from '../../../test/engines/databases.ts';
import { OpenRecord } from './index.ts';

const ORIGIN = 'sibolga.example/log';
const MANY = 700;

const asking = () => {
  const commandId = uuidv7();
  return { actor: 'a', role: 'operator', commandId, correlationId: commandId, askedAt: Date.now() };
};

describeDialects('a record that was rebuilt from its log alone', (aPlace) => {
  it('has the root that was signed last, at the same size', async () => {
    const place = await aPlace();
    const directory = mkdtempSync(join(tmpdir(), 'jejak-root-'));
    const isFile = !place.where.startsWith('postgres');
    const log = isFile ? join(directory, 'events.db') : place.where;
    const record = await OpenRecord.open({ log, database: place.where }, () => '2026-01-15');
    const places = {
      key: { file: join(directory, 'log.key') },
      signedFile: join(directory, 'signed'),
      origin: ORIGIN,
    };
    const sealing = await openSealing(record, places, asking());
    for (let n = 0; n < MANY; n += 70)
      await record.transact(UNIT, unitStream(`u${n}`), asking(), () =>
        Array.from({ length: 70 }, (_, k) => ({
          type: 'UnitRecorded' as const,
          data: { name: `Unit ${n + k}` },
        })),
      );
    await record.catchUp();
    const { note } = await sealedNow(sealing);
    const signed = trust(note, sealing.policy);
    if ('distrusted' in signed) throw new Error(signed.because);
    expect(signed.size).toBeGreaterThan(BigInt(MANY));

    for (const table of ['journal', 'tile', 'tree'])
      await record.database.write((sql) => sql(`DELETE FROM ${table}`));
    await record.close();
    const rebuilt = await OpenRecord.open({ log, database: place.where }, () => '2026-01-15');
    await rebuilt.journal.fill();
    expect(await rebuilt.tree.extend()).toBe(signed.size);
    expect(await rebuilt.tree.root(signed.size)).toEqual(signed.root);
    const documents = new EvidenceStore(join(directory, 'evidence'));
    const verdict = await verifyLog({ ...rebuilt, documents, policy: sealing.policy, origin: ORIGIN });
    expect(verdict).toMatchObject({ size: Number(signed.size), checkpoints: 1, faults: [] });
    await rebuilt.close();
    await place.remove();
    rmSync(directory, { recursive: true });
  });
});
