export { canonical } from './canonical.ts';
export { codeOf } from './code-of.ts';
export {
  type DomainEvent,
  decode,
  encode,
  meaning,
  STORED_TYPES,
  storedTypesOf,
  UnknownShape,
} from './codec.ts';
export {
  type Appended,
  EventStore,
  type Expected,
  isStale,
  MAX_APPEND_BYTES,
  MAX_LEAF_BYTES,
  type NewEvent,
  NotStorable,
  type Position,
  type StaleRevision,
  type StoredEvent,
  StoreUnavailable,
} from './event-store.ts';
export { commandIdOf, eventId, uuidv7 } from './ids.ts';
export { KurrentEventStore } from './kurrent.ts';
export type { Group, GroupWanted } from './kurrent-group.ts';
export { KurrentGroups } from './kurrent-groups.ts';
export { openEventStore } from './open.ts';
export { PostgresEventStore } from './postgres.ts';
export { postgresFault, postgresName, wholeNumbers } from './postgres-fault.ts';
export { publishRuleSets } from './publish.ts';
export { SqliteEventStore } from './sqlite.ts';
export { backupSqlite, type CopiedPair, faultOf, type Pair, toDevice } from './sqlite-backup.ts';
export { sqliteFault, writeAhead } from './sqlite-file.ts';
export { type Asking, type Moved, type Receipt, type Topic, type Transact, transactor } from './transact.ts';
