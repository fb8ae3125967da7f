import { addMonths, type LegalDate } from './calendar.ts';
import {
  type CivilServant,
  type Context,
  factsOf,
  type SanctionImposed,
  type SanctionLifted,
} from './civil-servant.ts';
import { refuse } from './event.ts';
import { type HukumanDisiplin, hukuman } from './hukuman-disiplin.ts';
import { possibleTmt, type Rule, record, registered } from './rules.ts';

/** What a SK says; the tingkat follows from the kind, and the end from the kind's duration. */
export type ImposeSanction = Omit<SanctionImposed['data'], 'tingkat'>;

/** The day a hukuman ends: its TMT where it has no time of its own; undefined: never (PP 94/2021 Pasal 8). */
export function lawfulEnd(jenis: HukumanDisiplin, tmt: LegalDate): LegalDate | undefined {
  const { lasts } = hukuman(jenis);
  if (lasts === 'for-good') return undefined;
  return lasts === 'at-once' ? tmt : addMonths(tmt, lasts);
}

const kindInForce: Rule<SanctionImposed> = ({ jenis, sk }) => {
  const { from, until } = hukuman(jenis);
  return (from !== undefined && sk.date < from) || (until !== undefined && sk.date >= until)
    ? refuse(
        'kind-not-in-force',
        `${jenis} did not exist on ${sk.date}`,
        'PP 94/2021 Pasal 8; PP 53/2010',
        'jenis',
      )
    : undefined;
};

const lawfulDuration: Rule<SanctionImposed> = ({ jenis, tmt, until }) => {
  const end = lawfulEnd(jenis, tmt);
  return until === end
    ? undefined
    : refuse(
        'wrong-end',
        `${jenis} from ${tmt} ends on ${end ?? 'no day'}, not on ${until ?? 'no day'}`,
        'PP 94/2021 Pasal 8',
        'until',
      );
};

const sanctionOnce: Rule<SanctionImposed> = ({ sk }, servant) =>
  factsOf(servant, 'SanctionImposed').some(
    ({ data }) => data.sk.number === sk.number && data.sk.date === sk.date,
  )
    ? refuse('sk-already-recorded', `SK ${sk.number} imposes a sanction already`, 'PP 94/2021', 'sk/number')
    : undefined;

export function imposeSanction(asked: ImposeSanction, servant: CivilServant, context: Context) {
  const { until = lawfulEnd(asked.jenis, asked.tmt), ...rest } = asked;
  const data = { ...rest, tingkat: hukuman(asked.jenis).tingkat, ...(until === undefined ? {} : { until }) };
  const rules = [registered, possibleTmt, kindInForce, lawfulDuration, sanctionOnce];
  return record<SanctionImposed>({ type: 'SanctionImposed', data }, rules, servant, context);
}

/** A sanction that has no time of its own (a teguran) can be cancelled on any day after it. */
const isOutside = (day: LegalDate, { jenis, tmt, until }: SanctionImposed['data']): boolean =>
  day < tmt || (hukuman(jenis).lasts !== 'at-once' && until !== undefined && day > until);

const liftsOne: Rule<SanctionLifted> = ({ sanction, tmt }, servant) => {
  const imposed = factsOf(servant, 'SanctionImposed').find(({ event }) => event === sanction);
  if (!imposed)
    return refuse('no-such-sanction', 'no standing sanction has this id', 'PP 94/2021', 'sanction');
  if (factsOf(servant, 'SanctionLifted').some(({ data }) => data.sanction === sanction))
    return refuse('already-lifted', 'this sanction was lifted before', 'PP 94/2021', 'sanction');
  return isOutside(tmt, imposed.data)
    ? refuse(
        'outside-the-sanction',
        `it runs from ${imposed.data.tmt} to ${imposed.data.until}`,
        'PP 94/2021',
        'tmt',
      )
    : undefined;
};

export const liftSanction = (data: SanctionLifted['data'], servant: CivilServant, context: Context) =>
  record<SanctionLifted>(
    { type: 'SanctionLifted', data },
    [registered, possibleTmt, liftsOne],
    servant,
    context,
  );
