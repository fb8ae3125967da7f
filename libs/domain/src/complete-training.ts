import { type CivilServant, type Context, factsOf, type TrainingCompleted } from './civil-servant.ts';
import { refuse } from './event.ts';
import { refTo } from './rule-set.ts';
import { possibleDate, type Rule, record, registered } from './rules.ts';
import { JP_RULES } from './training.ts';

/** What is claimed; `jpRecognised` is what the verifier grants, all of it where none says otherwise. */
export type CompleteTraining = Omit<TrainingCompleted['data'], 'ruleSet' | 'jpRecognised'> & {
  readonly jpRecognised?: number;
};

const possibleDays: Rule<TrainingCompleted> = ({ from, to }, _, { born }) =>
  possibleDate(from, 'from', born) ??
  possibleDate(to, 'to', born) ??
  (to < from
    ? refuse('ends-before-it-begins', `${to} lies before ${from}`, 'Peraturan LAN 10/2018', 'to')
    : undefined);

const notAhead: Rule<TrainingCompleted> = ({ to }, _, { today }) =>
  to > today ? refuse('not-completed-yet', `it ends on ${to}`, 'Peraturan LAN 10/2018', 'to') : undefined;

const MOST_JP = 2_000;

const jpInOrder: Rule<TrainingCompleted> = ({ jpClaimed, jpRecognised }) => {
  if (!Number.isInteger(jpClaimed) || jpClaimed < 1 || jpClaimed > MOST_JP)
    return refuse(
      'jp-out-of-range',
      `${jpClaimed} JP; 1 to ${MOST_JP}`,
      'Peraturan LAN 10/2018',
      'jpClaimed',
    );
  return !Number.isInteger(jpRecognised) || jpRecognised < 0 || jpRecognised > jpClaimed
    ? refuse(
        'more-than-claimed',
        `${jpRecognised} of ${jpClaimed} JP`,
        'Peraturan LAN 10/2018',
        'jpRecognised',
      )
    : undefined;
};

/** A certificate counts once: its number, from its organiser. */
const certificateOnce: Rule<TrainingCompleted> = ({ certificate, organiser }, servant) =>
  certificate !== undefined &&
  factsOf(servant, 'TrainingCompleted').some(
    ({ data }) => data.certificate === certificate && data.organiser === organiser,
  )
    ? refuse(
        'certificate-already-recorded',
        `certificate ${certificate}`,
        'Peraturan LAN 10/2018',
        'certificate',
      )
    : undefined;

export function completeTraining(asked: CompleteTraining, servant: CivilServant, context: Context) {
  const data = { ...asked, jpRecognised: asked.jpRecognised ?? asked.jpClaimed, ruleSet: refTo(JP_RULES) };
  const rules = [registered, possibleDays, notAhead, jpInOrder, certificateOnce];
  return record<TrainingCompleted>({ type: 'TrainingCompleted', data }, rules, servant, context);
}
