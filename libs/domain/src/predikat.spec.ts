import { describe, expect, it } from '@jest/globals';
import { appraise } from './appraise.ts';
import { ABOVE, AS, BELOW, context, given, registered } from './given.ts';
import { PREDIKAT, predikatOf } from './predikat.ts';

describe('the predikat follows from both ratings (PermenPANRB 6/2022, lampiran p. 99)', () => {
  it.each([
    [ABOVE, ABOVE, 'sangat-baik'],
    [ABOVE, AS, 'baik'],
    [ABOVE, BELOW, 'kurang'],
    [AS, ABOVE, 'baik'],
    [AS, AS, 'baik'],
    [AS, BELOW, 'kurang'],
    [BELOW, ABOVE, 'butuh-perbaikan'],
    [BELOW, AS, 'butuh-perbaikan'],
    [BELOW, BELOW, 'sangat-kurang'],
  ] as const)('hasil %s and perilaku %s make %s', (hasil, perilaku, predikat) => {
    expect(predikatOf(hasil, perilaku)).toBe(predikat);
    expect(PREDIKAT).toContain(predikat);
  });

  it('records the predikat of the matrix and a finding where the source states another', () => {
    const servant = given(registered);
    const asked = {
      period: { kind: 'tahunan', year: 2024 },
      hasil: ABOVE,
      perilaku: BELOW,
      penilai: { asn: false },
    } as const;
    expect(appraise(asked, servant, context(servant), 'butuh-perbaikan')).toMatchObject([
      {
        type: 'AppraisalScored',
        data: { predikat: 'kurang', ruleSet: { id: 'predikat-kuadran', version: 1 } },
      },
      {
        type: 'FindingRecorded',
        data: { kind: 'matrix-anomaly', before: { predikat: 'butuh-perbaikan' }, about: 'e1' },
      },
    ]);
    expect(appraise(asked, servant, context(servant), 'kurang')).toHaveLength(1);
  });
});
