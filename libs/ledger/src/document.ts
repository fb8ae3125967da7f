import { type Evidence, isRefusal, type Refusal, refuse } from '@app/domain/event';
import {
  type Document,
  EVIDENCE,
  type EvidenceEvent,
  evidenceStream,
  keepEvidence,
} from '@app/domain/evidence';
import { type Asking, decode, type EventStore, type Receipt, type Transact } from '@app/event-store';
import type { EvidenceStore, Taking } from './evidence.ts';

/** Where the log is written and read. */
export type Log = { readonly store: EventStore; readonly transact: Transact };

/** What the log says of a document: when it says nothing, it was never kept. */
export async function documentOf(store: EventStore, sha256: string): Promise<Document> {
  const events = await store.read(evidenceStream(sha256));
  return events.reduce(
    (document, stored) => EVIDENCE.evolve(document, decode<EvidenceEvent>(stored)),
    EVIDENCE.initial,
  );
}

/**
 * Keeps a document: first the content, then the event, so that what is on the record is never missing. Gives the
 * receipt with what is kept; of one that is refused nothing is kept. Throws what `EvidenceStore.put` throws.
 */
export async function keepDocument(
  log: Log,
  documents: EvidenceStore,
  asking: Asking,
  content: AsyncIterable<Uint8Array>,
  taking: Omit<Taking, 'refuse'>,
): Promise<(Receipt & Evidence) | Refusal> {
  const put = await documents.put(content, {
    ...taking,
    refuse: async (document) => {
      const decided = keepEvidence(document, await documentOf(log.store, document.sha256));
      return isRefusal(decided) ? decided : undefined;
    },
  });
  if (isRefusal(put)) return put;
  const { isNew, ...document } = put;
  const stream = evidenceStream(document.sha256);
  const outcome = await log.transact(EVIDENCE, stream, asking, (known) => keepEvidence(document, known));
  if ('moved' in outcome) throw new Error('a document is kept whatever its revision');
  if (isRefusal(outcome)) {
    // Destroyed by a decision while it came.
    if (isNew) await documents.erase(document.sha256);
    return outcome;
  }
  const { kept = document } = await documentOf(log.store, document.sha256);
  return { ...kept, ...outcome };
}

/** A refusal where a document that is named was never kept, or is another than it is said to be; the field is in it. */
export async function unknownEvidence(
  store: EventStore,
  named: readonly Evidence[] = [],
): Promise<Refusal | undefined> {
  const documents = await Promise.all(named.map(({ sha256 }) => documentOf(store, sha256)));
  for (const [n, evidence] of named.entries()) {
    const field = wrongField(evidence, documents[n]?.kept);
    if (field)
      return refuse(
        'evidence-unknown',
        `no document of this ${field} is kept`,
        BASIS,
        `evidence/${n}/${field}`,
      );
  }
  return undefined;
}

/** A refusal where a document was never kept, for what is to be destroyed. */
export async function unkeptDocument(
  store: EventStore,
  hashes: readonly string[],
): Promise<Refusal | undefined> {
  for (const [n, sha256] of hashes.entries())
    if (!(await documentOf(store, sha256)).kept)
      return refuse('evidence-unknown', 'no such document was ever kept', BASIS, `evidence/${n}`);
  return undefined;
}

const BASIS = 'docs/adr/0011';

const wrongField = (named: Evidence, kept?: Evidence): keyof Evidence | undefined =>
  (['sha256', 'size', 'mediaType'] as const).find((field) => named[field] !== kept?.[field]);

/** A document's content for a bundle, or why there is none: destroyed by a decision, never kept, or kept and gone. */
export async function contentOf(
  store: EventStore,
  documents: EvidenceStore,
  sha256: string,
): Promise<Buffer | 'erased' | 'not-kept' | 'lost'> {
  const content = await documents.read(sha256);
  if (content) return Buffer.concat(await content.toArray());
  const { kept, erasedBy } = await documentOf(store, sha256);
  if (erasedBy !== undefined) return 'erased';
  return kept ? 'lost' : 'not-kept';
}
