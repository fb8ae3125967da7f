import { type Awarded, type CivilServant, type Context, factsOf } from './civil-servant.ts';
import { refuse } from './event.ts';
import { onceInACareer } from './penghargaan.ts';
import { possibleTmt, type Rule, record, registered } from './rules.ts';

const once: Rule<Awarded> = ({ jenis, sk }, servant) =>
  factsOf(servant, 'Awarded').some(
    ({ data }) => data.jenis === jenis && (onceInACareer(jenis) || data.sk.number === sk.number),
  )
    ? refuse('already-awarded', `${jenis} is on the record`, 'PP 35/2010', 'jenis')
    : undefined;

export const award = (data: Awarded['data'], servant: CivilServant, context: Context) =>
  record<Awarded>({ type: 'Awarded', data }, [registered, possibleTmt, once], servant, context);
