import type { LegalDate } from './calendar.ts';

export const TINGKAT = ['ringan', 'sedang', 'berat'] as const;
export type Tingkat = (typeof TINGKAT)[number];

/** How long a hukuman lasts: no time of its own, a number of months, or for good. */
type Lasts = 'at-once' | 'for-good' | number;

type Kind = {
  readonly siasn: string;
  readonly tingkat: Tingkat;
  readonly lasts: Lasts;
  readonly from?: LegalDate;
  readonly until?: LegalDate;
  readonly demotes?: true;
};

/** PP 94/2021 came into force on this day and replaced PP 53/2010. */
export const PP_94_IN_FORCE: LegalDate = '2021-08-31';
const PP_94 = { from: PP_94_IN_FORCE } as const;
const PP_53 = { until: PP_94_IN_FORCE } as const;

/** Kinds of hukuman disiplin: PP 94/2021 Pasal 8; those with `until` are PP 53/2010's, for history only. */
export const HUKUMAN_DISIPLIN = {
  'teguran-lisan': { siasn: '1', tingkat: 'ringan', lasts: 'at-once' },
  'teguran-tertulis': { siasn: '2', tingkat: 'ringan', lasts: 'at-once' },
  'pernyataan-tidak-puas': { siasn: '3', tingkat: 'ringan', lasts: 'at-once' },
  'potong-tukin-6-bulan': { siasn: '23', tingkat: 'sedang', lasts: 6, ...PP_94 },
  'potong-tukin-9-bulan': { siasn: '24', tingkat: 'sedang', lasts: 9, ...PP_94 },
  'potong-tukin-12-bulan': { siasn: '25', tingkat: 'sedang', lasts: 12, ...PP_94 },
  'penurunan-jabatan-12-bulan': { siasn: '27', tingkat: 'berat', lasts: 12, ...PP_94 },
  'pembebasan-jabatan-12-bulan': { siasn: '28', tingkat: 'berat', lasts: 12, ...PP_94 },
  'pemberhentian-tidak-atas-permintaan': { siasn: '10', tingkat: 'berat', lasts: 'for-good' },
  'penundaan-kgb-1-tahun': { siasn: '4', tingkat: 'sedang', lasts: 12, ...PP_53 },
  'penundaan-kenaikan-pangkat-1-tahun': { siasn: '7', tingkat: 'sedang', lasts: 12, ...PP_53 },
  'penurunan-pangkat-1-tahun': { siasn: '8', tingkat: 'sedang', lasts: 12, demotes: true, ...PP_53 },
  'penurunan-pangkat-3-tahun': { siasn: '14', tingkat: 'berat', lasts: 36, demotes: true, ...PP_53 },
  'penurunan-jabatan': { siasn: '13', tingkat: 'berat', lasts: 'at-once', ...PP_53 },
  'pembebasan-jabatan': { siasn: '9', tingkat: 'berat', lasts: 'at-once', ...PP_53 },
  'pemberhentian-tidak-dengan-hormat': { siasn: '11', tingkat: 'berat', lasts: 'for-good', ...PP_53 },
} as const satisfies Record<string, Kind>;

export type HukumanDisiplin = keyof typeof HUKUMAN_DISIPLIN;
export const JENIS_HUKUMAN = Object.keys(HUKUMAN_DISIPLIN) as readonly HukumanDisiplin[];
export const hukuman = (jenis: HukumanDisiplin): Kind => HUKUMAN_DISIPLIN[jenis];
