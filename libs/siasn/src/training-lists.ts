import { award } from '@app/domain/award';
import type { Awarded } from '@app/domain/civil-servant';
import { type CompleteTraining, completeTraining } from '@app/domain/complete-training';
import { PENGHARGAAN } from '@app/domain/penghargaan';
import { TRAINING_FORMS } from '@app/domain/training';
import type { Reader } from './reader.ts';

/** rw-kursus: a training that was completed, its JP as claimed. */
export const kursus: Reader = (row) => {
  const from = row.needDate('tanggalKursus', 'tanggalSelesaiKursus');
  const certificate = row.text('noSertipikat', 'nomorSertipikat');
  const data: CompleteTraining = {
    name: row.needText('namaKursus'),
    form: row.code('jenisDiklatId', TRAINING_FORMS, 'kursus') ?? 'kursus',
    organiser: row.text('institusiPenyelenggara'),
    ...(certificate ? { certificate } : {}),
    from,
    to: row.date('tanggalSelesaiKursus') ?? from,
    year: row.number('tahunKursus') ?? Number(from.slice(0, 4)),
    jpClaimed: row.needNumber('jumlahJam'),
  };
  return {
    date: data.to,
    said: { certificate: undefined, ...data },
    decide: (servant, context) => completeTraining(data, servant, context),
  };
};

/** rw-penghargaan: an award; what the code list does not know is `lainnya`, under its name. */
export const penghargaan: Reader = (row) => {
  const known: Readonly<Record<string, Awarded['data']['jenis']>> = PENGHARGAAN;
  const code = row.needText('hargaId');
  const jenis = Object.hasOwn(known, code) ? (known[code] ?? 'lainnya') : 'lainnya';
  const tmt = row.needDate('skDate', 'skTanggal');
  const name = jenis === 'lainnya' ? row.text('hargaNama') : '';
  const data: Awarded['data'] = {
    jenis,
    ...(name ? { name } : {}),
    tmt,
    sk: { number: row.needText('skNomor'), date: tmt },
  };
  return {
    date: tmt,
    said: { name: undefined, ...data },
    decide: (servant, context) => award(data, servant, context),
  };
};
