import { type Decision, type Event, type EventId, type Evidence, type Recorded, refuse } from './event.ts';

/** A document is kept, by its content. What decided on it names the same SHA-256. */
export type EvidenceKept = Event<'EvidenceKept', Evidence>;
/** Its content was destroyed, by the decision (an event) that names it; that it was there stays on the record. */
export type EvidenceErased = Event<'EvidenceErased', { decision: EventId }>;
export type EvidenceEvent = EvidenceKept | EvidenceErased;

export const evidenceStream = (sha256: string): string => `evidence-${sha256}`;

/** What is known of a document. */
export type Document = { readonly kept?: Evidence; readonly erasedBy?: string };

export function evolveDocument(document: Document, event: Recorded<EvidenceEvent>): Document {
  switch (event.type) {
    case 'EvidenceKept':
      return { kept: event.data };
    case 'EvidenceErased':
      return { ...document, erasedBy: event.data.decision };
  }
}

/** How a stream of this category is folded. */
export const EVIDENCE = { initial: {} as Document, evolve: evolveDocument };

/** Keeps a document; one that is kept already changes nothing, one that was destroyed by a decision does not return. */
export function keepEvidence(asked: Evidence, { kept, erasedBy }: Document): Decision<EvidenceKept> {
  if (erasedBy !== undefined)
    return refuse('evidence-erased', `this document was destroyed by the decision ${erasedBy}`, 'PP 28/2012');
  return kept ? [] : [{ type: 'EvidenceKept', data: asked }];
}

/** Records that the content of a document was destroyed. */
export function eraseEvidence(decision: string, { kept, erasedBy }: Document): Decision<EvidenceErased> {
  if (!kept) return refuse('evidence-unknown', 'no such document was ever kept', 'docs/adr/0002');
  return erasedBy === undefined ? [{ type: 'EvidenceErased', data: { decision } }] : [];
}
