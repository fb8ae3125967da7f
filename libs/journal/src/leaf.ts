import type { StoredEvent } from '@app/event-store';

/**
 * Leaf bytes of an event (proof 3.15): RFC 8785 JSON of `{v:1, id, type, stream, revision, recordedAt, data, metadata}`.
 * `data` and `metadata` are canonical already, so the members only have to stand in the order of their names.
 */
export const leafOf = ({ data, id, metadata, recordedAt, revision, stream, type }: StoredEvent): string =>
  `{"data":${data},"id":"${id}","metadata":${metadata},"recordedAt":"${recordedAt}","revision":${revision},"stream":${JSON.stringify(stream)},"type":${JSON.stringify(type)},"v":1}`;
