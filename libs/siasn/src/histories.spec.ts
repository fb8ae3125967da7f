import { type CivilServant, evolve, factsOf, NOBODY } from '@app/domain/civil-servant';
import { isRefusal, type Recorded } from '@app/domain/event';
import { register } from '@app/domain/register';
import { describe, expect, it } from '@jest/globals';
import { type ListName, statementOf } from './lists.ts';
import { decideList } from './person-list.ts';
import { after } from './statement.ts';

const OWNER = 'a'.repeat(32);
const SUBJECT = '00000000-0000-4000-8000-000000000950';
const CONTEXT = {
  subject: SUBJECT,
  actor: 'a',
  today: '2026-03-01',
  born: '1990-01-02',
  id: (n: number) => `e${n}`,
};
const RESOLVE = { subjectOf: () => Promise.resolve(undefined), unitIdOf: () => undefined };

const registered = (): CivilServant => {
  const decided = register({ kind: 'pns', tmt: '2015-03-01' }, NOBODY, CONTEXT);
  return isRefusal(decided) ? NOBODY : after(NOBODY, decided, () => 'registered');
};

/** The record after a list said these rows, and what was refused of them. */
async function said(list: ListName, rows: object[], servant = registered(), pulled = '2026-01-31') {
  const statements = [];
  const refused: string[] = [];
  for (const [n, raw] of rows.entries()) {
    const statement = await statementOf(list, raw, String((raw as { id?: string }).id ?? n), OWNER, RESOLVE);
    if (isRefusal(statement)) refused.push(statement.refused);
    else statements.push(statement);
  }
  const present = new Set(rows.map((raw, n) => String((raw as { id?: string }).id ?? n)));
  const count = servant.facts.length + servant.findings.length;
  const id = (n: number) => `e${count + n}`;
  const came = decideList({ list, pulled, statements, present }, servant, { ...CONTEXT, id });
  refused.push(...came.refused.map(({ refusal }) => refusal.refused));
  return { servant: after(servant, came.drafts, id), drafts: came.drafts, refused };
}

const skp = {
  id: 's1',
  pnsDinilaiId: OWNER.toUpperCase(),
  tahun: '2024',
  hasilKinerja: 'SESUAI ESPEKTASI',
  hasilKinerjaNilai: '2.0',
  PERILAKUKERJANILAI: 2,
  KuadranKinerjaNilai: '2',
  statusPenilai: 'NON ASN',
  penilaiJabatanNm: 'WALI KOTA',
};
const hukdis = {
  id: 'h1',
  jenisHukuman: '23',
  jenisTingkatHukumanId: 'S',
  skNomor: '862/1',
  skTanggal: '01-02-2025',
  hukumanTanggal: '15-02-2025',
  akhirHukumTanggal: '15-08-2025',
};

describe('a row of a history', () => {
  it('is an appraisal in SIASN’s odd notation', async () => {
    const { servant, refused } = await said('rw-skp22', [skp]);
    expect(refused).toEqual([]);
    expect(factsOf(servant, 'AppraisalScored')).toMatchObject([
      { data: { predikat: 'baik', penilai: { asn: false, jabatan: 'WALI KOTA' } } },
    ]);
  });

  it('is refused where label and code differ, or where it is another person’s', async () => {
    const wrong = { ...skp, id: 's2', hasilKinerja: 'DIATAS ESPEKTASI' };
    const strange = { ...skp, id: 's3', pnsDinilaiId: 'b'.repeat(32) };
    expect((await said('rw-skp22', [wrong, strange])).refused).toEqual([
      'label-disagrees',
      'of-another-person',
    ]);
  });

  it('is found changed in notation only, or in what it means, once', async () => {
    const first = await said('rw-skp22', [skp]);
    const notation = await said('rw-skp22', [{ ...skp, hasilKinerjaNilai: 2 }], first.servant);
    expect(notation.drafts).toMatchObject([{ data: { fields: ['notation'] } }]);
    const kuadran = await said('rw-skp22', [{ ...skp, KuadranKinerjaNilai: 3 }], notation.servant);
    expect(kuadran.drafts).toMatchObject([
      { data: { fields: ['kuadran'], before: { kuadran: 'baik' }, after: { kuadran: 'butuh-perbaikan' } } },
    ]);
    expect((await said('rw-skp22', [{ ...skp, KuadranKinerjaNilai: 3 }], kuadran.servant)).drafts).toEqual(
      [],
    );
  });

  it('is not compared with what a later pull said', async () => {
    const first = await said('rw-skp22', [skp], undefined, '2026-01-31');
    const gone = await said('rw-skp22', [], first.servant, '2026-02-28');
    expect(gone.drafts).toMatchObject([{ data: { kind: 'source-row-vanished', about: 'e1' } }]);
    expect((await said('rw-skp22', [skp], gone.servant, '2026-01-31')).drafts).toEqual([]);
    expect((await said('rw-skp22', [skp], gone.servant, '2026-03-31')).drafts).toMatchObject([
      { data: { kind: 'source-row-returned' } },
    ]);
  });

  it('is a hukuman disiplin and its cancelling, together or one after the other', async () => {
    const cancelled = { ...hukdis, skPembatalanNomor: '863/1', skPembatalanTanggal: '01-05-2025' };
    const together = await said('rw-hukdis', [cancelled]);
    expect(together.drafts.map(({ type }) => type)).toEqual(['SanctionImposed', 'SanctionLifted']);
    expect(
      (await said('rw-hukdis', [{ ...cancelled, nomorPp: 'PP 94' }], together.servant)).drafts,
    ).toMatchObject([{ data: { fields: ['notation'] } }]);
    const imposed = await said('rw-hukdis', [hukdis]);
    const lifted = await said('rw-hukdis', [cancelled], imposed.servant);
    expect(lifted.drafts.map(({ type }) => type)).toContain('SanctionLifted');
    expect(lifted.refused).toEqual([]);
    expect((await said('rw-hukdis', [cancelled], lifted.servant)).drafts).toEqual([]);
  });

  it('is refused where the tingkat is not the kind’s, or the end not the lawful one', async () => {
    const wrong = { ...hukdis, id: 'h2', jenisTingkatHukumanId: 'B' };
    const long = { ...hukdis, id: 'h3', akhirHukumTanggal: '15-09-2025' };
    expect((await said('rw-hukdis', [wrong, long])).refused).toEqual(['codes-disagree', 'wrong-end']);
  });

  it('is a jabatan and a move; the same unit again is no move', async () => {
    const jabatan = {
      id: 'j1',
      jenisJabatan: '2',
      unorId: 'u1',
      namaJabatan: 'Auditor Ahli Pertama',
      tmtJabatan: '01-03-2020',
      nomorSk: '1',
      tanggalSk: '01-02-2020',
    };
    const next = { ...jabatan, id: 'j2', namaJabatan: 'Auditor Ahli Muda', tmtJabatan: '01-03-2024' };
    const { drafts, servant } = await said('rw-jabatan', [next, jabatan]);
    expect(drafts.map(({ type }) => type)).toEqual(['Appointed', 'Placed', 'Appointed']);
    const moved = await said('rw-jabatan', [jabatan, { ...next, unorId: 'u2' }], servant);
    expect(moved.drafts).toMatchObject([
      { data: { fields: ['unit'], before: { unit: 'u1' }, after: { unit: 'u2' } } },
    ]);
  });
});

/** `Recorded` is what `evolve` folds; the tests above fold drafts by `after`, which must do the same. */
it('folds drafts as the store’s events would be folded', async () => {
  const { drafts, servant } = await said('rw-skp22', [skp]);
  const stored = drafts.map(({ source, ...event }, n) => ({
    ...event,
    id: `e${n + 1}`,
    metadata: { source },
  }));
  expect(stored.reduce((s, e) => evolve(s, e as unknown as Recorded<never>), registered())).toEqual(servant);
});
