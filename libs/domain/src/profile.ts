import type { LegalDate } from './calendar.ts';
import { appointmentOn, daysOf, endOf, placementOn, promotionOn, sanctionsOn, yearlyOn } from './career.ts';
import { type CivilServant, type Fact, factsOf } from './civil-servant.ts';
import { pangkatOf } from './golongan.ts';
import type { Predikat } from './predikat.ts';

/** The day from which a fact has effect: its TMT, the end of an appraised period, the end of a training. */
export function effectiveFrom(fact: Fact): LegalDate {
  if (fact.type === 'AppraisalScored') return daysOf(fact.data.period).to;
  return fact.type === 'TrainingCompleted' ? fact.data.to : fact.data.tmt;
}

type Yearly = { readonly year: number; readonly predikat: Predikat; readonly event: string };
type Hours = { readonly year: number; readonly jpClaimed: number; readonly jpRecognised: number };
type Serving = Fact & { type: 'SanctionImposed' };
type FactData<T extends Fact['type']> = Extract<Fact, { type: T }>['data'];
type Held<T extends Fact['type']> = (FactData<T> & { readonly event: string }) | undefined;

/** What the record says of a person on one day. `upcoming` are decisions whose TMT lies after it. */
export type Profile = {
  readonly registered: Held<'Registered'>;
  readonly promotion: (Held<'Promoted'> & { readonly pangkat?: string }) | undefined;
  readonly placement: Held<'Placed'>;
  readonly appointment: Held<'Appointed'>;
  /** Jabatan held besides the definitive one (Plt., Plh., tugas tambahan), the latest of each. */
  readonly besides: readonly NonNullable<Held<'Appointed'>>[];
  readonly predikat: readonly Yearly[];
  readonly training: readonly Hours[];
  readonly serving: readonly (Serving['data'] & { readonly event: string; readonly ends?: LegalDate })[];
  readonly sanctions: number;
  readonly awards: readonly NonNullable<Held<'Awarded'>>[];
  readonly upcoming: readonly Fact[];
};

/** The profile on a day, from the facts known. */
export function profileOn(known: Pick<CivilServant, 'facts'>, date: LegalDate): Profile {
  const facts = known.facts.filter((fact) => effectiveFrom(fact) <= date);
  const now = { facts };
  const promotion = held(promotionOn(now, date));
  const pangkat = promotion && pangkatOf(promotion.golongan);
  return {
    registered: held(factsOf(now, 'Registered')[0]),
    promotion: promotion && (pangkat === undefined ? promotion : { ...promotion, pangkat }),
    placement: held(placementOn(now, date)),
    appointment: held(appointmentOn(now, date)),
    besides: besides(now),
    predikat: yearlyOn(now, date).map(({ data, event }) => ({
      year: data.period.year,
      predikat: data.predikat,
      event,
    })),
    training: hours(now),
    serving: sanctionsOn(now, date).map((sanction) => {
      const ends = endOf(known, sanction);
      return { ...sanction.data, event: sanction.event, ...(ends === undefined ? {} : { ends }) };
    }),
    sanctions: factsOf(now, 'SanctionImposed').length,
    awards: factsOf(now, 'Awarded').map(({ data, event }) => ({ ...data, event })),
    upcoming: known.facts.filter((fact) => 'tmt' in fact.data && fact.data.tmt > date),
  };
}

function held<D extends object>(
  fact: { readonly data: D; readonly event: string } | undefined,
): (D & { readonly event: string }) | undefined {
  return fact && { ...fact.data, event: fact.event };
}

/** The latest appointment of each jabatan that is not held definitively. */
function besides(now: Pick<CivilServant, 'facts'>): NonNullable<Held<'Appointed'>>[] {
  const latest = new Map<string, NonNullable<Held<'Appointed'>>>();
  for (const { data, event } of factsOf(now, 'Appointed')) {
    if (data.penugasan === 'definitif') continue;
    const before = latest.get(data.jabatan);
    if (!before || before.tmt <= data.tmt) latest.set(data.jabatan, { ...data, event });
  }
  return [...latest.values()];
}

function hours(now: Pick<CivilServant, 'facts'>): Hours[] {
  const years = new Map<number, Hours>();
  for (const { data } of factsOf(now, 'TrainingCompleted')) {
    const { jpClaimed = 0, jpRecognised = 0 } = years.get(data.year) ?? {};
    years.set(data.year, {
      year: data.year,
      jpClaimed: jpClaimed + data.jpClaimed,
      jpRecognised: jpRecognised + data.jpRecognised,
    });
  }
  return [...years.values()].sort((a, b) => a.year - b.year);
}

/** The first day after `date` on which the profile changes by itself: a TMT comes, a sanction ends. */
export function changesAfter(known: Pick<CivilServant, 'facts'>, date: LegalDate): LegalDate | undefined {
  const days = known.facts.flatMap((fact) => {
    const end = fact.type === 'SanctionImposed' ? endOf(known, fact) : undefined;
    return end === undefined ? [effectiveFrom(fact)] : [effectiveFrom(fact), end];
  });
  return days.filter((day) => day > date).sort()[0];
}
