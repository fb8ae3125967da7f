import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

/** Invented people in SIASN's shapes, as many as asked for: for tests of faults and for the bench. All by number. */
export async function inventPeople(dir: string, people: number): Promise<void> {
  const pull = join(dir, 'pull-2026-01-31');
  mkdirSync(pull, { recursive: true });
  writeFileSync(join(dir, 'ref-unor.json'), JSON.stringify({ data: UNITS }));
  await lines(join(dir, 'asn-export.csv'), people, csvRow, `\uFEFF${HEADER.join(',')}\r\n`);
  for (const [list, rows] of Object.entries(LISTS))
    await lines(join(pull, `${list}.ndjson`), people, (n) => {
      const response = { code: 1, data: rows(n) };
      return `${JSON.stringify({ nip: nipOf(n), response })}\n`;
    });
}

async function lines(file: string, count: number, line: (n: number) => string, head = ''): Promise<void> {
  const out = createWriteStream(file);
  out.write(head);
  for (let n = 0; n < count; n++)
    if (!out.write(line(n))) await new Promise<void>((resolve) => out.once('drain', () => resolve()));
  out.end();
  await finished(out);
}

const hex = (kind: string, n: number): string =>
  Buffer.from(`${kind}${String(n).padStart(15, '0')}`)
    .toString('hex')
    .padStart(32, '0')
    .slice(-32);
const unitNo = (n: number): string => hex('u', n);
const two = (n: number): string => String(n).padStart(2, '0');

const UNITS = Array.from({ length: 20 }, (_, n) => ({
  Id: unitNo(n),
  DiatasanId: n === 0 ? null : unitNo(0),
  EselonId: n === 0 ? null : '31',
  NamaUnor: `UNIT REKAAN ${n}`,
  NamaJabatan: `KEPALA UNIT ${n}`,
  PemimpinPnsId: n === 0 ? null : hex('p', n),
}));

/** Birth, TMT CPNS and serial make a NIP of its own for each number up to several hundred thousand. */
const bornOn = (n: number) => ({
  year: 1966 + (n % 30),
  month: 1 + (n % 12),
  day: 1 + (Math.floor(n / 12) % 28),
});
function nipOf(n: number): string {
  const { year, month, day } = bornOn(n);
  return `${year}${two(month)}${two(day)}200401${1 + (n % 2)}${String(Math.floor(n / 336) % 1000).padStart(3, '0')}`;
}

const HEADER =
  'PNS ID,NIP BARU,NIP LAMA,NAMA,GELAR DEPAN,GELAR BELAKANG,TANGGAL LAHIR,JENIS KELAMIN,NIK,JENIS PEGAWAI ID,JENIS PEGAWAI NAMA,KEDUDUKAN HUKUM ID,STATUS CPNS PNS,TMT CPNS,GOL AWAL ID,GOL AWAL NAMA,GOL AKHIR ID,GOL AKHIR NAMA,TMT GOLONGAN,JENIS JABATAN ID,JABATAN NAMA,TMT JABATAN,UNOR ID,UNOR NAMA'.split(
    ',',
  );

function csvRow(n: number): string {
  const { year, month, day } = bornOn(n);
  const born = `${two(day)}-${two(month)}-${year}`;
  const row = [
    hex('p', n),
    `'${nipOf(n)}`,
    'null',
    `ORANG REKAAN ${n}`,
    '',
    '',
    born,
    n % 2 ? 'F' : 'M',
    'null',
    '15',
  ];
  row.push('PNS Daerah Kab/Kota', '01', 'P', '01-01-2004', '31', 'III/a', '33', 'III/c', '01-04-2020', '2');
  row.push('Guru Ahli Muda', '01-10-2020', unitNo(1 + (n % 19)), `UNIT REKAAN ${1 + (n % 19)}`);
  return `${row.join(',')}\r\n`;
}

const of = (n: number, kind: string, i: number) => ({ id: hex(kind, n * 16 + i), idPns: hex('p', n) });

const golongan = (n: number) =>
  ['31', '32', '33'].map((golonganId, i) => ({
    ...of(n, 'g', i),
    nipBaru: nipOf(n),
    golonganId,
    golongan: ['III/a', 'III/b', 'III/c'][i],
    skNomor: `823/${n}/${i}`,
    skTanggal: `15-03-${2004 + 8 * i}`,
    tmtGolongan: i === 0 ? '01-01-2004' : `01-04-${2004 + 8 * i}`,
    jenisKPId: i === 0 ? '211' : '101',
  }));

const jabatan = (n: number) => [
  {
    ...of(n, 'j', 0),
    nipBaru: nipOf(n),
    jenisJabatan: '2',
    unorId: unitNo(1 + (n % 19)),
    unorNama: `UNIT REKAAN ${1 + (n % 19)}`,
    eselonId: '',
    namaJabatan: 'Guru Ahli Muda',
    jabatanFungsionalNama: 'Guru Ahli Muda',
    tmtJabatan: '01-10-2020',
    nomorSk: `821.2/${n}/2020`,
    tanggalSk: '20-09-2020',
    jenisPenugasanId: 'D',
    jenisMutasiId: 'MJ',
  },
];

const skp = (n: number) =>
  [2022, 2023, 2024, 2025].map((tahun, i) => ({
    ...of(n, 's', i),
    hasilKinerja: 'SESUAI ESPEKTASI',
    hasilKinerjaNilai: '2.0',
    kuadranKinerja: 'BAIK',
    KuadranKinerjaNilai: 2,
    namaPenilai: 'WALI KOTA',
    nipNrpPenilai: null,
    penilaiJabatanNm: 'WALI KOTA',
    penilaiUnorNm: `UNIT REKAAN ${1 + (n % 19)}`,
    perilakuKerja: 'SESUAI ESPEKTASI',
    PerilakuKerjaNilai: '2',
    pnsDinilaiId: hex('p', n),
    statusPenilai: 'NON ASN',
    tahun,
  }));

const periodik = (n: number) =>
  [1, 4, 7, 10].map((from, i) => ({
    ...of(n, 'k', i),
    tahun: '2025',
    nip: nipOf(n),
    hasilKinerja: 'SESUAI ESPEKTASI',
    hasilKinerjaNilai: '2',
    perilakuKerja: 'SESUAI ESPEKTASI',
    perilakuKerjaNilai: '2',
    kuadranKinerjaNilai: '2',
    kuadranNilai: 'BAIK',
    unorId: unitNo(1 + (n % 19)),
    periodikId: '2',
    bulanMulaiPenilaian: String(from),
    bulanSelesaiPenilaian: String(from + 2),
    tahunMulaiPenilaian: '2025',
    tahunSelesaiPenilaian: '2025',
    namaPenilai: 'WALI KOTA',
    penilaiNipNrp: null,
    penilaiJabatanNama: 'WALI KOTA',
    statusPenilai: 'NON ASN',
    pnsDinilaiId: hex('p', n),
  }));

const kursus = (n: number) =>
  [2023, 2024, 2025].map((tahun, i) => ({
    ...of(n, 'c', i),
    nipBaru: nipOf(n),
    jenisKursusSertifikat: 'T',
    jenisDiklatId: '8',
    institusiPenyelenggara: 'LAN RI',
    jumlahJam: i % 2 ? 20 : '10',
    namaKursus: 'Pelayanan Publik Prima',
    noSertipikat: `${n}/${i}/${tahun}`,
    tahunKursus: String(tahun),
    tanggalKursus: `13-02-${tahun}`,
    tanggalSelesaiKursus: `14-02-${tahun}`,
  }));

const LISTS: Readonly<Record<string, (n: number) => object[]>> = {
  'rw-golongan': golongan,
  'rw-jabatan': jabatan,
  'rw-skp22': skp,
  'rw-kinerjaperiodik': periodik,
  'rw-kursus': kursus,
};
