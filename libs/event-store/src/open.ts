import type { EventStore } from './event-store.ts';
import { SqliteEventStore } from './sqlite.ts';

/** Opens the log where it is: a SQLite file, by its path. Throws `StoreUnavailable`. */
export async function openEventStore(where: string): Promise<EventStore> {
  return new SqliteEventStore(where);
}
