import { ApiExtraModels } from '@nestjs/swagger';
import { Allow } from 'class-validator';
import { Appointment } from './appointments.http.ts';
import { Appraisal, Periodik, Tahunan } from './appraisals.http.ts';
import { Award } from './awards.http.ts';
import { Nested, OneOf, Uuid } from './body.ts';
import { Placement } from './placements.http.ts';
import { Promotion } from './promotions.http.ts';
import { Registration } from './registration.ts';
import { Lifting, Sanction } from './sanctions.http.ts';
import { Training } from './trainings.http.ts';

/** A lifting, with the sanction that it lifts. */
export class LiftingOf extends Lifting {
  @Uuid()
  sanction: string;
}

type Of<T> = new () => T;

/** What each type of fact says, checked by the class that checks it at its own door. */
const DATA: Readonly<Record<string, Of<object>>> = {
  Registered: Registration,
  Placed: Placement,
  Appointed: Appointment,
  Promoted: Promotion,
  AppraisalScored: Appraisal,
  TrainingCompleted: Training,
  SanctionImposed: Sanction,
  SanctionLifted: LiftingOf,
  Awarded: Award,
};

/** A class of `{ type, data }` for one type of fact. */
function factClass(type: string, kind: Of<object>): Of<object> {
  const { [`${type}Fact`]: made = Object } = { [`${type}Fact`]: class {} as Of<object> };
  OneOf([type])(made.prototype, 'type');
  Nested(() => kind)(made.prototype, 'data');
  ApiExtraModels(Tahunan, Periodik)(made);
  return made;
}

/** The class of a fact by its type. */
export const FACTS: Readonly<Record<string, Of<object>>> = Object.fromEntries(
  Object.entries(DATA).map(([type, kind]) => [type, factClass(type, kind)]),
);

/** A fact of a type that nobody knows. */
export class SomeFact {
  @OneOf(Object.keys(DATA))
  type: string;

  @Allow()
  data: unknown;
}
