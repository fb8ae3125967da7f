import type { RuleSet } from './rule-set.ts';

/** A rating of hasil kerja or perilaku kerja, best first (PermenPANRB 6/2022; SIASN codes 1, 2, 3). */
export const RATINGS = ['di-atas-ekspektasi', 'sesuai-ekspektasi', 'di-bawah-ekspektasi'] as const;
export type Rating = (typeof RATINGS)[number];

/** Predikat kinerja pegawai, best first (SIASN `kuadranNilai` codes 1 to 5). */
export const PREDIKAT = ['sangat-baik', 'baik', 'butuh-perbaikan', 'kurang', 'sangat-kurang'] as const;
export type Predikat = (typeof PREDIKAT)[number];

/** Rows: hasil kerja. Columns: perilaku kerja. */
const KUADRAN: Record<Rating, Record<Rating, Predikat>> = {
  'di-atas-ekspektasi': {
    'di-atas-ekspektasi': 'sangat-baik',
    'sesuai-ekspektasi': 'baik',
    'di-bawah-ekspektasi': 'kurang',
  },
  'sesuai-ekspektasi': {
    'di-atas-ekspektasi': 'baik',
    'sesuai-ekspektasi': 'baik',
    'di-bawah-ekspektasi': 'kurang',
  },
  'di-bawah-ekspektasi': {
    'di-atas-ekspektasi': 'butuh-perbaikan',
    'sesuai-ekspektasi': 'butuh-perbaikan',
    'di-bawah-ekspektasi': 'sangat-kurang',
  },
};

/** The 3×3 kuadran: PermenPANRB 6/2022, lampiran p. 99. Its worked case 3 (pp. 202–208) differs; the matrix rules. */
export const PREDIKAT_RULES: RuleSet = {
  id: 'predikat-kuadran',
  version: 1,
  basis: 'PermenPANRB 6/2022, lampiran p. 99',
  from: '2022-01-01',
  verified: true,
  terms: KUADRAN,
};

/** The predikat that two ratings make. */
export const predikatOf = (hasil: Rating, perilaku: Rating): Predikat => KUADRAN[hasil][perilaku];
