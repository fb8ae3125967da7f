import { appoint } from '@app/domain/appoint';
import type { LegalDate } from '@app/domain/calendar';
import { factsOf } from '@app/domain/civil-servant';
import { type Refusal, refuse } from '@app/domain/event';
import { JENIS_JABATAN } from '@app/domain/jabatan';
import { type NipFault, type NipParts, readNip } from '@app/domain/nip';
import { promote } from '@app/domain/promote';
import { register } from '@app/domain/register';
import type { Particulars } from '@app/people';
import { golonganIn, move, unitIn } from './career-lists.ts';
import { doubtsAbout } from './identity.ts';
import { idOf, Row, sha256Of } from './row.ts';
import type { Decide, Said, Statement } from './statement.ts';

/** A row of the ASN export: who it is, what it says, and what of it is doubtful. */
type ExportRow = {
  readonly particulars: Particulars;
  readonly registered: Statement;
  /** Facts for those about whom the histories say nothing. */
  readonly fallback: readonly Statement[];
  readonly doubts: readonly string[];
};

const NIP_FAULTS: Readonly<Record<NipFault, [code: string, because: string]>> = {
  spreadsheet: ['nip-destroyed-by-spreadsheet', 'a spreadsheet wrote the last digits of this NIP away'],
  length: ['nip-length', 'a NIP has 18 digits'],
  'birth-date': ['nip-birth-date', 'the first eight digits of this NIP are no day'],
};

/** Reads a row of "SIASN Export Data ASN" (domain 10.6), or says why it cannot be. */
export function readExportRow(cells: Readonly<Record<string, string>>): ExportRow | Refusal {
  const row = new Row(cells);
  const nip = row.needText('NIP BARU');
  const parts = readNip(nip);
  if ('fault' in parts) {
    const [code, because] = NIP_FAULTS[parts.fault];
    return refuse(code, because, 'Perka BKN 22/2007', 'NIP BARU');
  }
  const pnsId = idOf(row.needText('PNS ID')) ?? null;
  if (pnsId === null) row.blame('bad-pns-id', 'a PNS ID has 32 hexadecimal digits', 'PNS ID');
  const born = row.needDate('TANGGAL LAHIR');
  const kind = kindIn(row, parts);
  const tmt = firstDayIn(row, parts);
  const registered = stated('registered', tmt, { kind, tmt }, (servant, context) =>
    register({ kind, tmt }, servant, context),
  );
  const particulars = particularsIn(row, nip, pnsId, born);
  const fallback = fallbackIn(row);
  return row.fault ?? { particulars, registered, fallback, doubts: doubtsAbout(row, parts, kind, born) };
}

function kindIn(row: Row, parts: NipParts): 'pns' | 'pppk' {
  const name = row.text('JENIS PEGAWAI NAMA').toUpperCase();
  if (/PPPK|P3K/.test(name)) return 'pppk';
  return name.includes('PNS') ? 'pns' : parts.kind;
}

/** TMT CPNS; where the export has none, the month in the NIP of a PNS. */
function firstDayIn(row: Row, { appointed }: NipParts): LegalDate {
  const month = appointed && !/-00$/.test(appointed) ? `${appointed}-01` : undefined;
  return row.date('TMT CPNS') ?? row.date('TMT PNS') ?? month ?? row.needDate('TMT CPNS');
}

function particularsIn(row: Row, nip: string, pnsId: string | null, born: LegalDate): Particulars {
  const or = (name: string, ...others: string[]) => row.text(name, ...others) || null;
  return {
    pnsId,
    nip,
    name: row.needText('NAMA'),
    gelarDepan: or('GELAR DEPAN'),
    gelarBelakang: or('GELAR BELAKANG'),
    born,
    sex: sexIn(row) ?? null,
    nik: or('NIK'),
    phone: or('NOMOR HP'),
    email: or('EMAIL', 'EMAIL GOV'),
    address: or('ALAMAT'),
  };
}

/** `M`/`F` in exports of SIASN, `L`/`P` in others. */
const sexIn = (row: Row) =>
  row.code('JENIS KELAMIN', { M: 'pria', L: 'pria', F: 'wanita', P: 'wanita' } as const);

/** Golongan, jabatan and unit as the export has them, each only where the record has none. */
function fallbackIn(row: Row): Statement[] {
  const golongan = golonganIn(row, 'GOL AKHIR NAMA', 'GOL AKHIR ID');
  const since = row.date('TMT GOLONGAN');
  const jabatan = row.text('JABATAN NAMA');
  const jenis = row.code('JENIS JABATAN ID', JENIS_JABATAN);
  const tmt = row.date('TMT JABATAN');
  const unit = unitIn(row, 'UNOR ID');
  const statements: Statement[] = [];
  if (golongan && since) {
    const data = { golongan, jenis: 'tidak-diketahui', tmt: since } as const;
    statements.push(
      stated(
        'golongan',
        since,
        data,
        lacking('Promoted', (s, c) => promote(data, s, c)),
      ),
    );
  }
  if (jabatan && jenis && tmt) {
    const data = { jabatan, jenis, penugasan: 'definitif', tmt } as const;
    statements.push(
      stated(
        'jabatan',
        tmt,
        data,
        lacking('Appointed', (s, c) => appoint(data, s, c)),
      ),
    );
  }
  if (unit && tmt)
    statements.push(stated('unit', tmt, { unit, tmt }, lacking('Placed', move({ unit, tmt }))));
  return statements;
}

const lacking =
  (type: 'Promoted' | 'Appointed' | 'Placed', decide: Decide): Decide =>
  (servant, context) =>
    factsOf(servant, type).length > 0 ? [] : decide(servant, context);

/** What one group of cells says; the digest is over just that, for the whole row is personal. */
const stated = (row: string, date: LegalDate, said: Said, decide: Decide): Statement => ({
  row,
  date,
  said,
  decide,
  get sha256() {
    return sha256Of(said);
  },
});
