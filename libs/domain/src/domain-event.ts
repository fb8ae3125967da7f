import type { CivilServantEvent } from './civil-servant.ts';
import type { EvidenceEvent } from './evidence.ts';
import type { IntegrationEvent } from './integration.ts';
import type { LedgerEvent } from './ledger.ts';
import type { RuleSetPublished } from './rule-set.ts';
import type { SiasnSubmission } from './siasn-submission.ts';
import type { UnitEvent } from './unit.ts';

/** Everything that may be in the log, in the shape it means today. */
export type DomainEvent =
  | CivilServantEvent
  | UnitEvent
  | EvidenceEvent
  | RuleSetPublished
  | LedgerEvent
  | IntegrationEvent
  | SiasnSubmission;
