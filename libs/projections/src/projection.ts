import type { LegalDate } from '@app/domain/calendar';
import type { DomainEvent } from '@app/event-store';
import type { Entry } from '@app/journal';

/**
 * A read model: a table, and the pure function that keeps its rows. It writes no SQL to change a row; the runner does
 * (docs/adr/0004). Raise `version` when the rows would come out otherwise: a new table is filled and takes its place.
 */
export type Projection<Row extends object> = {
  readonly name: string;
  readonly version: number;
  /** An entity with exactly one primary column, of text. */
  readonly entity: new () => Row;
  /** The types of event it looks at. */
  readonly types: readonly DomainEvent['type'][];
  /** The keys of the rows that an event of these types touches. */
  readonly keys: (entry: Entry) => readonly string[];
  /** The row after the event; undefined leaves it as it is, or absent. */
  readonly evolve: (row: Row | undefined, entry: Entry, key: string) => Row | undefined;
  /** For rows that also depend on the day: the row as of today, and the column that says when it changes by itself. */
  readonly settle?: { readonly row: (row: Row, today: LegalDate) => Row; readonly due: string };
};

/** The two times every question has: the day whose state is asked for, and the last journal index to be considered. */
export type AsOf = { readonly effectiveOn: LegalDate; readonly knownAt: number };

/** Between which journal indexes a fact was what the record said: from `knownFrom` on, before `knownUntil`. */
export type Known = { knownFrom: number; knownUntil: number | null };

export const wasKnown = ({ knownFrom, knownUntil }: Known, at: number): boolean =>
  knownFrom <= at && (knownUntil === null || knownUntil > at);

/** The same as a condition in SQL, with its two parameters. */
export const KNOWN_AT = '(known_from <= ? AND (known_until IS NULL OR known_until > ?))';
