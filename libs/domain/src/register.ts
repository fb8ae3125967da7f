import { type CivilServant, type Context, factsOf, type Registered } from './civil-servant.ts';
import { type Decision, refuse } from './event.ts';
import { possibleTmt, type Rule, record } from './rules.ts';

/** A person enters the record once; a wrong entry is corrected, not repeated. */
const once: Rule<Registered> = (_, servant) =>
  factsOf(servant, 'Registered').length > 0
    ? refuse('already-registered', 'this person is on the record already', 'PP 11/2017')
    : undefined;

export const register = (data: Registered['data'], servant: CivilServant, context: Context) =>
  record({ type: 'Registered', data }, [once, possibleTmt], servant, context) as Decision<Registered>;
