import { type CivilServant, type Context, factsOf, type Registered } from './civil-servant.ts';
import { type Decision, refuse } from './event.ts';
import { isPns } from './golongan.ts';
import { possibleTmt, type Rule, record } from './rules.ts';

/** A person enters the record once; a wrong entry is corrected, not repeated. */
const once: Rule<Registered> = (_, servant) =>
  factsOf(servant, 'Registered').length > 0
    ? refuse('already-registered', 'this person is on the record already', 'PP 11/2017')
    : undefined;

/** Corrected later: no decision on the record may then lie before TMT CPNS, nor a golongan be of another kind. */
const fitsTheRest: Rule<Registered> = ({ kind, tmt }, servant) => {
  const earlier = servant.facts.find(({ data }) => 'tmt' in data && data.tmt < tmt);
  if (earlier)
    return refuse('others-lie-before', `event ${earlier.event} lies before ${tmt}`, 'PP 11/2017', 'tmt');
  const another = factsOf(servant, 'Promoted').find(({ data }) => isPns(data.golongan) !== (kind === 'pns'));
  return another && refuse('golongan-of-another-kind', `event ${another.event}`, 'PP 49/2018', 'kind');
};

export const register = (data: Registered['data'], servant: CivilServant, context: Context) =>
  record(
    { type: 'Registered', data },
    [once, possibleTmt, fitsTheRest],
    servant,
    context,
  ) as Decision<Registered>;
