import type { Appointed } from '@app/domain/civil-servant';
import {
  type Cell,
  type Cells,
  Missing,
  NO_DOCUMENTS,
  needed,
  type ToldFact,
  toFill,
  wireDay,
} from './outbox-cells.ts';
import { codeFor, type SiasnCodes } from './outbox-codes.ts';

/** jabatan/unorjabatan/save: a jabatan and the unit it is held in, a mutasi jabatan (MJ). */
export function jabatanCells(
  told: ToldFact,
  data: Appointed['data'],
  codes: SiasnCodes,
): Cells<'unorjabatan'> {
  const { jabatan, jenis, penugasan, tmt, sk } = data;
  const coded = (field: string, word: string) => needed(codeFor(codes, field, word), `${field} ${word}`);
  return {
    jenisJabatan: coded('jenisJabatan', jenis),
    jenisPenugasanId: coded('jenisPenugasanId', penugasan),
    jenisMutasiId: codeFor(codes, 'jenisMutasiId', penugasan) ?? 'MJ',
    eselonId: eselonCode(data, codes),
    jabatanFungsionalId: jenis === 'fungsional' ? coded('jabatanFungsionalId', jabatan) : null,
    jabatanFungsionalUmumId: jenis === 'pelaksana' ? coded('jabatanFungsionalUmumId', jabatan) : null,
    subJabatanId: codeFor(codes, 'subJabatanId', jabatan) ?? null,
    instansiId: needed(codes.instansiId, 'instansi (SIASN_INSTANSI_ID)'),
    satuanKerjaId: needed(codes.satuanKerjaId, 'satuan kerja (SIASN_SATUAN_KERJA_ID)'),
    unorId: unit(told, data),
    nomorSk: sk?.number ?? toFill('nomor SK'),
    tanggalSk: sk ? wireDay(sk.date) : toFill('tanggal SK'),
    tmtJabatan: wireDay(tmt),
    tmtMutasi: wireDay(tmt),
    tmtPelantikan: jenis === 'pelaksana' ? null : toFill('TMT pelantikan'),
    pnsId: told.pnsId,
    id: told.id,
    path: NO_DOCUMENTS,
  };
}

/** The unit of the placement on that day; of a jabatan that is not held definitively the record does not tell it. */
function unit({ placement }: ToldFact, { penugasan }: Appointed['data']): Cell {
  if (penugasan !== 'definitif') return toFill(`unit dari ${penugasan}`);
  return (
    placement?.unit ?? new Missing('penempatan pada hari itu tidak ada dalam catatan / no placement then')
  );
}

/** 99 is none; a jabatan struktural has one. */
function eselonCode({ jenis, eselon }: Appointed['data'], codes: SiasnCodes): Cell {
  if (eselon === undefined) return jenis === 'struktural' ? toFill('eselon') : '99';
  return needed(codeFor(codes, 'eselonId', eselon), `eselonId ${eselon}`);
}
