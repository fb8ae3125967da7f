import { CATALOGUE, classOf, dataFor } from '@app/domain/catalogue';
import { type Classification, covers } from '@app/domain/classification';
import type { DomainEvent } from '@app/domain/domain-event';
import { type Entry, entryOf, type PassedRow } from '@app/journal';

/** What somebody may be told: of events up to the class `sees`; and of those up to `reads`, what they say. */
export type Clearance = { readonly sees: Classification; readonly reads: Classification };

/** An event as it is told outside: CloudEvents 1.0 in JSON with the extensions of proof 3.20. */
export type CloudEvent = {
  readonly specversion: '1.0';
  /** @format uuid */
  readonly id: string;
  /** @format uri */
  readonly source: string;
  readonly type: string;
  /** The stream that it is in. */
  readonly subject: string;
  /**
   * When it takes effect (its TMT, at the start of that day in UTC), else when it was recorded.
   * @format date-time
   */
  readonly time: string;
  /** @format date-time */
  readonly recordedtime: string;
  /**
   * The index in the journal, in 20 digits.
   * @pattern ^[0-9]{20}$
   */
  readonly sequence: string;
  readonly partitionkey: string;
  readonly correlationid: string;
  readonly causationid?: string;
  readonly authtype: 'user' | 'service_account' | 'system';
  readonly authid: string;
  readonly dataclassification: Classification;
  readonly dataregulation: 'UUPDP';
  /**
   * The JSON Schema of `data`.
   * @format uri
   */
  readonly dataschema: string;
  /**
   * The event, with its data for who is cleared for them.
   * @format uri
   */
  readonly dataref: string;
  /**
   * Of the leaf in the transparency log, in base64url.
   * @pattern ^[A-Za-z0-9_-]{43}$
   */
  readonly leafhash: string;
  readonly datacontenttype?: 'application/json';
  /** Absent: the event is held more closely than the reader is cleared for, or says more than may be told. */
  readonly data?: object;
};

const TYPE = /^id\.jejak\.([A-Za-z]+)\.v(\d+)$/;

/** `id.jejak.Promoted.v1` */
export const outerType = (type: DomainEvent['type']): string =>
  `id.jejak.${type}.v${CATALOGUE[type].version}`;

/** The type of ours that a name means, in either form; undefined: none. */
export function innerType(name: string): DomainEvent['type'] | undefined {
  const type = TYPE.exec(name)?.[1] ?? name;
  return Object.hasOwn(CATALOGUE, type) ? (type as DomainEvent['type']) : undefined;
}

/** An entry as somebody with this clearance is told of it; undefined: not at all. `origin` ends with a slash. */
export function cloudEvent(row: PassedRow, clearance: Clearance, origin: string): CloudEvent | undefined {
  const entry = entryOf(row);
  const held = classOf(entry);
  if (!covers(clearance.sees, held)) return undefined;
  const data = dataFor(entry, clearance.reads);
  const { actor, role, correlationId, causationId } = entry.metadata;
  return {
    specversion: '1.0',
    id: entry.id,
    source: origin,
    type: outerType(entry.type),
    subject: entry.stream,
    time: effective(entry),
    recordedtime: entry.recordedAt,
    sequence: sequenceOf(entry.index),
    partitionkey: entry.stream,
    correlationid: correlationId,
    ...(causationId === undefined ? {} : { causationid: causationId }),
    authtype: AUTH_TYPES[role] ?? 'user',
    authid: actor,
    dataclassification: held,
    dataregulation: 'UUPDP',
    dataschema: `${origin}v1/schemas/${entry.type}/${CATALOGUE[entry.type].version}`,
    dataref: `${origin}v1/events/${entry.id}`,
    leafhash: Buffer.from(row.leafHash, 'base64').toString('base64url'),
    ...(data === undefined ? {} : { datacontenttype: 'application/json', data }),
  };
}

/** An index as text that sorts as the numbers do. */
export const sequenceOf = (index: number): string => String(index).padStart(20, '0');

const AUTH_TYPES: Readonly<Record<string, CloudEvent['authtype']>> = {
  operator: 'system',
  integrator: 'service_account',
};

/** A legal day is the same date from its midnight in UTC until late in the evening, all over Indonesia. */
function effective({ data, recordedAt }: Entry): string {
  const { tmt } = data as { readonly tmt?: unknown };
  return typeof tmt === 'string' ? `${tmt}T00:00:00Z` : recordedAt;
}
