import type { AppraisalScored } from '@app/domain/civil-servant';
import { PREDIKAT, RATINGS } from '@app/domain/predikat';
import type { SiasnKind } from '@app/domain/siasn-submission';
import {
  type Cell,
  type Cells,
  Missing,
  NO_DOCUMENTS,
  needed,
  type PenilaiThen,
  type ToldFact,
} from './outbox-cells.ts';
import { codeFor, koefisienOf, type SiasnCodes } from './outbox-codes.ts';

type Scored = AppraisalScored['data'];

const UNKNOWN = new Missing('penilai tidak dikenal / the penilai is not known');
const NOBODY: Omit<PenilaiThen, 'asn'> = {
  nama: UNKNOWN,
  nipNrp: UNKNOWN,
  jabatan: UNKNOWN,
  golongan: UNKNOWN,
  unorNama: UNKNOWN,
};

/** skp22/save of a year, kinerjaperiodik/save of months. */
export const appraisalCells = (
  told: ToldFact,
  data: Scored,
  codes: SiasnCodes,
): [SiasnKind, Readonly<Record<string, Cell>>] =>
  data.period.kind === 'tahunan'
    ? ['skp22', skp22Cells(told, data)]
    : ['kinerjaperiodik', periodikCells(told, data, codes, data.period)];

/** The three numbers: ratings 1 (best) to 3, kuadran 1 to 5. */
const ratings = ({ hasil, perilaku, predikat }: Scored) => ({
  hasilKinerjaNilai: RATINGS.indexOf(hasil) + 1,
  perilakuKerjaNilai: RATINGS.indexOf(perilaku) + 1,
  kuadranKinerjaNilai: PREDIKAT.indexOf(predikat) + 1,
});

const rater = ({ penilai }: ToldFact, { asn }: Scored['penilai']) => {
  const { nama, nipNrp, golongan, unorNama } = penilai ?? NOBODY;
  return {
    statusPenilai: asn ? 'ASN' : 'NON ASN',
    penilaiNama: nama,
    penilaiNipNrp: nipNrp,
    penilaiGolongan: golongan,
    penilaiUnorNama: unorNama,
  };
};

function skp22Cells(told: ToldFact, data: Scored): Cells<'skp22'> {
  return {
    ...ratings(data),
    ...rater(told, data.penilai),
    penilaiJabatan: (told.penilai ?? NOBODY).jabatan,
    tahun: data.period.year,
    pnsDinilaiOrang: told.pnsId,
    id: told.id,
    path: NO_DOCUMENTS,
  };
}

function periodikCells(
  told: ToldFact,
  data: Scored,
  codes: SiasnCodes,
  { year, from, to }: { readonly year: number; readonly from: number; readonly to: number },
): Cells<'kinerjaperiodik'> {
  return {
    ...ratings(data),
    ...rater(told, data.penilai),
    penilaiJabatanNama: (told.penilai ?? NOBODY).jabatan,
    bulanMulaiPenilaian: String(from),
    bulanSelesaiPenilaian: String(to),
    tahunMulaiPenilaian: year,
    tahunSelesaiPenilaian: year,
    tahun: year,
    koefisienId: koefisien(told, codes),
    periodikId: periodik(to - from + 1),
    pnsDinilaiId: told.pnsId,
    id: told.id,
    path: NO_DOCUMENTS,
  };
}

/** SIASN knows months and quarters. */
function periodik(months: number): Cell {
  if (months === 1) return '1';
  return months === 3 ? '2' : new Missing(`SIASN mengenal bulanan dan triwulan, bukan ${months} bulan`);
}

/** Of a jabatan fungsional by its jenjang; of others as the codes file says, by the kind of jabatan. */
function koefisien({ jabatan }: ToldFact, codes: SiasnCodes): Cell {
  if (!jabatan) return new Missing('jabatan pada akhir periode tidak ada dalam catatan / no jabatan then');
  const byJenjang = jabatan.jenis === 'fungsional' ? koefisienOf(jabatan.jabatan) : undefined;
  return needed(
    codeFor(codes, 'koefisienId', jabatan.jabatan) ??
      byJenjang ??
      codeFor(codes, 'koefisienId', jabatan.jenis),
    `koefisienId ${jabatan.jenis}`,
  );
}
