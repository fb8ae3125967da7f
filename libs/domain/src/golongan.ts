/** Golongan/ruang of a PNS, lowest first, with the pangkat each carries (PP 99/2000, SIASN `golonganPns`). */
export const PANGKAT = {
  'I/a': 'Juru Muda',
  'I/b': 'Juru Muda Tingkat I',
  'I/c': 'Juru',
  'I/d': 'Juru Tingkat I',
  'II/a': 'Pengatur Muda',
  'II/b': 'Pengatur Muda Tingkat I',
  'II/c': 'Pengatur',
  'II/d': 'Pengatur Tingkat I',
  'III/a': 'Penata Muda',
  'III/b': 'Penata Muda Tingkat I',
  'III/c': 'Penata',
  'III/d': 'Penata Tingkat I',
  'IV/a': 'Pembina',
  'IV/b': 'Pembina Tingkat I',
  'IV/c': 'Pembina Utama Muda',
  'IV/d': 'Pembina Utama Madya',
  'IV/e': 'Pembina Utama',
} as const;

export type GolonganPns = keyof typeof PANGKAT;
export const GOLONGAN_PNS = Object.keys(PANGKAT) as readonly GolonganPns[];

/** Golongan of a PPPK, I to XVII, without a pangkat (Perpres 98/2020 jo. 11/2024). */
export const GOLONGAN_PPPK = [
  'I',
  'II',
  'III',
  'IV',
  'V',
  'VI',
  'VII',
  'VIII',
  'IX',
  'X',
  'XI',
  'XII',
  'XIII',
  'XIV',
  'XV',
  'XVI',
  'XVII',
] as const;
export type GolonganPppk = (typeof GOLONGAN_PPPK)[number];

export type Golongan = GolonganPns | GolonganPppk;
export const GOLONGAN: readonly Golongan[] = [...GOLONGAN_PNS, ...GOLONGAN_PPPK];

export const isGolongan = (text: string): text is Golongan => (GOLONGAN as readonly string[]).includes(text);
export const isPns = (golongan: Golongan): golongan is GolonganPns => golongan in PANGKAT;
/** The pangkat of a PNS golongan; undefined for PPPK. */
export const pangkatOf = (golongan: Golongan): string | undefined =>
  isPns(golongan) ? PANGKAT[golongan] : undefined;
/** Steps from one golongan to another of the same kind; negative is down. */
export const stepsBetween = (from: Golongan, to: Golongan): number =>
  GOLONGAN.indexOf(to) - GOLONGAN.indexOf(from);

/** Kinds of kenaikan pangkat, by SIASN `kenaikanPangkat` code (domain rule: PP 99/2000 jo. PP 12/2002, PP 11/2017). */
export const KENAIKAN_PANGKAT = {
  '101': 'reguler',
  '201': 'pilihan-struktural',
  '202': 'pilihan-fungsional',
  '203': 'penyesuaian-ijazah',
  '204': 'sedang-tugas-belajar',
  '205': 'setelah-tugas-belajar',
  '206': 'diperbantukan',
  '207': 'penemuan-baru',
  '208': 'prestasi-luar-biasa',
  '209': 'pejabat-negara',
  '210': 'selama-dpk-dpb',
  '211': 'pengadaan',
} as const;
export type KenaikanPangkat = (typeof KENAIKAN_PANGKAT)[keyof typeof KENAIKAN_PANGKAT] | 'tidak-diketahui';
export const JENIS_KENAIKAN_PANGKAT: readonly KenaikanPangkat[] = [
  ...Object.values(KENAIKAN_PANGKAT),
  'tidak-diketahui',
];
