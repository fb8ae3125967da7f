import type { Appointed, CivilServant, Context } from './civil-servant.ts';
import { factsOf } from './civil-servant.ts';
import { refuse } from './event.ts';
import { possibleTmt, type Rule, record, registered } from './rules.ts';

/** On one day a person takes up a jabatan once; another SK for the same day corrects the first. */
const oncePerDay: Rule<Appointed> = ({ jabatan, penugasan, tmt }, servant) =>
  factsOf(servant, 'Appointed').some(
    ({ data }) =>
      data.tmt === tmt &&
      data.penugasan === penugasan &&
      (penugasan === 'definitif' || data.jabatan === jabatan),
  )
    ? refuse('already-appointed', `a jabatan taken up on ${tmt} is on the record`, 'PP 11/2017', 'tmt')
    : undefined;

export const appoint = (data: Appointed['data'], servant: CivilServant, context: Context) =>
  record<Appointed>({ type: 'Appointed', data }, [registered, possibleTmt, oncePerDay], servant, context);
