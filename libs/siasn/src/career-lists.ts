import { appoint } from '@app/domain/appoint';
import { placementOn } from '@app/domain/career';
import {
  type Appointed,
  type CivilServant,
  type FactEvent,
  factsOf,
  type Promoted,
  rowKey,
  sourceOf,
} from '@app/domain/civil-servant';
import { isRefusal } from '@app/domain/event';
import { type Golongan, isGolongan, KENAIKAN_PANGKAT } from '@app/domain/golongan';
import { ESELON, JENIS_JABATAN, PENUGASAN } from '@app/domain/jabatan';
import { correct } from '@app/domain/mend';
import { place } from '@app/domain/place';
import { promote } from '@app/domain/promote';
import type { Reader } from './reader.ts';
import type { Row } from './row.ts';
import { type Decide, inTurn } from './statement.ts';

/** The list that facts of the ASN export bear, and the row of each kind of fact. */
export const EXPORT = 'asn-export';

/** Golongan by SIASN code of a PNS: 11 is I/a, 45 is IV/e. */
function golonganOfCode(code: string): string | undefined {
  const [, tens = '', ones = ''] = /^([1-4])([1-5])$/.exec(code) ?? [];
  return tens
    ? `${['I', 'II', 'III', 'IV'][Number(tens) - 1]}/${'abcde'.charAt(Number(ones) - 1)}`
    : undefined;
}

/** The golongan that a name and a code give together; a fault where they differ or nobody knows it. */
export function golonganIn(row: Row, name: string, code: string): Golongan | undefined {
  const byCode = golonganOfCode(row.text(code));
  const text = row.text(name) || byCode;
  if (text === undefined) return undefined;
  if (!isGolongan(text)) {
    row.blame('no-such-golongan', 'there is no golongan like this', name, 'PP 99/2000; Perpres 98/2020');
    return undefined;
  }
  if (byCode !== undefined && text.includes('/') && byCode !== text)
    row.blame('codes-disagree', 'the code of the golongan is that of another', code);
  return text;
}

/** rw-golongan: a kenaikan pangkat, by any SK in any order. */
export const golongan: Reader = (row) => {
  row.needText('golongan', 'golonganId');
  const tmt = row.needDate('tmtGolongan');
  const sk = row.sk('skNomor', 'skTanggal');
  const data = {
    golongan: golonganIn(row, 'golongan', 'golonganId') as Golongan,
    jenis: row.code('jenisKPId', KENAIKAN_PANGKAT) ?? 'tidak-diketahui',
    tmt,
    ...(sk ? { sk } : {}),
  } satisfies Promoted['data'];
  const decide: Decide = (servant, context) =>
    detail('golongan', 'rw-golongan', { type: 'Promoted', data })(servant, context) ??
    promote(data, servant, context);
  return { date: tmt, said: { sk: undefined, ...data }, decide };
};

/** rw-jabatan: a jabatan and, where it is held definitively in another unit, the move to that unit. */
export const jabatan: Reader = (row) => {
  const tmt = row.needDate('tmtJabatan');
  const sk = row.sk('nomorSk', 'tanggalSk');
  const eselon = row.text('eselonId') === '99' ? undefined : row.code('eselonId', ESELON);
  const unit = unitIn(row, 'unorId');
  const data = {
    jabatan: row.needText('namaJabatan', 'jabatanFungsionalNama', 'jabatanFungsionalUmumNama'),
    jenis: row.code('jenisJabatan', JENIS_JABATAN) ?? needed(row, 'jenisJabatan', 'pelaksana'),
    ...(eselon ? { eselon } : {}),
    penugasan: row.code('jenisPenugasanId', PENUGASAN, 'definitif') ?? 'definitif',
    tmt,
    ...(sk ? { sk } : {}),
  } satisfies Appointed['data'];
  const moves = unit !== undefined && data.penugasan === 'definitif';
  const appointed: Decide = (servant, context) =>
    detail('jabatan', 'rw-jabatan', { type: 'Appointed', data })(servant, context) ??
    appoint(data, servant, context);
  const placed: Decide = (servant, context) =>
    move({ unit: unit ?? '', tmt, ...(sk ? { sk } : {}) })(servant, context);
  return {
    date: tmt,
    said: { eselon: undefined, sk: undefined, ...data, ...(moves ? { unit } : {}) },
    before: (servant, { said }) => ({ unit: placementOn(servant, String(said.tmt))?.data.unit, ...said }),
    decide: moves ? inTurn(appointed, placed) : appointed,
  };
};

/** A placement; none where the person is in that unit already. */
export const move =
  (data: Parameters<typeof place>[0]): Decide =>
  (servant, context) => {
    const decided = place(data, servant, context);
    return isRefusal(decided) && decided.refused === 'already-in-unit' ? [] : decided;
  };

/** An id of a unit, as SIASN writes it. */
export function unitIn(row: Row, name: string): string | undefined {
  const unit = row.text(name);
  if (unit && !/^[0-9A-Za-z-]{1,64}$/.test(unit))
    row.blame('bad-unit-id', `${name} is no id of a unit`, name);
  return unit || undefined;
}

function needed<T>(row: Row, name: string, unused: T): T {
  row.needText(name);
  return unused;
}

/** The ASN export knows no SK; where a history says the same with one, it is put in the place of the bare fact. */
const detail =
  (kind: string, list: string, fact: Extract<FactEvent, { type: 'Promoted' | 'Appointed' }>) =>
  (servant: CivilServant, context: Parameters<Decide>[1]) => {
    const bare = sourceOf(servant, rowKey({ list: EXPORT, row: kind }))?.event;
    const target = factsOf(servant, fact.type).find(({ event }) => event === bare);
    if (!target || target.data.sk || !fact.data.sk || !sayAlike(target, fact)) return undefined;
    return correct({ event: target.event, because: `detail from ${list}`, fact }, servant, context);
  };

type Held = {
  readonly data: { readonly tmt: string; readonly golongan?: string; readonly jabatan?: string };
};

const sayAlike = ({ data: a }: Held, { data: b }: Held): boolean =>
  a.tmt === b.tmt && a.golongan === b.golongan && a.jabatan === b.jabatan;
