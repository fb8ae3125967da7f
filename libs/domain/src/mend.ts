import { appoint } from './appoint.ts';
import { appraise } from './appraise.ts';
import { award } from './award.ts';
import {
  type Annulled,
  type CivilServant,
  type Context,
  type Corrected,
  type Fact,
  type FactEvent,
  factsOf,
  type Sk,
} from './civil-servant.ts';
import { completeTraining } from './complete-training.ts';
import { type Decision, isRefusal, type Refusal, refuse, same } from './event.ts';
import { place } from './place.ts';
import { promote } from './promote.ts';
import { register } from './register.ts';
import { erased } from './rules.ts';
import { imposeSanction, liftSanction } from './sanction.ts';

/** Nothing is corrected in place: a later event names the one it undoes, and says why (house rule; UU 27/2022 Pasal 6). */
export type Annul = Annulled['data'];
export type Correct = {
  readonly event: string;
  readonly because: string;
  readonly sk?: Sk;
  readonly fact: FactEvent;
};

const BASIS = 'UU 27/2022 Pasal 6; PP 71/2019 Pasal 22';

export function annul(asked: Annul, servant: CivilServant): Decision<Annulled> {
  const target = standing(asked.event, servant);
  if (isRefusal(target)) return target;
  if (target.type === 'Registered' && servant.facts.length > 1)
    return refuse('others-rest-on-it', 'annul the facts of this person first', BASIS, 'event');
  const lifted = liftedBefore(target, servant);
  if (lifted) return lifted;
  return [{ type: 'Annulled', data: asked }];
}

/** Replaces a standing fact by another of the same type, under the same rules as if the old one had never been. */
export function correct(asked: Correct, servant: CivilServant, context: Context): Decision<Corrected> {
  const target = standing(asked.event, servant);
  if (isRefusal(target)) return target;
  if (target.type !== asked.fact.type)
    return refuse('another-type', `${asked.event} is ${target.type}`, BASIS, 'fact/type');
  const lifted = liftedBefore(target, servant);
  if (lifted) return lifted;
  const without = { ...servant, facts: servant.facts.filter((fact) => fact !== target) };
  const decided = decide(asked.fact, without, context);
  if (isRefusal(decided)) return decided;
  const [replacement] = decided;
  if (!replacement) return refuse('stands-already', 'another event says this already', BASIS, 'fact');
  if (same(replacement.data, target.data)) return [];
  const { event, because, sk } = asked;
  const data = {
    event,
    because,
    ...(sk ? { sk } : {}),
    replacement: { type: target.type, data: replacement.data },
  };
  return [{ type: 'Corrected', data: data as Corrected['data'] }];
}

/** A lifting names the sanction it lifts: the sanction cannot go, or get another id, under it. */
function liftedBefore({ event }: Fact, servant: CivilServant): Refusal | undefined {
  const lifting = factsOf(servant, 'SanctionLifted').find(({ data }) => data.sanction === event);
  return lifting && refuse('others-rest-on-it', `annul its lifting (${lifting.event}) first`, BASIS, 'event');
}

function standing(event: string, servant: CivilServant): Fact | Refusal {
  return (
    erased(servant) ??
    servant.facts.find((fact) => fact.event === event) ??
    refuse(
      'no-standing-event',
      'no standing fact has this id: it never was, or was annulled or corrected',
      BASIS,
      'event',
    )
  );
}

/** The decision that puts a fact of each type on the record. */
function decide(
  fact: FactEvent,
  servant: CivilServant,
  context: Context,
): Decision<{ type: string; data: unknown }> {
  switch (fact.type) {
    case 'Registered':
      return register(fact.data, servant, context);
    case 'Placed':
      return place(fact.data, servant, context);
    case 'Appointed':
      return appoint(fact.data, servant, context);
    case 'Promoted':
      return promote(fact.data, servant, context);
    case 'AppraisalScored':
      return appraise(fact.data, servant, context);
    case 'TrainingCompleted':
      return completeTraining(fact.data, servant, context);
    case 'SanctionImposed':
      return imposeSanction(fact.data, servant, context);
    case 'SanctionLifted':
      return liftSanction(fact.data, servant, context);
    case 'Awarded':
      return award(fact.data, servant, context);
  }
}
