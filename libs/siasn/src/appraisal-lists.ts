import { type Appraise, appraise } from '@app/domain/appraise';
import { daysOf, placementOn } from '@app/domain/career';
import type { CivilServant, Penilai, Period } from '@app/domain/civil-servant';
import { PREDIKAT, type Predikat, predikatOf, RATINGS, type Rating } from '@app/domain/predikat';
import { unitIn } from './career-lists.ts';
import type { Reader, Reading, Resolve } from './reader.ts';
import type { Row } from './row.ts';
import type { Said, Seen } from './statement.ts';

/** SIASN's labels by what they begin with, misspelt as they are (`DIATAS ESPEKTASI`); letters only. */
const RATING_LABELS: readonly [RegExp, number][] = [
  [/^DIATAS/, 1],
  [/^SESUAI/, 2],
  [/^DIBAWAH/, 3],
];
const PREDIKAT_LABELS: readonly [RegExp, number][] = [
  [/^SANGATBAIK/, 1],
  [/^BAIK/, 2],
  [/^(BUTUHPERBAIKAN|CUKUP)/, 3],
  [/^(KURANG|MISCONDUCT)/, 4],
  [/^SANGATKURANG/, 5],
];

/** rw-skp22: the yearly predikat. */
export const skp22: Reader = async (row, resolve) => {
  const period: Period = { kind: 'tahunan', year: row.needNumber('tahun') };
  const unit = resolve.unitIdOf(row.text('penilaiUnorNm', 'penilaiUnorNama'));
  return appraisal(row, period, unit, resolve);
};

/** rw-kinerjaperiodik: the predikat of a month or a quarter. */
export const kinerjaPeriodik: Reader = (row, resolve) => {
  const year = row.needNumber(row.text('tahunMulaiPenilaian') ? 'tahunMulaiPenilaian' : 'tahun');
  const ends = row.number('tahunSelesaiPenilaian') ?? year;
  if (ends !== year && !row.fault) row.blame('no-such-period', 'it spans two years', 'tahunSelesaiPenilaian');
  const from = row.needNumber('bulanMulaiPenilaian');
  const to = row.needNumber('bulanSelesaiPenilaian');
  for (const [month, name] of [
    [from, 'bulanMulaiPenilaian'],
    [to, 'bulanSelesaiPenilaian'],
  ] as const)
    if (!(month >= 1 && month <= 12)) row.blame('no-such-period', `${name} is no month`, name);
  return appraisal(row, { kind: 'periodik', year, from, to }, unitIn(row, 'unorId'), resolve);
};

async function appraisal(
  row: Row,
  period: Period,
  unit: string | undefined,
  resolve: Resolve,
): Promise<Reading> {
  const hasil = ratingIn(row, 'hasilKinerja');
  const perilaku = ratingIn(row, 'perilakuKerja');
  const kuadran = kuadranIn(row);
  const penilai = await penilaiIn(row, resolve);
  const asked: Appraise = { period, hasil, perilaku, penilai, ...(unit ? { unit } : {}) };
  const predikat = predikatOf(hasil, perilaku);
  return {
    date: daysOf(row.fault ? { kind: 'tahunan', year: 2000 } : period).to,
    said: { ...asked, predikat, kuadran: kuadran ?? predikat },
    before,
    decide: (servant, context) => appraise(asked, servant, context, kuadran),
  };
}

/** SIASN's own kuadran is not in the event: it is the predikat, or what a finding says about it. */
function before({ findings, facts }: CivilServant, { event, said }: Seen): Said {
  const anomaly = findings.find(({ data }) => data.kind === 'matrix-anomaly' && data.about === event);
  const year = facts.find((fact) => fact.event === event);
  const unit =
    year?.type === 'AppraisalScored'
      ? placementOn({ facts }, daysOf(year.data.period).to)?.data.unit
      : undefined;
  return { kuadran: anomaly?.data.before?.predikat ?? said.predikat, unit, ...said };
}

function ratingIn(row: Row, name: 'hasilKinerja' | 'perilakuKerja'): Rating {
  const code = row.needNumber(`${name}Nilai`);
  const rating = RATINGS[code - 1];
  if (!rating) row.blame('unknown-code', `no rating has this code`, `${name}Nilai`, 'PermenPANRB 6/2022');
  checkLabel(row, name, code, RATING_LABELS);
  return rating ?? 'sesuai-ekspektasi';
}

function kuadranIn(row: Row): Predikat | undefined {
  const code = row.number('kuadranKinerjaNilai');
  if (code === undefined) return undefined;
  const predikat = PREDIKAT[code - 1];
  if (!predikat) row.blame('unknown-code', 'no kuadran has this code', 'kuadranKinerjaNilai');
  for (const name of ['kuadranKinerja', 'kuadranNilai']) checkLabel(row, name, code, PREDIKAT_LABELS);
  return predikat;
}

function checkLabel(row: Row, name: string, code: number, labels: readonly [RegExp, number][]): void {
  const label = row
    .text(name)
    .toUpperCase()
    .replace(/[^A-Z]/g, '');
  if (label && labels.find(([shape]) => shape.test(label))?.[1] !== code)
    row.blame('label-disagrees', `${name} says another rating than its code`, name, 'PermenPANRB 6/2022');
}

/** Who rated: a person of the record, an ASN of elsewhere, or somebody who is no ASN (a wali kota). */
async function penilaiIn(row: Row, resolve: Resolve): Promise<Penilai> {
  const title = row.text('penilaiJabatanNm', 'penilaiJabatanNama', 'penilaiJabatan');
  const jabatan = title ? { jabatan: title } : {};
  if (row.text('statusPenilai').toUpperCase().startsWith('NON')) return { asn: false, ...jabatan };
  const nip = row.text('nipNrpPenilai', 'penilaiNipNrp');
  const subject = await resolve.subjectOf(nip, row.text('penilaiPnsId'));
  return subject ? { subject, asn: true } : { asn: true, ...jabatan };
}
