import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CIVIL_SERVANT, type CivilServant, type Context, streamOf } from '@app/domain/civil-servant';
import { promote } from '@app/domain/promote';
import { register } from '@app/domain/register';
import { uuidv7 } from '@app/event-store';
import { profileAt, profileRow } from '@app/projections';
import { describe, expect, it } from '@jest/globals';
import { OpenRecord } from './index.ts';

const subject = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
const asking = (commandId = uuidv7()) => ({
  actor: 'a',
  role: 'bkpsdm',
  commandId,
  correlationId: commandId,
  askedAt: Date.parse('2026-01-15T00:00:00Z'),
});
const context = (id: (n: number) => string): Context => ({
  subject,
  actor: 'a',
  today: '2026-01-15',
  id,
});

describe('the embedded record', () => {
  it('takes a command to a profile, and a second time writes nothing', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jejak-'));
    const record = await OpenRecord.open(dir, () => '2026-01-15');
    const ask = (
      decide: (s: CivilServant, c: Context) => ReturnType<typeof promote> | ReturnType<typeof register>,
    ) =>
      record.transact(
        CIVIL_SERVANT,
        streamOf(subject),
        asking(),
        (s, id) => decide(s, context(id)) as ReturnType<typeof promote>,
      );
    await ask((s, c) => register({ kind: 'pns', tmt: '2020-01-01' }, s, c));
    const promotion = { golongan: 'III/a', jenis: 'pengadaan', tmt: '2020-01-01' } as const;
    const first = await ask((s, c) => promote(promotion, s, c));
    const second = await ask((s, c) => promote(promotion, s, c));
    expect(first).toMatchObject({ revision: 1, events: [{ type: 'Promoted' }] });
    expect(second).toMatchObject({ revision: 1, events: [] });
    expect(await record.catchUp()).toBe(2);
    const row = await profileRow(record.database, subject);
    expect(profileAt(row, { effectiveOn: '2026-01-15', knownAt: 9 })).toMatchObject({
      promotion: { golongan: 'III/a', pangkat: 'Penata Muda' },
    });
    expect(profileAt(row, { effectiveOn: '2026-01-15', knownAt: 0 })?.promotion).toBeUndefined();
    await record.views.rebuild(['current-profile']);
    expect(await profileRow(record.database, subject)).toEqual(row);
    expect((await record.views.states()).filter(({ behind }) => behind > 0)).toEqual([]);
    await record.close();
    rmSync(dir, { recursive: true });
  });
});
