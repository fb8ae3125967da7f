import { readFile } from 'node:fs/promises';
import { GOLONGAN_PNS, type Golongan, isPns } from '@app/domain/golongan';
import { ESELON, JENIS_JABATAN, PENUGASAN } from '@app/domain/jabatan';
import { PENGHARGAAN } from '@app/domain/penghargaan';
import { TRAINING_FORMS, type TrainingForm } from '@app/domain/training';

/** A penilai who is not on the record, as SIASN wants to be told of them. */
export type OutsidePenilai = {
  readonly nama: string;
  readonly nipNrp?: string;
  readonly golongan?: string;
  readonly unorNama?: string;
};

/** What is not on the record, and what no list here knows: from the file that `SIASN_CODES_FILE` names. */
export type SiasnCodes = {
  readonly instansiId?: string;
  readonly satuanKerjaId?: string;
  /** SIASN's code by field, then by our word for it. */
  readonly codes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Penilai outside the record by their jabatan. */
  readonly penilai: Readonly<Record<string, OutsidePenilai>>;
  /** Fields of single events, by event id: what only the official knows. */
  readonly events: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
};

export const NO_CODES: SiasnCodes = { codes: {}, penilai: {}, events: {} };

/** Reads the codes file, or gives none where no file is named. Throws an error that says what is wrong where. */
export async function readSiasnCodes(
  file: string | undefined,
  ids: Pick<SiasnCodes, 'instansiId' | 'satuanKerjaId'> = {},
): Promise<SiasnCodes> {
  if (file === undefined) return { ...NO_CODES, ...ids };
  const wrong = (what: string) => new Error(`SIASN_CODES_FILE ${file}: ${what}; see docs/siasn-outbox.md`);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw wrong(`cannot be read (${cause.code})`);
  });
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw wrong('is not JSON');
  }
  if (!isObject(read)) throw wrong('is not a JSON object');
  const part = (name: 'codes' | 'penilai' | 'events', holds: (value: unknown) => boolean) => {
    const given = read[name] ?? {};
    const isSo = isObject(given) && Object.values(given).every((one) => isObject(one) && every(one, holds));
    if (!isSo) throw wrong(`"${name}" is not an object of objects of texts`);
    return given as never;
  };
  const others = Object.keys(read).filter((name) => !['codes', 'penilai', 'events'].includes(name));
  if (others.length > 0) throw wrong(`does not know ${others.join(', ')}; it has codes, penilai, events`);
  const isText = (value: unknown) => typeof value === 'string' && value !== '';
  const isValue = (value: unknown) => isText(value) || Number.isSafeInteger(value);
  return {
    ...ids,
    codes: part('codes', isText),
    penilai: part('penilai', isText),
    events: part('events', isValue),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const every = (object: object, holds: (value: unknown) => boolean): boolean =>
  Object.values(object).every(holds);

const inverse = (table: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(table).map(([code, word]) => [word, code]));

/** SIASN's codes of the lists that the domain knows, by our words (domain 3.1, 3.3, 4.1, 5.1, 6). */
const KNOWN = {
  golongan: Object.fromEntries(
    GOLONGAN_PNS.map((golongan) => {
      const [roman = '', letter = ''] = golongan.split('/');
      return [golongan, `${['I', 'II', 'III', 'IV'].indexOf(roman) + 1}${'abcde'.indexOf(letter) + 1}`];
    }),
  ),
  hargaId: inverse(PENGHARGAAN),
  jenisDiklatId: inverse(TRAINING_FORMS),
  jenisJabatan: inverse(JENIS_JABATAN),
  jenisPenugasanId: inverse(PENUGASAN),
  eselonId: inverse(ESELON),
} satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/** SIASN's code for a word: as the file says, else as the domain's lists do; undefined: nobody here knows. */
export function codeFor({ codes }: SiasnCodes, field: string, word: string): string | undefined {
  const known: Readonly<Record<string, Readonly<Record<string, string>>>> = KNOWN;
  return own(codes[field], word) ?? own(known[field], word);
}

const own = (table: Readonly<Record<string, string>> | undefined, word: string): string | undefined =>
  table && Object.hasOwn(table, word) ? table[word] : undefined;

/** The code of a golongan: of a PNS 11 (I/a) to 45 (IV/e); of a PPPK as the file says. */
export const golonganCode = (codes: SiasnCodes, golongan: Golongan): string | undefined =>
  codeFor(codes, 'golongan', golongan) ?? (isPns(golongan) ? KNOWN.golongan[golongan] : undefined);

const WORKSHOPS: readonly TrainingForm[] = ['workshop', 'sosialisasi', 'seminar'];

/** T, F or P, by the form (domain 6: SIASN's list `jenisDiklat`). */
export function certificateKind(form: TrainingForm): 'T' | 'F' | 'P' {
  if (form === 'diklat-fungsional') return 'F';
  return WORKSHOPS.includes(form) ? 'P' : 'T';
}

/** Jenjang of a jabatan fungsional by how its name ends, with SIASN's koefisienId (domain 2.1). */
const JENJANG: readonly [RegExp, string][] = [
  [/\bAHLI PERTAMA$/, '12'],
  [/\bAHLI MUDA$/, '22'],
  [/\bAHLI MADYA$/, '32'],
  [/\bAHLI UTAMA$/, '42'],
  [/\bPEMULA$/, '52'],
  [/\bTERAMPIL$/, '62'],
  [/\bMAHIR$/, '72'],
  [/\bPENYELIA$/, '82'],
];

/** The koefisienId of a jabatan fungsional; undefined where its name does not end in a jenjang. */
export const koefisienOf = (jabatan: string): string | undefined =>
  JENJANG.find(([ending]) => ending.test(jabatan.trim().toUpperCase()))?.[1];
