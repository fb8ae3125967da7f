/** Kinds of penghargaan, by SIASN `penghargaan` code (UU 20/2009, PP 35/2010 for Satyalancana Karya Satya). */
export const PENGHARGAAN = {
  '201': 'satyalancana-karya-satya-10',
  '202': 'satyalancana-karya-satya-20',
  '203': 'satyalancana-karya-satya-30',
  '204': 'wira-karya',
  '304': 'teladan-nasional',
  '305': 'teladan-provinsi',
  '306': 'teladan-kabupaten-kota',
  '307': 'pns-luar-biasa-prestasinya',
  '308': 'penemuan-bermanfaat-bagi-negara',
  '400': 'lainnya',
} as const;
export type Penghargaan = (typeof PENGHARGAAN)[keyof typeof PENGHARGAAN];
export const JENIS_PENGHARGAAN = Object.values(PENGHARGAAN) as readonly Penghargaan[];

/** A Satyalancana of one class is given once in a career (PP 35/2010). */
export const onceInACareer = (jenis: Penghargaan): boolean => jenis.startsWith('satyalancana-');
