import { type Classification, covers } from './classification.ts';
import type { DomainEvent } from './domain-event.ts';

/** What is said of a type of event to those outside: the version of its shape, its class, and fields held closer. */
export type Listed = {
  readonly version: number;
  readonly class: Classification;
  readonly fields?: Readonly<Record<string, Classification>>;
};

/** Every type of event: a new one does not compile until it is classed here. */
export const CATALOGUE: Readonly<Record<DomainEvent['type'], Listed>> = {
  Registered: { version: 1, class: 'internal' },
  Placed: { version: 1, class: 'internal' },
  Appointed: { version: 1, class: 'internal' },
  Promoted: { version: 1, class: 'internal' },
  AppraisalScored: { version: 1, class: 'confidential' },
  TrainingCompleted: { version: 1, class: 'internal', fields: { certificate: 'confidential' } },
  SanctionImposed: { version: 1, class: 'restricted' },
  SanctionLifted: { version: 1, class: 'restricted' },
  Awarded: { version: 1, class: 'internal' },
  Annulled: { version: 1, class: 'confidential', fields: { because: 'restricted' } },
  Corrected: { version: 1, class: 'confidential', fields: { because: 'restricted' } },
  FindingRecorded: {
    version: 1,
    class: 'confidential',
    fields: { before: 'restricted', after: 'restricted' },
  },
  ErasureProposed: { version: 1, class: 'restricted' },
  ErasureApproved: { version: 1, class: 'restricted' },
  ErasureRefused: { version: 1, class: 'restricted' },
  LegalHoldPlaced: { version: 1, class: 'restricted' },
  LegalHoldLifted: { version: 1, class: 'restricted' },
  UnitRecorded: { version: 1, class: 'internal' },
  EvidenceKept: { version: 1, class: 'internal' },
  EvidenceErased: { version: 1, class: 'internal' },
  RuleSetPublished: { version: 1, class: 'public' },
  HeadsCommitted: { version: 1, class: 'public' },
  AccessAnchored: { version: 1, class: 'public' },
  BundleIssued: { version: 1, class: 'confidential', fields: { purpose: 'restricted' } },
  LogKeyChanged: { version: 1, class: 'public' },
  LogRecovered: { version: 1, class: 'public', fields: { because: 'internal' } },
  ApiKeyChanged: { version: 1, class: 'confidential' },
  SubscriptionChanged: { version: 1, class: 'confidential' },
  SiasnSubmission: { version: 1, class: 'restricted' },
};

/** How an event is classed: as its type; a correction no lower than what it says now. */
export function classOf(event: DomainEvent): Classification {
  const own = CATALOGUE[event.type].class;
  if (event.type !== 'Corrected') return own;
  const said = CATALOGUE[event.data.replacement.type].class;
  return covers(own, said) ? own : said;
}

/** What of an event's data somebody with this clearance may read; undefined: none of it. */
export function dataFor(event: DomainEvent, clearance: Classification): object | undefined {
  if (!covers(clearance, classOf(event))) return undefined;
  const { fields = {} } = CATALOGUE[event.type];
  const isHeld = (name: string) => !covers(clearance, fields[name] ?? 'public');
  const said = withoutHeld(event.data, isHeld);
  return event.type === 'Corrected'
    ? { ...said, replacement: replaced(event.data.replacement, clearance) }
    : said;
}

const replaced = (event: DomainEvent, clearance: Classification) => ({
  type: event.type,
  data: dataFor(event, clearance),
});

function withoutHeld(data: object, isHeld: (name: string) => boolean): object {
  const kept = Object.entries(data).filter(([name]) => !isHeld(name));
  return kept.length === Object.keys(data).length ? data : Object.fromEntries(kept);
}
