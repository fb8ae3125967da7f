import { isLegalDate, type LegalDate } from './calendar.ts';
import { type CivilServant, type Context, type FactEvent, factsOf, type Sk } from './civil-servant.ts';
import { type Decision, type Refusal, refuse, same } from './event.ts';

/** One objection a record can raise against a fact; undefined: none. */
export type Rule<E extends FactEvent> = (
  fact: E['data'],
  servant: CivilServant,
  context: Context,
) => Refusal | undefined;

/** Asked twice: nothing. Otherwise the rules in order; the first that objects is the answer. */
export function record<E extends FactEvent>(
  fact: E,
  rules: readonly Rule<E>[],
  servant: CivilServant,
  context: Context,
): Decision<E> {
  const stands = servant.facts.some(({ type, data }) => type === fact.type && same(data, fact.data));
  if (stands) return [];
  const gone = erased(servant);
  if (gone) return gone;
  for (const rule of rules) {
    const refusal = rule(fact.data, servant, context);
    if (refusal) return refusal;
  }
  return [fact];
}

/** What is known of nobody any more is closed: a fact or a finding would be about nobody (docs/adr/0014). */
export function erased({ proposals }: Pick<CivilServant, 'proposals'>): Refusal | undefined {
  const approved = proposals.find(({ state }) => state === 'approved');
  return (
    approved &&
    refuse(
      'erased',
      `who this record is about was erased by the decision on the proposal ${approved.event}`,
      'PP 28/2012; UU 27/2022 Pasal 44',
    )
  );
}

/** A fact can be put only on the record of a person who is on it. */
export const registered = (_: unknown, servant: CivilServant): Refusal | undefined =>
  factsOf(servant, 'Registered').length > 0
    ? undefined
    : refuse('not-registered', 'this person is not on the record yet; register first', 'PP 11/2017');

/** A date exists, and nothing of a career lies before birth. */
export function possibleDate(
  date: LegalDate,
  field: string,
  born: LegalDate | undefined,
): Refusal | undefined {
  if (!isLegalDate(date))
    return refuse('no-such-date', `${date} is not a day of the calendar`, 'ISO 8601', field);
  if (born !== undefined && date <= born)
    return refuse('before-birth', `${date} is not after the date of birth`, 'PP 11/2017', field);
  return undefined;
}

/** A decision in a career takes effect on a day that exists, and not before the first appointment (TMT CPNS). */
export function possibleTmt(
  { tmt, sk }: { tmt: LegalDate; sk?: Sk },
  servant: CivilServant,
  { born }: Context,
): Refusal | undefined {
  const impossible =
    possibleDate(tmt, 'tmt', born) ?? (sk ? possibleDate(sk.date, 'sk/date', born) : undefined);
  if (impossible) return impossible;
  const first = factsOf(servant, 'Registered')[0]?.data.tmt;
  return first !== undefined && tmt < first
    ? refuse('before-appointment', `TMT ${tmt} lies before TMT CPNS ${first}`, 'PP 11/2017', 'tmt')
    : undefined;
}
