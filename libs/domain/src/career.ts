import { firstDay, type LegalDate, lastDay } from './calendar.ts';
import {
  type Appointed,
  type AppraisalScored,
  type CivilServant,
  type Fact,
  factsOf,
  type Period,
  type Placed,
  type Promoted,
  type SanctionImposed,
} from './civil-servant.ts';

type Facts = Pick<CivilServant, 'facts'>;
type Dated = { readonly data: { readonly tmt: LegalDate } };

/** The last of the dated facts in force on a day; of two with the same TMT, the one recorded later. */
export function latestOn<F extends Dated>(facts: readonly F[], date: LegalDate): F | undefined {
  return facts.reduce<F | undefined>(
    (last, fact) =>
      fact.data.tmt <= date && (last === undefined || fact.data.tmt >= last.data.tmt) ? fact : last,
    undefined,
  );
}

export const promotionOn = (servant: Facts, date: LegalDate): Fact<Promoted> | undefined =>
  latestOn(factsOf(servant, 'Promoted'), date);

export const placementOn = (servant: Facts, date: LegalDate): Fact<Placed> | undefined =>
  latestOn(factsOf(servant, 'Placed'), date);

/** The jabatan held definitively on a day. */
export const appointmentOn = (servant: Facts, date: LegalDate): Fact<Appointed> | undefined =>
  latestOn(
    factsOf(servant, 'Appointed').filter(({ data }) => data.penugasan === 'definitif'),
    date,
  );

/** The first and last day that a period covers. */
export function daysOf(period: Period): { from: LegalDate; to: LegalDate } {
  const { from, to } = period.kind === 'tahunan' ? { from: 1, to: 12 } : period;
  return { from: firstDay(period.year, from), to: lastDay(period.year, to) };
}

/** A period in a word: `2025`, or `2025-01..03`. */
export const periodKey = (period: Period): string =>
  period.kind === 'tahunan'
    ? String(period.year)
    : `${period.year}-${String(period.from).padStart(2, '0')}..${String(period.to).padStart(2, '0')}`;

/** The yearly appraisals of years that are over by a day, oldest first. */
export const yearlyOn = (servant: Facts, date: LegalDate): Fact<AppraisalScored>[] =>
  factsOf(servant, 'AppraisalScored')
    .filter(({ data }) => data.period.kind === 'tahunan' && daysOf(data.period).to <= date)
    .sort((a, b) => a.data.period.year - b.data.period.year);

/** The day a sanction ends: as imposed, or as lifted before that; undefined: never. */
export function endOf(servant: Facts, sanction: Fact<SanctionImposed>): LegalDate | undefined {
  const lifted = factsOf(servant, 'SanctionLifted').find(({ data }) => data.sanction === sanction.event);
  return lifted?.data.tmt ?? sanction.data.until;
}

/** The sanctions being served on a day: from TMT, to the day before the end. */
export const sanctionsOn = (servant: Facts, date: LegalDate): Fact<SanctionImposed>[] =>
  factsOf(servant, 'SanctionImposed').filter((sanction) => {
    const end = endOf(servant, sanction);
    return sanction.data.tmt <= date && (end === undefined || date < end);
  });
