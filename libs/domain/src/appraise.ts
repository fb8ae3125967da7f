import { yearOf } from './calendar.ts';
import { daysOf, periodKey, placementOn } from './career.ts';
import { type AppraisalScored, type CivilServant, type Context, factsOf } from './civil-servant.ts';
import { type Decision, isRefusal, refuse } from './event.ts';
import type { Predikat } from './predikat.ts';
import { PREDIKAT_RULES, predikatOf } from './predikat.ts';
import { refTo } from './rule-set.ts';
import { type Rule, record, registered } from './rules.ts';

/** What an official states; the predikat is never stated, it follows. */
export type Appraise = Omit<AppraisalScored['data'], 'predikat' | 'ruleSet'>;

const periodInOrder: Rule<AppraisalScored> = ({ period }) =>
  period.kind === 'periodik' && !(period.from >= 1 && period.to <= 12 && period.from <= period.to)
    ? refuse(
        'no-such-period',
        `months ${period.from} to ${period.to}`,
        'PermenPANRB 6/2022 Pasal 5',
        'period',
      )
    : undefined;

const schemeInForce: Rule<AppraisalScored> = ({ period }) =>
  period.year < yearOf(PREDIKAT_RULES.from)
    ? refuse(
        'scheme-not-in-force',
        `${period.year} was scored in numbers; the kuadran counts from ${PREDIKAT_RULES.from}`,
        'PermenPANRB 6/2022; PP 30/2019 Pasal 41',
        'period/year',
      )
    : undefined;

/** The yearly evaluation runs from the end of December, the periodic one from the period's last month. */
const notAhead: Rule<AppraisalScored> = ({ period }, _, { today }) =>
  `${daysOf(period).to.slice(0, 7)}-01` > today
    ? refuse('period-not-over', `${periodKey(period)} is not over`, 'PermenPANRB 6/2022, lampiran', 'period')
    : undefined;

const notOneself: Rule<AppraisalScored> = ({ penilai }, _, { subject }) =>
  penilai.subject !== undefined && penilai.subject === subject
    ? refuse('rates-oneself', 'nobody appraises oneself', 'PP 30/2019; PermenPANRB 6/2022', 'penilai')
    : undefined;

const oncePerPeriod: Rule<AppraisalScored> = ({ period }, servant) => {
  const key = periodKey(period);
  const scored = factsOf(servant, 'AppraisalScored').find(({ data }) => periodKey(data.period) === key);
  return scored
    ? refuse(
        'period-already-scored',
        `${key} carries predikat ${scored.data.predikat}; correct that event (${scored.event}) instead`,
        'PermenPANRB 6/2022 Pasal 5',
        'period',
      )
    : undefined;
};

export const APPRAISAL_RULES: readonly Rule<AppraisalScored>[] = [
  registered,
  periodInOrder,
  schemeInForce,
  notAhead,
  notOneself,
  oncePerPeriod,
];

/**
 * Scores a year or a period. Gives the appraisal; where `imported` is another predikat than the matrix makes, also a
 * finding that names it (proof: PermenPANRB 6/2022, lampiran p. 99).
 */
export function appraise(
  asked: Appraise,
  servant: CivilServant,
  context: Context,
  imported?: Predikat,
): Decision<AppraisalScored | MatrixAnomaly> {
  const predikat = predikatOf(asked.hasil, asked.perilaku);
  const unit = asked.unit ?? placementOn(servant, daysOf(asked.period).to)?.data.unit;
  const data = { ...asked, ...(unit ? { unit } : {}), predikat, ruleSet: refTo(PREDIKAT_RULES) };
  const decided = record<AppraisalScored>(
    { type: 'AppraisalScored', data },
    APPRAISAL_RULES,
    servant,
    context,
  );
  if (isRefusal(decided) || decided.length === 0 || imported === undefined || imported === predikat)
    return decided;
  return [...decided, matrixAnomaly(context.id(0), imported, predikat)];
}

type MatrixAnomaly = ReturnType<typeof matrixAnomaly>;

const matrixAnomaly = (about: string, imported: Predikat, computed: Predikat) =>
  ({
    type: 'FindingRecorded',
    data: {
      kind: 'matrix-anomaly',
      about,
      fields: ['predikat'],
      before: { predikat: imported },
      after: { predikat: computed },
    },
  }) as const;
