import type { LegalDate } from '@app/domain/calendar';
import { type CivilServant, factsOf, type Sk } from '@app/domain/civil-servant';
import {
  HUKUMAN_DISIPLIN,
  type HukumanDisiplin,
  hukuman,
  JENIS_HUKUMAN,
  type Tingkat,
} from '@app/domain/hukuman-disiplin';
import { type ImposeSanction, imposeSanction, lawfulEnd, liftSanction } from '@app/domain/sanction';
import type { Reader } from './reader.ts';
import type { Row } from './row.ts';
import { type Decide, inTurn, type Said, type Seen } from './statement.ts';

const JENIS_BY_CODE: Readonly<Record<string, HukumanDisiplin>> = Object.fromEntries(
  JENIS_HUKUMAN.map((jenis) => [HUKUMAN_DISIPLIN[jenis].siasn, jenis]),
);
const TINGKAT_BY_CODE: Readonly<Record<string, Tingkat>> = { R: 'ringan', S: 'sedang', B: 'berat' };

/** rw-hukdis: a hukuman disiplin (PP 94/2021 Pasal 8) and, where a SK cancelled it, its end. */
export const hukdis: Reader = (row) => {
  row.needText('jenisHukuman');
  const jenis = row.code('jenisHukuman', JENIS_BY_CODE) ?? 'teguran-lisan';
  const tingkat = row.code('jenisTingkatHukumanId', TINGKAT_BY_CODE);
  if (tingkat !== undefined && tingkat !== hukuman(jenis).tingkat)
    row.blame('codes-disagree', `${jenis} is not ${tingkat}`, 'jenisTingkatHukumanId', 'PP 94/2021 Pasal 8');
  const tmt = row.needDate('hukumanTanggal');
  const sk: Sk = { number: row.needText('skNomor'), date: row.needDate('skTanggal') };
  const end = row.date('akhirHukumTanggal') ?? row.date('akhirHukumanTanggal');
  const until = end ?? (row.fault ? undefined : lawfulEnd(jenis, tmt));
  const asked: ImposeSanction = { jenis, tmt, sk, ...(until === undefined ? {} : { until }) };
  const lift = liftingIn(row);
  const impose: Decide = (servant, context) => imposeSanction(asked, servant, context);
  return {
    date: tmt,
    said: { until: undefined, ...asked, tingkat: hukuman(jenis).tingkat, lifted: lift?.tmt },
    before,
    decide: lift
      ? inTurn(impose, (servant, context) => lifting(lift, bySk(servant, sk))(servant, context))
      : impose,
    ...(lift
      ? {
          later:
            (seen: Seen): Decide =>
            (servant, context) =>
              isLifted(servant, seen.event) ? [] : lifting(lift, seen.event)(servant, context),
        }
      : {}),
  };
};

type Lift = { readonly tmt: LegalDate; readonly sk: Sk };

function liftingIn(row: Row): Lift | undefined {
  const sk = row.sk('skPembatalanNomor', 'skPembatalanTanggal');
  return sk && { tmt: sk.date, sk };
}

const lifting =
  (lift: Lift, sanction: string): Decide =>
  (servant, context) =>
    liftSanction({ sanction, because: 'SK pembatalan (rw-hukdis)', ...lift }, servant, context);

const bySk = (servant: CivilServant, sk: Sk): string =>
  factsOf(servant, 'SanctionImposed').find(
    ({ data }) => data.sk.number === sk.number && data.sk.date === sk.date,
  )?.event ?? '';

const isLifted = (servant: CivilServant, sanction: string): boolean =>
  factsOf(servant, 'SanctionLifted').some(({ data }) => data.sanction === sanction);

/** A row that also lifted has the lifting's TMT and SK on top: the sanction's own stand in its fact. */
function before(servant: CivilServant, { event, said }: Seen): Said {
  const lift = factsOf(servant, 'SanctionLifted').find(({ data }) => data.sanction === event);
  const imposed = factsOf(servant, 'SanctionImposed').find((fact) => fact.event === event);
  if (!lift || !imposed) return said;
  return { ...said, tmt: imposed.data.tmt, sk: imposed.data.sk, lifted: lift.data.tmt };
}
