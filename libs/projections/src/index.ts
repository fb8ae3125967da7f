import { appraisal } from './appraisal.view.ts';
import { backdated } from './backdated.view.ts';
import { erasure } from './erasure.view.ts';
import { finding } from './finding.view.ts';
import { currentProfile } from './profile.view.ts';
import type { Projection } from './projection.ts';
import { siasnOutbox } from './siasn-outbox.view.ts';
import { training } from './training.view.ts';
import { unit } from './unit.view.ts';

export { Appraisal, type Distribution, distribution } from './appraisal.view.ts';
export { Backdated, type BackdatedWanted, backdatedAt } from './backdated.view.ts';
export { Checkpoint, CreateCheckpoints1764000000001, Parked } from './checkpoint.ts';
export { ErasureRow, erasures } from './erasure.view.ts';
export { Finding, type FindingsWanted, findingCounts, findings } from './finding.view.ts';
export { history, type Step } from './history.view.ts';
export {
  CurrentProfile,
  type Listed,
  type ProfilesWanted,
  profileAt,
  profileRow,
  profilesAt,
} from './profile.view.ts';
export type { AsOf, Projection } from './projection.ts';
export { type ViewState, Views } from './run.ts';
export {
  OUTBOX_KINDS,
  OUTBOX_STATES,
  type OutboxState,
  type OutboxWanted,
  outbox,
  outboxRow,
  SiasnOutboxRow,
} from './siasn-outbox.view.ts';
export { Training, type TrainingYear, trainingHours, trainingYears } from './training.view.ts';
export { UnitRow, type UnitThen, unitIdsByName, units } from './unit.view.ts';

/** Every view of the house. A new one is its file and a line here. */
export const VIEWS = [
  currentProfile,
  training,
  appraisal,
  finding,
  unit,
  erasure,
  siasnOutbox,
  backdated,
] as unknown as readonly Projection<never>[];
