import type { SanctionImposed, SanctionLifted } from '@app/domain/civil-servant';
import { HUKUMAN_DISIPLIN, hukuman, PP_94_IN_FORCE } from '@app/domain/hukuman-disiplin';
import {
  type Cell,
  type Cells,
  Missing,
  NO_DOCUMENTS,
  needed,
  type ToldFact,
  toFill,
  wireDay,
} from './outbox-cells.ts';
import { codeFor, golonganCode, type SiasnCodes } from './outbox-codes.ts';

const TINGKAT = { ringan: 'R', sedang: 'S', berat: 'B' } as const;

/** hukdis/save of a hukuman disiplin; where it was lifted, the same row with the SK that did. */
export function hukdisCells(
  { pnsId, id, golongan }: ToldFact,
  imposed: SanctionImposed['data'] | undefined,
  codes: SiasnCodes,
  lifted?: SanctionLifted['data'],
): Cells<'hukdis'> {
  const said = imposed ? sanction(imposed, codes) : NOT_THERE;
  return {
    ...said,
    golonganId: held(golongan && golonganCode(codes, golongan), 'golongan'),
    pnsOrangId: pnsId,
    id: lifted && id === null ? new Missing(TELL_THE_SANCTION_FIRST) : id,
    skPembatalanNomor: lifted?.sk.number ?? null,
    skPembatalanTanggal: lifted ? wireDay(lifted.sk.date) : null,
    hukdisYangDiberhentikanId: null,
    keterangan: null,
    path: NO_DOCUMENTS,
  };
}

const TELL_THE_SANCTION_FIRST =
  'hukuman yang dibatalkan belum ada di SIASN; kirim dahulu / SIASN has not been told of the sanction itself';
const UNKNOWN = new Missing('hukuman yang dibatalkan tidak dikenal / the sanction is not known');

type Said = Pick<
  Cells<'hukdis'>,
  | 'jenisHukumanId'
  | 'jenisTingkatHukumanId'
  | 'alasanHukumanDisiplinId'
  | 'kedudukanHukumId'
  | 'golonganLama'
  | 'hukumanTanggal'
  | 'masaTahun'
  | 'masaBulan'
  | 'akhirHukumanTanggal'
  | 'nomorPp'
  | 'skNomor'
  | 'skTanggal'
>;

const NOT_THERE: Said = {
  jenisHukumanId: UNKNOWN,
  jenisTingkatHukumanId: UNKNOWN,
  alasanHukumanDisiplinId: UNKNOWN,
  kedudukanHukumId: UNKNOWN,
  golonganLama: UNKNOWN,
  hukumanTanggal: UNKNOWN,
  masaTahun: UNKNOWN,
  masaBulan: UNKNOWN,
  akhirHukumanTanggal: UNKNOWN,
  nomorPp: UNKNOWN,
  skNomor: UNKNOWN,
  skTanggal: UNKNOWN,
};

function sanction({ jenis, tingkat, tmt, until, sk }: SanctionImposed['data'], codes: SiasnCodes): Said {
  const { lasts, demotes } = hukuman(jenis);
  const months = typeof lasts === 'number' ? lasts : 0;
  return {
    jenisHukumanId: HUKUMAN_DISIPLIN[jenis].siasn,
    jenisTingkatHukumanId: TINGKAT[tingkat],
    alasanHukumanDisiplinId: toFill('alasan hukuman disiplin'),
    kedudukanHukumId: needed(codeFor(codes, 'kedudukanHukumId', jenis), `kedudukanHukumId ${jenis}`),
    golonganLama: demotes ? toFill('golongan lama') : null,
    hukumanTanggal: wireDay(tmt),
    masaTahun: String(Math.floor(months / 12)),
    masaBulan: String(months % 12),
    akhirHukumanTanggal: until === undefined ? null : wireDay(until),
    nomorPp: sk.date >= PP_94_IN_FORCE ? 'PP 94 TAHUN 2021' : 'PP 53 TAHUN 2010',
    skNomor: sk.number,
    skTanggal: wireDay(sk.date),
  };
}

const held = (code: string | undefined, what: string): Cell =>
  code ??
  new Missing(`${what} pada hari itu tidak diketahui, atau tanpa kode / no ${what} on that day, or no code`);
