import { promotionOn } from './career.ts';
import { type CivilServant, type Context, factsOf, type Promoted } from './civil-servant.ts';
import { refuse } from './event.ts';
import { isGolongan, isPns, stepsBetween } from './golongan.ts';
import { hukuman } from './hukuman-disiplin.ts';
import { possibleTmt, type Rule, record, registered } from './rules.ts';

const existing: Rule<Promoted> = ({ golongan }) =>
  isGolongan(golongan)
    ? undefined
    : refuse('no-such-golongan', `there is no golongan ${golongan as string}`, 'PP 99/2000', 'golongan');

/** Golongan I/a–IV/e are a PNS's, I–XVII a PPPK's, who has no kenaikan pangkat (PP 49/2018; Perpres 98/2020). */
const ofItsKind: Rule<Promoted> = ({ golongan, jenis }, servant) => {
  const kind = factsOf(servant, 'Registered')[0]?.data.kind;
  if (isPns(golongan) !== (kind === 'pns'))
    return refuse(
      'golongan-of-another-kind',
      `${golongan} is no golongan of a ${kind}`,
      'PP 49/2018',
      'golongan',
    );
  return kind === 'pppk' && jenis !== 'pengadaan' && jenis !== 'tidak-diketahui'
    ? refuse('pppk-has-no-kenaikan-pangkat', 'a PPPK has no kenaikan pangkat', 'PP 49/2018', 'jenis')
    : undefined;
};

const oncePerDay: Rule<Promoted> = ({ tmt }, servant) => {
  const taken = factsOf(servant, 'Promoted').find(({ data }) => data.tmt === tmt);
  return taken
    ? refuse('tmt-already-taken', `golongan ${taken.data.golongan} has this TMT`, 'PP 99/2000', 'tmt')
    : undefined;
};

/** A penurunan pangkat of PP 53/2010 in the record, whose TMT is this one, is the only way down. */
const isDemotion = (servant: CivilServant, tmt: string) =>
  factsOf(servant, 'SanctionImposed').some(({ data }) => data.tmt === tmt && hukuman(data.jenis).demotes);

/** Pangkat go up: above what was held before, below what came after. SKs may be recorded in any order. */
const upwards: Rule<Promoted> = ({ golongan, tmt }, servant) => {
  const before = promotionOn(servant, tmt);
  if (before?.data.golongan === golongan)
    return refuse('same-golongan', `${golongan} is held since ${before.data.tmt}`, 'PP 99/2000', 'golongan');
  if (before && stepsBetween(before.data.golongan, golongan) < 0 && !isDemotion(servant, tmt))
    return refuse(
      'steps-down-without-sanction',
      `${golongan} is below ${before.data.golongan}, and no penurunan pangkat takes effect on ${tmt}`,
      'PP 53/2010 Pasal 7; PP 94/2021 Pasal 8',
      'golongan',
    );
  return undefined;
};

const belowWhatFollows: Rule<Promoted> = ({ golongan, tmt }, servant) => {
  const [next] = factsOf(servant, 'Promoted')
    .filter(({ data }) => data.tmt > tmt)
    .sort((a, b) => (a.data.tmt < b.data.tmt ? -1 : 1));
  return next && stepsBetween(golongan, next.data.golongan) <= 0 && !isDemotion(servant, next.data.tmt)
    ? refuse(
        'not-below-the-next',
        `${next.data.golongan} follows on ${next.data.tmt}, which is not above ${golongan}`,
        'PP 99/2000',
        'golongan',
      )
    : undefined;
};

/** Read in order; the first that objects is the answer. */
export const PROMOTION_RULES: readonly Rule<Promoted>[] = [
  registered,
  existing,
  ofItsKind,
  possibleTmt,
  oncePerDay,
  upwards,
  belowWhatFollows,
];

export const promote = (data: Promoted['data'], servant: CivilServant, context: Context) =>
  record<Promoted>({ type: 'Promoted', data }, PROMOTION_RULES, servant, context);
