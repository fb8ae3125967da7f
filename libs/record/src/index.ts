import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LegalDate } from '@app/domain/calendar';
import {
  type EventStore,
  SqliteEventStore,
  StoreUnavailable,
  type Transact,
  transactor,
} from '@app/event-store';
import { CreateJournal1764000000000, Database, Journal, JournalEntry, type Progress } from '@app/journal';
import { Account, CreatePeople1764000000002, Nip, People, Person } from '@app/people';
import {
  Appraisal,
  Checkpoint,
  CreateCheckpoints1764000000001,
  CurrentProfile,
  Finding,
  Parked,
  Training,
  UnitRow,
  VIEWS,
  Views,
} from '@app/projections';

/** Everything that is kept, opened: the log, and beside it the journal, the views and the people. */
export class OpenRecord {
  readonly transact: Transact;
  readonly journal: Journal;
  readonly views: Views;
  readonly people: People;

  private constructor(
    readonly store: EventStore,
    readonly database: Database,
    readonly today: () => LegalDate,
  ) {
    this.transact = transactor(store);
    this.journal = new Journal(database, store);
    this.views = new Views(database, this.journal, VIEWS, today);
    this.people = new People(database);
  }

  /** Opens the embedded record in a directory, making it where it is missing. Throws where it cannot be written. */
  static async open(directory: string, today: () => LegalDate): Promise<OpenRecord> {
    makeDirectory(directory);
    const store = new SqliteEventStore(join(directory, 'events.db'));
    try {
      const database = await Database.open(join(directory, 'jejak.db'), {
        entities: [
          JournalEntry,
          Checkpoint,
          Parked,
          Person,
          Nip,
          Account,
          CurrentProfile,
          Training,
          Appraisal,
          Finding,
          UnitRow,
        ],
        migrations: [CreateJournal1764000000000, CreateCheckpoints1764000000001, CreatePeople1764000000002],
      });
      return new OpenRecord(store, database, today);
    } catch (cause) {
      await store.close();
      throw cause;
    }
  }

  /** Follows the log into the journal and the views until both have everything; gives the journal's size. */
  async catchUp(progress?: { journal?: Progress; views?: Progress }, signal?: AbortSignal): Promise<number> {
    await this.journal.fill(progress?.journal, signal);
    return this.views.catchUp(progress?.views, signal);
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.store.close();
  }
}

/** Makes the directory, for its owner only: the people's particulars are in it. */
function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StoreUnavailable(
      `the directory ${directory} cannot be made (${why}); make it, or name another`,
    );
  }
}

/** The day it is in a time zone, as a legal date. */
export const todayIn = (timeZone: string, now: Date = new Date()): LegalDate =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    now,
  );
