import { createHash } from 'node:crypto';
import type { StoredEvent } from '@app/event-store';

/**
 * Leaf bytes of an event (proof 3.15): RFC 8785 JSON of `{v:1, id, type, stream, revision, recordedAt, data, metadata}`.
 * `data` and `metadata` are canonical already, so the members only have to stand in the order of their names.
 */
export const leafOf = ({ data, id, metadata, recordedAt, revision, stream, type }: StoredEvent): string =>
  `{"data":${data},"id":"${id}","metadata":${metadata},"recordedAt":"${recordedAt}","revision":${revision},"stream":${JSON.stringify(stream)},"type":${JSON.stringify(type)},"v":1}`;

const LEAF = Buffer.of(0);

/** Leaf hash of RFC 6962 §2.1: SHA-256(0x00 || leaf), 32 bytes. */
export const leafHash = (leaf: string): Buffer => createHash('sha256').update(LEAF).update(leaf).digest();
