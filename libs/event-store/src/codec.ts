import type { DomainEvent } from '@app/domain/domain-event';
import type { Draft, Metadata, Recorded } from '@app/domain/event';
import { canonical } from './canonical.ts';
import { MAX_LEAF_BYTES, type NewEvent, NotStorable, type StoredEvent } from './event-store.ts';

export type { DomainEvent };

/** An event whose stored type or shape nobody here knows: a newer version wrote it, or something else did. */
export class UnknownShape extends Error {}

type Reader = (data: never) => DomainEvent['data'];
const asStored: Reader = (data) => data;

/**
 * How each stored shape is read. A changed shape gets a new stored type (`Promoted.v2`) that the writer uses from then
 * on, the old one a reader that gives today's meaning, and a golden sample each (`test/golden`).
 */
const SHAPES: Readonly<Record<DomainEvent['type'], Reader>> = {
  Registered: asStored,
  Placed: asStored,
  Appointed: asStored,
  Promoted: asStored,
  AppraisalScored: asStored,
  TrainingCompleted: asStored,
  SanctionImposed: asStored,
  SanctionLifted: asStored,
  Awarded: asStored,
  Annulled: asStored,
  Corrected: asStored,
  FindingRecorded: asStored,
  ErasureProposed: asStored,
  ErasureApproved: asStored,
  ErasureRefused: asStored,
  LegalHoldPlaced: asStored,
  LegalHoldLifted: asStored,
  UnitRecorded: asStored,
  EvidenceKept: asStored,
  EvidenceErased: asStored,
  RuleSetPublished: asStored,
  HeadsCommitted: asStored,
  AccessAnchored: asStored,
  BundleIssued: asStored,
  LogKeyChanged: asStored,
  LogRecovered: asStored,
  ApiKeyChanged: asStored,
  SubscriptionChanged: asStored,
  SiasnSubmission: asStored,
};

/** Every stored type that can be read. */
export const STORED_TYPES: readonly string[] = Object.keys(SHAPES);

/** The stored types that today mean this type: its own, and the later ones that its changed shapes got. */
export const storedTypesOf = (type: DomainEvent['type']): string[] =>
  STORED_TYPES.filter((stored) => stored === type || stored.startsWith(`${type}.v`));

/** The stored form of an event; throws `NotStorable` where JSON cannot hold it or a leaf would be too large. */
export function encode(
  id: string,
  { type, data, source }: Draft<DomainEvent>,
  metadata: Omit<Metadata, 'source'>,
): NewEvent {
  const stored = {
    id,
    type,
    data: canonical(data),
    metadata: canonical(source ? { ...metadata, source } : metadata),
  };
  const bytes = Buffer.byteLength(stored.data) + Buffer.byteLength(stored.metadata) + LEAF_FRAME_BYTES;
  if (bytes > MAX_LEAF_BYTES)
    throw new NotStorable(`${type} of ${bytes} bytes; the limit is ${MAX_LEAF_BYTES}`);
  return stored;
}

/** Room for the rest of a leaf: ids, stream, type, time, revision. */
const LEAF_FRAME_BYTES = 512;

/** What a stored event means today; throws `UnknownShape`. */
export function decode<E extends DomainEvent = DomainEvent>(
  stored: Pick<StoredEvent, 'id' | 'type' | 'stream' | 'revision' | 'recordedAt' | 'data' | 'metadata'>,
): Recorded<E> {
  const { id, type, stream, revision, recordedAt } = stored;
  const data = meaning(type, JSON.parse(stored.data));
  const metadata = JSON.parse(stored.metadata) as Metadata;
  return { id, type, stream, revision, recordedAt, data, metadata } as unknown as Recorded<E>;
}

/** Today's meaning of stored data of a type; throws `UnknownShape`. */
export function meaning(type: string, data: unknown): unknown {
  const reader = Object.hasOwn(SHAPES, type) ? SHAPES[type as DomainEvent['type']] : undefined;
  if (!reader) throw new UnknownShape(`no reader for the stored type ${JSON.stringify(type)}`);
  return reader(data as never);
}
