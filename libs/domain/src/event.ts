/**
 * Id of an event.
 * @format uuid
 */
export type EventId = string;

/**
 * Id of a civil servant of the record; it says nothing about the person.
 * @format uuid
 */
export type Subject = string;

/**
 * SHA-256 in hex.
 * @pattern ^[0-9a-f]{64}$
 */
export type Sha256 = string;

/** @asType integer */
export type Whole = number;

/** Something that was decided: its name and what it says. It holds no identifier of a person (docs/adr/0002). */
export type Event<Type extends string, Data> = { readonly type: Type; readonly data: Data };

/** A document behind a decision, kept by content: SHA-256 in hex, size in bytes, media type. */
export type Evidence = { readonly sha256: Sha256; readonly size: Whole; readonly mediaType: string };

/**
 * The row of a source system that an event was made from. `sha256` is over the row without its personal fields;
 * `pulled` is the day the source was asked, where known: a row is never compared with what a later pull said.
 */
export type Source = {
  readonly system: 'siasn';
  readonly list: string;
  readonly row: string;
  readonly sha256: string;
  readonly pulled?: string;
};

/** Who asked, in which role, for whom, and what led to it. `actor` is an opaque account id, never a NIP or a name. */
export type Metadata = {
  readonly actor: string;
  readonly role: string;
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly onBehalfOf?: string;
  readonly evidence?: readonly Evidence[];
  readonly source?: Source;
  /** SHA-256 of what was asked under an idempotency key, without personal fields. */
  readonly fingerprint?: string;
};

/** An event as the store keeps it. `revision` counts from 0 in its stream; `recordedAt` is UTC, ISO 8601 with ms. */
export type Recorded<E> = E & {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly recordedAt: string;
  readonly metadata: Metadata;
};

/** An event as a decision gives it: not yet stored, perhaps made from a source row. */
export type Draft<E> = E & { readonly source?: Source };

/** Why a command is not carried out: a kebab-case fact, words for people, the legal or design basis, the field. */
export type Refusal = {
  readonly refused: string;
  readonly because: string;
  readonly basis: string;
  readonly field?: string;
};

/** What a command leads to: events, none (asked twice), or a refusal. */
export type Decision<E> = readonly Draft<E>[] | Refusal;

export const refuse = (refused: string, because: string, basis: string, field?: string): Refusal => ({
  refused,
  because,
  basis,
  ...(field === undefined ? {} : { field }),
});

export const isRefusal = (outcome: object): outcome is Refusal => 'refused' in outcome;

/** Whether two plain JSON values say the same; the order of keys does not matter, an absent key equals undefined. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    same(left[key], right[key]),
  );
}
