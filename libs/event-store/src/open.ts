import type { EventStore } from './event-store.ts';
import { KurrentEventStore } from './kurrent.ts';
import { PostgresEventStore } from './postgres.ts';
import { SqliteEventStore } from './sqlite.ts';

/**
 * Opens the log where it is: a SQLite file by its path, a server by its URL (`postgres://`; `kurrentdb://` or `esdb://`,
 * each with `+discover`). `existing`: one that there is not is not made. Throws `StoreUnavailable`.
 */
export async function openEventStore(
  where: string,
  options: { readonly existing?: boolean } = {},
): Promise<EventStore> {
  if (/^postgres(ql)?:/.test(where)) return PostgresEventStore.open(where, options);
  if (/^(esdb|kurrentdb)(\+discover)?:/.test(where)) return KurrentEventStore.open(where);
  return new SqliteEventStore(where, options);
}
