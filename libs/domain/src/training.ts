import type { RuleSet } from './rule-set.ts';

/** Duty of a PNS: at least 20 JP a year (PP 11/2017 Pasal 203(4)); 1 JP is 45 minutes. */
export const JP_DUTY = 20;

/** JP are recognised as claimed until the conversion table of Peraturan LAN 10/2018 has been verified. */
export const JP_RULES: RuleSet = {
  id: 'jp-pengembangan-kompetensi',
  version: 1,
  basis: 'PP 11/2017 Pasal 203(4); Peraturan LAN 10/2018',
  from: '2018-01-01',
  verified: false,
  terms: { jpDutyPerYear: JP_DUTY, recognised: 'as-claimed' },
};

/** Forms of competence development, by SIASN `jenisDiklat` code. */
export const TRAINING_FORMS = {
  '1': 'diklat-struktural',
  '2': 'diklat-fungsional',
  '3': 'diklat-teknis',
  '4': 'workshop',
  '5': 'pelatihan-manajerial',
  '6': 'pelatihan-sosial-kultural',
  '7': 'sosialisasi',
  '8': 'bimbingan-teknis',
  '9': 'seminar',
  '10': 'magang',
  '11': 'kursus',
  '12': 'penataran',
  '13': 'klasikal-lainnya',
  '14': 'coaching',
  '15': 'mentoring',
  '16': 'e-learning',
  '17': 'pelatihan-jarak-jauh',
  '18': 'detasering',
  '19': 'outbond',
  '20': 'benchmarking',
  '21': 'pertukaran',
  '22': 'belajar-mandiri',
  '23': 'komunitas-belajar',
  '24': 'bimbingan-di-tempat-kerja',
  '25': 'nonklasikal-lainnya',
} as const;
export type TrainingForm = (typeof TRAINING_FORMS)[keyof typeof TRAINING_FORMS];
export const JENIS_PELATIHAN = Object.values(TRAINING_FORMS) as readonly TrainingForm[];
