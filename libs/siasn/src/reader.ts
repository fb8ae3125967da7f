import type { Row } from './row.ts';
import type { Statement } from './statement.ts';

/** What the readers of rows may ask about others: subjects by NIP or PNS ID, units by name. */
export type Resolve = {
  readonly subjectOf: (nip: string, pnsId: string) => Promise<string | undefined>;
  readonly unitIdOf: (name: string) => string | undefined;
};

export type Reading = Omit<Statement, 'row' | 'sha256'>;

/** Reads a row of one list. What it cannot read it blames in the row; then what it gives means nothing. */
export type Reader = (row: Row, resolve: Resolve) => Reading | Promise<Reading>;
