/** How closely what an event says is held, the most open first. */
export type Classification = 'public' | 'internal' | 'confidential' | 'restricted';

/** An event of Jejak: CloudEvents 1.0 in JSON, with its extensions. */
export type CloudEvent = {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  /** `id.jejak.Promoted.v1` */
  readonly type: string;
  /** `civilServant-<uuid>`, `unit-<id>`, …: what the event is about. Its events come in the order they were recorded in. */
  readonly subject: string;
  /** When it takes effect (its TMT, at the start of that day in UTC), else when it was recorded. */
  readonly time: string;
  readonly recordedtime: string;
  /** The index in the journal, in 20 digits: `indexOf` gives it as a number. */
  readonly sequence: string;
  readonly partitionkey: string;
  readonly correlationid: string;
  readonly causationid?: string;
  readonly authtype: 'user' | 'service_account' | 'system';
  readonly authid: string;
  readonly dataclassification: Classification;
  readonly dataregulation: 'UUPDP';
  readonly dataschema: string;
  /** Where the whole event is: `JejakClient.event` fetches it. */
  readonly dataref: string;
  /** Of the leaf in the transparency log, in base64url. */
  readonly leafhash: string;
  readonly datacontenttype?: 'application/json';
  /** Absent in a thin event: it is held more closely than the key may read, or is sent without. */
  readonly data?: object;
};

/** Which events are wanted; what is left out does not restrict. */
export type Wanted = {
  /** Those behind this index; from the very first where it is left out or -1. */
  readonly after?: number;
  readonly types?: readonly string[];
  readonly subjects?: readonly string[];
  readonly classification?: readonly Classification[];
  /** Ends the iteration, at once and without an error. */
  readonly signal?: AbortSignal;
};

/** What one request of the feed gave. */
export type Page = {
  readonly events: readonly CloudEvent[];
  /** Everything up to here was looked at: the `after` of the next page, also where none of it was wanted. */
  readonly after: number;
  /** How many events the journal has: the page reached its end where `after` is `logSize - 1`. */
  readonly logSize: number;
};

/** An event, and the `after` that goes on behind it: keep it when the event was dealt with. */
export type Told = { readonly event: CloudEvent; readonly after: number };

/** A place in the journal as a number. */
export const indexOf = ({ sequence }: Pick<CloudEvent, 'sequence'>): number => Number(sequence);
