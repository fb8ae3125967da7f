export { type Bulk, bulk } from './bulk.ts';
export { Database, type Sql } from './database.ts';
export { DatabaseUnavailable, isUnavailable } from './dialect.ts';
export {
  isRowOf,
  Journal,
  type JournalRow,
  journalRow,
  type PassedRow,
  type Passing,
  type Progress,
  type Wanted,
  type WholeRow,
} from './journal.ts';
export { type Entry, entryOf, JournalEntry } from './journal-entry.ts';
export { leafOf } from './leaf.ts';
export { CreateLease1764000000003, Election, isLed, Lease, type Pace } from './lease.ts';
export { CreateJournal1764000000000, text } from './migrations.ts';
export { createShadow, shadowOf, swapShadow } from './shadow.ts';
