import { type Fact, type FactEvent, factOf, subjectOf } from '@app/domain/civil-servant';
import type { Entry } from '@app/journal';
import type { Known, Projection } from './projection.ts';

/** What a view that keeps one row a fact adds for its type of fact. */
type FactRow = Known & { event: string; subject: string };

/**
 * A view of one row a fact: the event that states it opens the row, the one that annuls or corrects it closes it, and a
 * correction opens the next. So the table answers for any moment of knowledge.
 */
export function factRows<T extends FactEvent['type'], Row extends FactRow>(
  type: T,
  row: (fact: Fact<Extract<FactEvent, { type: T }>>, about: { subject: string; index: number }) => Row,
): Pick<Projection<Row>, 'types' | 'keys' | 'evolve'> {
  return {
    types: [type, 'Annulled', 'Corrected'],
    keys: (entry) => {
      if (entry.type === 'Annulled') return [entry.data.event];
      const fact = stated(entry);
      if (fact?.type !== type) return [];
      return entry.type === 'Corrected' ? [entry.data.event, entry.id] : [entry.id];
    },
    evolve: (before, entry, key) => {
      if (key !== entry.id) return before && { ...before, knownUntil: entry.index };
      const subject = subjectOf(entry.stream);
      if (subject === undefined) return undefined;
      const fact = stated(entry) as Fact<Extract<FactEvent, { type: T }>>;
      return row(fact, { subject, index: entry.index });
    },
  };
}

/** The fact that an entry states, if it states one. */
export function stated(entry: Entry): Fact | undefined {
  switch (entry.type) {
    case 'Annulled':
    case 'FindingRecorded':
    case 'ErasureProposed':
    case 'ErasureApproved':
    case 'ErasureRefused':
    case 'LegalHoldPlaced':
    case 'LegalHoldLifted':
    case 'UnitRecorded':
    case 'EvidenceKept':
    case 'EvidenceErased':
    case 'RuleSetPublished':
    case 'HeadsCommitted':
    case 'AccessAnchored':
    case 'BundleIssued':
    case 'LogKeyChanged':
    case 'LogRecovered':
    case 'ApiKeyChanged':
    case 'SubscriptionChanged':
    case 'SiasnSubmission':
      return undefined;
    case 'Corrected':
      return factOf(entry.data.replacement, entry.id);
    default:
      return factOf(entry, entry.id);
  }
}
