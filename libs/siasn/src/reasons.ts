/** Who can mend a row: the city's HR agency, the national one, or the unit that rated. */
export type Mender = 'BKPSDM' | 'BKN' | 'OPD';

type Reason = { readonly dalamBahasa: string; readonly mendedBy: Mender };

const by =
  (mendedBy: Reason['mendedBy']) =>
  (dalamBahasa: string): Reason => ({ dalamBahasa, mendedBy });
const bkpsdm = by('BKPSDM');
const bkn = by('BKN');
const opd = by('OPD');

/** Each reason for a refusal in Bahasa Indonesia, and who can mend it. */
const REASONS: Readonly<Record<string, Reason>> = {
  'not-utf-8': bkpsdm('Berkas bukan UTF-8; simpan atau unduh ulang sebagai UTF-8.'),
  'unknown-file': bkpsdm('Berkas ini bukan ekspor SIASN yang dikenal.'),
  'unreadable-file': bkpsdm('Berkas tidak dapat dibaca.'),
  'file-too-large': bkpsdm('Berkas terlalu besar.'),
  'line-too-long': bkpsdm('Baris lebih panjang dari 1 MiB; tarik ulang data pegawai ini.'),
  'malformed-csv': bkpsdm('Baris CSV rusak (tanda kutip atau jumlah kolom); ekspor ulang.'),
  'malformed-json': bkpsdm('Baris bukan JSON yang utuh; tarik ulang data pegawai ini.'),
  'siasn-answered-otherwise': bkn('SIASN tidak memberi data untuk pegawai ini; tarik ulang.'),
  'unknown-nip': bkpsdm('NIP pada baris ini belum ada di data pegawai; impor ekspor ASN lebih dahulu.'),
  'of-another-person': bkn('PNS ID pada riwayat ini milik pegawai lain.'),
  'person-twice-in-list': bkpsdm('Pegawai ini muncul dua kali dalam satu daftar.'),
  'row-twice': bkn('ID riwayat ini muncul dua kali.'),
  'row-without-id': bkn('Riwayat ini tidak mempunyai ID SIASN.'),
  'not-storable': bkn('Isi riwayat tidak dapat disimpan (angka terlalu besar atau teks rusak).'),
  'nested-value': bkn('Isi kolom bukan teks atau angka.'),
  'text-too-long': bkn('Isi kolom terlalu panjang.'),
  'nip-destroyed-by-spreadsheet': bkpsdm(
    'NIP rusak oleh aplikasi spreadsheet (1,99E+17); ekspor ulang tanpa membukanya di Excel.',
  ),
  'nip-length': bkpsdm('NIP bukan 18 angka.'),
  'nip-birth-date': bkn('Tanggal lahir pada NIP tidak ada di kalender.'),
  'bad-pns-id': bkpsdm('PNS ID bukan 32 angka heksadesimal.'),
  'same-nip-other-pns-id': bkn('NIP ini sudah tercatat dengan PNS ID lain.'),
  'no-such-date': bkpsdm('Tanggal tidak ada di kalender, atau bukan hh-bb-tttt.'),
  'no-such-golongan': bkpsdm('Golongan tidak dikenal.'),
  'codes-disagree': bkpsdm('Kode dan nama pada baris ini tidak cocok.'),
  'unknown-code': bkpsdm('Kode tidak dikenal.'),
  'not-a-number': bkpsdm('Isi kolom bukan bilangan bulat.'),
  missing: bkpsdm('Kolom wajib kosong.'),
  'label-disagrees': opd('Label dan kode penilaian tidak cocok; pejabat penilai memperbaikinya.'),
  'not-registered': bkpsdm('Pegawai ini belum terdaftar; impor ekspor ASN lebih dahulu.'),
  'already-registered': bkpsdm('Pegawai ini sudah terdaftar dengan data lain.'),
  'before-birth': bkpsdm('Tanggal ini tidak sesudah tanggal lahir.'),
  'before-appointment': bkpsdm('TMT ini mendahului TMT CPNS.'),
  'golongan-of-another-kind': bkpsdm('Golongan PNS pada PPPK, atau sebaliknya.'),
  'pppk-has-no-kenaikan-pangkat': bkpsdm('PPPK tidak mengenal kenaikan pangkat.'),
  'tmt-already-taken': bkpsdm('TMT ini sudah dipakai golongan lain.'),
  'same-golongan': bkpsdm('Golongan ini sudah dipegang.'),
  'steps-down-without-sanction': bkpsdm('Golongan turun tanpa hukuman disiplin penurunan pangkat.'),
  'not-below-the-next': bkpsdm('Golongan ini tidak di bawah golongan sesudahnya.'),
  'already-appointed': bkpsdm('Jabatan lain sudah tercatat pada TMT ini.'),
  'no-such-period': opd('Periode penilaian tidak ada.'),
  'scheme-not-in-force': opd('Tahun ini belum memakai kuadran PermenPANRB 6/2022.'),
  'period-not-over': opd('Periode penilaian belum berakhir.'),
  'rates-oneself': opd('Penilai tidak boleh menilai diri sendiri.'),
  'period-already-scored': opd('Periode ini sudah mempunyai predikat.'),
  'ends-before-it-begins': bkpsdm('Tanggal selesai mendahului tanggal mulai.'),
  'not-completed-yet': bkpsdm('Pelatihan belum selesai.'),
  'jp-out-of-range': bkpsdm('Jumlah JP di luar batas.'),
  'certificate-already-recorded': bkpsdm('Nomor sertifikat ini sudah tercatat.'),
  'kind-not-in-force': bkpsdm('Jenis hukuman disiplin belum atau tidak lagi berlaku pada tanggal SK.'),
  'wrong-end': bkpsdm('Akhir hukuman tidak sesuai lamanya menurut PP 94/2021.'),
  'sk-already-recorded': bkpsdm('SK ini sudah tercatat.'),
  'already-lifted': bkpsdm('Hukuman ini sudah dibatalkan.'),
  'outside-the-sanction': bkpsdm('Tanggal pembatalan di luar masa hukuman.'),
  'already-awarded': bkpsdm('Penghargaan ini sudah tercatat.'),
  'its-own-parent': bkpsdm('Unit tidak dapat menjadi atasan dirinya sendiri.'),
  'bad-unit-id': bkpsdm('ID unit tidak dikenal bentuknya.'),
  'too-busy': bkpsdm('Data pegawai ini sedang ditulis pihak lain; impor ulang.'),
};

export const reasonOf = (code: string): Reason =>
  REASONS[code] ?? bkpsdm(`Baris ini ditolak oleh aturan "${code}".`);
