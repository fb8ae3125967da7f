import type { Awarded, TrainingCompleted } from '@app/domain/civil-servant';
import { type Cells, Missing, NO_DOCUMENTS, needed, type ToldFact, toFill, wireDay } from './outbox-cells.ts';
import { certificateKind, codeFor, type SiasnCodes } from './outbox-codes.ts';

type Completed = TrainingCompleted['data'];

/** kursus/save: every training but a diklat struktural. The JP are those claimed: what the certificate says. */
export function kursusCells(
  { pnsId, id }: ToldFact,
  { name, form, organiser, certificate, from, to, year, jpClaimed }: Completed,
  codes: SiasnCodes,
): Cells<'kursus'> {
  return {
    jenisDiklatId: needed(codeFor(codes, 'jenisDiklatId', form), `jenisDiklatId ${form}`),
    jenisKursus: codeFor(codes, 'jenisKursus', form) ?? null,
    jenisKursusSertipikat: codeFor(codes, 'jenisKursusSertipikat', form) ?? certificateKind(form),
    namaKursus: name,
    jumlahJam: jpClaimed,
    institusiPenyelenggara: organiser,
    instansiId: needed(codes.instansiId, 'instansi (SIASN_INSTANSI_ID)'),
    lokasiId: codeFor(codes, 'lokasiId', organiser) ?? null,
    nomorSertipikat: certificate ?? toFill('nomor sertipikat'),
    tahunKursus: year,
    tanggalKursus: wireDay(from),
    tanggalSelesaiKursus: wireDay(to),
    pnsOrangId: pnsId,
    id,
    path: NO_DOCUMENTS,
  };
}

/** diklat/save: a diklat struktural; which one it was is not told by its name. */
export function diklatCells(
  { pnsId, id }: ToldFact,
  { name, form, organiser, certificate, from, to, year, jpClaimed }: Completed,
  codes: SiasnCodes,
): Cells<'diklat'> {
  return {
    latihanStrukturalId: needed(codeFor(codes, 'latihanStrukturalId', name), `latihanStrukturalId "${name}"`),
    bobot: null,
    jumlahJam: jpClaimed,
    jenisKompetensi: codeFor(codes, 'jenisKompetensi', form) ?? null,
    institusiPenyelenggara: organiser,
    nomor: certificate ?? toFill('nomor sertipikat'),
    tahun: year,
    tanggal: wireDay(from),
    tanggalSelesai: wireDay(to),
    pnsOrangId: pnsId,
    id,
    path: NO_DOCUMENTS,
  };
}

/** penghargaan/save. */
export function penghargaanCells(
  { pnsId, id }: ToldFact,
  { jenis, tmt, sk }: Awarded['data'],
  codes: SiasnCodes,
): Cells<'penghargaan'> {
  const code = codeFor(codes, 'hargaId', jenis);
  return {
    hargaId: code ?? new Missing(`tidak ada kode penghargaan untuk ${jenis} / no code`),
    skNomor: sk.number,
    skDate: wireDay(sk.date),
    tahun: Number(tmt.slice(0, 4)),
    pnsOrangId: pnsId,
    id,
    path: NO_DOCUMENTS,
  };
}
