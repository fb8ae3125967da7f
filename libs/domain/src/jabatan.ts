/** Kinds of jabatan, by SIASN `jenisJabatan` code (UU 20/2023 speaks of manajerial and nonmanajerial). */
export const JENIS_JABATAN = {
  '1': 'struktural',
  '2': 'fungsional',
  '3': 'rangkap',
  '4': 'pelaksana',
} as const;
export type JenisJabatan = (typeof JENIS_JABATAN)[keyof typeof JENIS_JABATAN];
export const KINDS_OF_JABATAN = Object.values(JENIS_JABATAN) as readonly JenisJabatan[];

/** How a jabatan is held, by SIASN `jenisPenugasan` code. Only `definitif` replaces the jabatan held before. */
export const PENUGASAN = {
  D: 'definitif',
  TT: 'tugas-tambahan',
  PLT: 'pelaksana-tugas',
  PLH: 'pelaksana-harian',
  PJ: 'penjabat',
} as const;
export type Penugasan = (typeof PENUGASAN)[keyof typeof PENUGASAN];
export const KINDS_OF_PENUGASAN = Object.values(PENUGASAN) as readonly Penugasan[];

/** Eselon by SIASN code; `99` is none. */
export const ESELON: Readonly<Record<string, string>> = {
  '11': 'I.a',
  '12': 'I.b',
  '21': 'II.a',
  '22': 'II.b',
  '31': 'III.a',
  '32': 'III.b',
  '41': 'IV.a',
  '42': 'IV.b',
  '51': 'V.a',
  '52': 'V.b',
};
