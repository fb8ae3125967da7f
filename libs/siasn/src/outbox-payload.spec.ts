import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact, FactEvent } from '@app/domain/civil-servant';
import { describe, expect, it } from '@jest/globals';
import { Missing, type PenilaiThen, type ToldFact } from './outbox-cells.ts';
import { NO_CODES, readSiasnCodes, type SiasnCodes } from './outbox-codes.ts';
import { isLacking, payloadOf } from './outbox-payload.ts';
import { wordsWithout } from './outbox-words.ts';

/** As BKN's service has them (domain 10.5), in no order. */
const FIELDS: Readonly<Record<string, string>> = {
  'skp22/save':
    'hasilKinerjaNilai id kuadranKinerjaNilai perilakuKerjaNilai penilaiGolongan penilaiJabatan penilaiNama penilaiNipNrp penilaiUnorNama pnsDinilaiOrang statusPenilai tahun path',
  'kinerjaperiodik/save':
    'bulanMulaiPenilaian bulanSelesaiPenilaian tahunMulaiPenilaian tahunSelesaiPenilaian tahun hasilKinerjaNilai perilakuKerjaNilai kuadranKinerjaNilai koefisienId periodikId penilaiGolongan penilaiJabatanNama penilaiNama penilaiNipNrp penilaiUnorNama pnsDinilaiId statusPenilai id path',
  'hukdis/save':
    'jenisHukumanId jenisTingkatHukumanId alasanHukumanDisiplinId kedudukanHukumId golonganId golonganLama hukumanTanggal masaTahun masaBulan akhirHukumanTanggal nomorPp skNomor skTanggal keterangan hukdisYangDiberhentikanId skPembatalanNomor skPembatalanTanggal pnsOrangId id path',
  'kursus/save':
    'jenisDiklatId jenisKursus jenisKursusSertipikat namaKursus jumlahJam institusiPenyelenggara instansiId lokasiId nomorSertipikat tahunKursus tanggalKursus tanggalSelesaiKursus pnsOrangId id path',
  'diklat/save':
    'latihanStrukturalId bobot jumlahJam jenisKompetensi institusiPenyelenggara nomor tahun tanggal tanggalSelesai pnsOrangId id path',
  'penghargaan/save': 'hargaId skNomor skDate tahun pnsOrangId id path',
  'jabatan/unorjabatan/save':
    'eselonId instansiId jabatanFungsionalId jabatanFungsionalUmumId jenisJabatan jenisMutasiId jenisPenugasanId nomorSk tanggalSk pnsId satuanKerjaId subJabatanId tmtJabatan tmtMutasi tmtPelantikan unorId id path',
};

const ruleSet = { id: 'r', version: 1 } as never;
const sk = { number: '800/1/2026', date: '2026-01-05' };
const penilai: PenilaiThen = {
  asn: true,
  nama: 'Dra. ATASAN REKAAN',
  nipNrp: '197001011995031001',
  jabatan: 'Kepala Dinas',
  golongan: '42',
  unorNama: 'DINAS REKAAN',
};
const year = {
  type: 'AppraisalScored',
  data: {
    period: { kind: 'tahunan', year: 2025 },
    hasil: 'sesuai-ekspektasi',
    perilaku: 'di-bawah-ekspektasi',
    predikat: 'kurang',
    penilai: { subject: 'p', asn: true },
    ruleSet,
  },
} as const satisfies FactEvent;
const quarter = {
  ...year,
  data: { ...year.data, period: { kind: 'periodik', year: 2025, from: 4, to: 6 } },
} as const satisfies FactEvent;
const imposed = {
  type: 'SanctionImposed',
  data: { jenis: 'potong-tukin-6-bulan', tingkat: 'sedang', tmt: '2026-01-10', until: '2026-07-10', sk },
} as const satisfies FactEvent;
const lifted = {
  type: 'SanctionLifted',
  data: { sanction: 's', tmt: '2026-02-01', sk: { number: '800/9', date: '2026-01-30' }, because: 'banding' },
} as const satisfies FactEvent;
const training = {
  type: 'TrainingCompleted',
  data: {
    name: 'Analisis Data',
    form: 'seminar',
    organiser: 'LAN',
    certificate: 'C-1',
    from: '2025-02-01',
    to: '2025-02-03',
    year: 2025,
    jpClaimed: 24,
    jpRecognised: 20,
    ruleSet,
  },
} as const satisfies FactEvent;
const diklat = {
  ...training,
  data: { ...training.data, name: 'PIM III', form: 'diklat-struktural' },
} as const;
const awarded = {
  type: 'Awarded',
  data: { jenis: 'satyalancana-karya-satya-10', tmt: '2025-08-17', sk },
} as const satisfies FactEvent;
const jabatan = {
  jabatan: 'Analis Kepegawaian Ahli Muda',
  jenis: 'fungsional',
  penugasan: 'definitif',
  tmt: '2026-01-10',
  sk,
} as const;
const appointed = { type: 'Appointed', data: jabatan } as const satisfies FactEvent;

const EVENT = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
const codes: SiasnCodes = {
  instansiId: 'A5EB03E23CA5F6A0E040640A040252AD',
  satuanKerjaId: 'A5EB03E2415CF6A0E040640A040252AD',
  codes: {
    kedudukanHukumId: { 'potong-tukin-6-bulan': '15' },
    latihanStrukturalId: { 'PIM III': '3' },
    jabatanFungsionalId: { 'Analis Kepegawaian Ahli Muda': 'jf-1' },
  },
  penilai: {},
  events: {
    [EVENT]: { alasanHukumanDisiplinId: '22', tmtPelantikan: '12-01-2026', pnsOrangId: 'lain', tahun: 1999 },
  },
};
const told = (fact: FactEvent, more: Partial<ToldFact> = {}): ToldFact => ({
  event: EVENT,
  fact: { ...fact, event: EVENT } as Fact,
  pnsId: 'pns-1',
  id: null,
  golongan: 'III/c',
  jabatan,
  placement: { unit: 'unor-1', tmt: '2026-01-10' },
  penilai,
  sanction: imposed.data,
  ...more,
});
const body = (fact: FactEvent, more: Partial<ToldFact> = {}, with_ = codes) => {
  const made = payloadOf(told(fact, more), with_);
  if (isLacking(made)) throw new Error(JSON.stringify(made.lacks));
  return made;
};
const lacks = (fact: FactEvent, more: Partial<ToldFact> = {}, with_ = codes) => {
  const made = payloadOf(told(fact, more), with_);
  return isLacking(made) ? made.lacks.map(({ field }) => field) : [];
};

const KINDS: readonly [service: string, fact: FactEvent, says: object][] = [
  [
    'skp22/save',
    year,
    {
      hasilKinerjaNilai: 2,
      perilakuKerjaNilai: 3,
      kuadranKinerjaNilai: 4,
      tahun: 2025,
      statusPenilai: 'ASN',
      penilaiGolongan: '42',
      penilaiJabatan: 'Kepala Dinas',
      pnsDinilaiOrang: 'pns-1',
      id: null,
    },
  ],
  [
    'kinerjaperiodik/save',
    quarter,
    {
      bulanMulaiPenilaian: '4',
      bulanSelesaiPenilaian: '6',
      tahunMulaiPenilaian: 2025,
      tahunSelesaiPenilaian: 2025,
      periodikId: '2',
      koefisienId: '22',
      pnsDinilaiId: 'pns-1',
      penilaiJabatanNama: 'Kepala Dinas',
    },
  ],
  [
    'hukdis/save',
    imposed,
    {
      jenisHukumanId: '23',
      jenisTingkatHukumanId: 'S',
      alasanHukumanDisiplinId: '22',
      kedudukanHukumId: '15',
      golonganId: '33',
      hukumanTanggal: '10-01-2026',
      akhirHukumanTanggal: '10-07-2026',
      masaTahun: '0',
      masaBulan: '6',
      nomorPp: 'PP 94 TAHUN 2021',
      skTanggal: '05-01-2026',
      skPembatalanNomor: null,
      pnsOrangId: 'pns-1',
    },
  ],
  [
    'kursus/save',
    training,
    {
      jenisDiklatId: '9',
      jenisKursusSertipikat: 'P',
      jumlahJam: 24,
      tahunKursus: 2025,
      tanggalKursus: '01-02-2025',
      tanggalSelesaiKursus: '03-02-2025',
      nomorSertipikat: 'C-1',
      pnsOrangId: 'pns-1',
    },
  ],
  ['diklat/save', diklat, { latihanStrukturalId: '3', nomor: 'C-1', tahun: 2025, pnsOrangId: 'pns-1' }],
  ['penghargaan/save', awarded, { hargaId: '201', skDate: '05-01-2026', tahun: 2025 }],
  [
    'jabatan/unorjabatan/save',
    appointed,
    {
      jenisJabatan: '2',
      jenisPenugasanId: 'D',
      jenisMutasiId: 'MJ',
      eselonId: '99',
      jabatanFungsionalId: 'jf-1',
      unorId: 'unor-1',
      instansiId: 'A5EB03E23CA5F6A0E040640A040252AD',
      tmtJabatan: '10-01-2026',
      tmtPelantikan: '12-01-2026',
    },
  ],
];

describe('what SIASN is told', () => {
  it.each(KINDS)('by %s has exactly its fields', (service, fact, says) => {
    const made = body(fact);
    expect(made.service).toBe(service);
    expect(Object.keys(made.body).sort()).toEqual((FIELDS[service] ?? '').split(' ').sort());
    expect(made.body).toMatchObject(says);
  });

  it('of a lifting is the row of its sanction, with the SK that lifted it', () => {
    expect(body(lifted, { id: 'rw-9' }).body).toMatchObject({
      id: 'rw-9',
      jenisHukumanId: '23',
      skNomor: '800/1/2026',
      skPembatalanNomor: '800/9',
      skPembatalanTanggal: '30-01-2026',
    });
    expect(lacks(lifted)).toEqual(['id']);
  });

  it('takes what the record says before what a file says, and whose row it is from nobody else', () => {
    expect(body(awarded).body).toMatchObject({ tahun: 2025, pnsOrangId: 'pns-1' });
    expect(lacks(awarded, { pnsId: new Missing('belum') })).toEqual(['pnsOrangId']);
  });

  it('lacks what nobody knows, each field with why', () => {
    expect(lacks(year, { penilai: undefined as never })).toEqual([
      'penilaiGolongan',
      'penilaiJabatan',
      'penilaiNama',
      'penilaiNipNrp',
      'penilaiUnorNama',
    ]);
    expect(lacks(imposed, { golongan: 'IX' }, NO_CODES)).toEqual([
      'alasanHukumanDisiplinId',
      'golonganId',
      'kedudukanHukumId',
    ]);
    expect(lacks(diklat, {}, NO_CODES)).toEqual(['latihanStrukturalId']);
    expect(lacks(appointed, {}, NO_CODES)).toEqual([
      'instansiId',
      'jabatanFungsionalId',
      'satuanKerjaId',
      'tmtPelantikan',
    ]);
    const made = payloadOf(told(training, { pnsId: new Missing('PNS ID belum dicatat') }), NO_CODES);
    expect(isLacking(made) && made.lacks).toContainEqual({
      field: 'pnsOrangId',
      why: 'PNS ID belum dicatat',
    });
  });

  it('guesses no unit of a Plt., no period that SIASN does not know, no koefisien of who has no jenjang', () => {
    const plt = { ...appointed, data: { ...jabatan, penugasan: 'pelaksana-tugas' } } as const;
    expect(lacks(plt)).toEqual(['unorId']);
    const half = {
      ...quarter,
      data: { ...quarter.data, period: { ...quarter.data.period, to: 9 } },
    } as const;
    expect(lacks(half)).toEqual(['periodikId']);
    expect(lacks(quarter, { jabatan: { ...jabatan, jenis: 'pelaksana' } })).toEqual(['koefisienId']);
  });
});

describe('the file of codes', () => {
  const reading = async (text: string): Promise<SiasnCodes> => {
    const directory = mkdtempSync(join(tmpdir(), 'jejak-codes-'));
    try {
      writeFileSync(join(directory, 'codes.json'), text);
      return await readSiasnCodes(join(directory, 'codes.json'), { instansiId: 'A5' });
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  it('may have codes, penilai and single events, and none of them', async () => {
    expect(await reading('{"codes":{"koefisienId":{"pelaksana":"9"}}}')).toEqual({
      instansiId: 'A5',
      codes: { koefisienId: { pelaksana: '9' } },
      penilai: {},
      events: {},
    });
    expect(await readSiasnCodes(undefined)).toEqual(NO_CODES);
  });

  it.each(['[]', '{', '{"codes":{"a":{"b":1}}}', '{"kode":{}}', '{"events":{"e":{"f":null}}}'])(
    'is refused with what is wrong: %s',
    async (text) => {
      await expect(reading(text)).rejects.toThrow(/SIASN_CODES_FILE .*docs\/siasn-outbox\.md/);
    },
  );
});

describe('the words of SIASN', () => {
  it('are kept without the names and numbers of anybody', () => {
    const words =
      'Data PNS Siti  Rekaan (19900101 201704 1 234)\n\t* penilai DRA. ATASAN REKAAN, 8ae4829b5f2c1d2e015f00000000abcd';
    const kept = wordsWithout(words, ['SITI REKAAN'], { penilaiNama: 'Dra. Atasan Rekaan', tahun: 2025 });
    expect(kept).toBe('Data PNS … (…) * penilai …, …');
    expect(wordsWithout('x'.repeat(1000), [], {})).toHaveLength(300);
  });
});
