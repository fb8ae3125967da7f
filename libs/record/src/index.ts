import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AttemptMade, CreateDelivery1764000000010, Held, Subscription, Subscriptions } from '@app/delivery';
import type { LegalDate } from '@app/domain/calendar';
import {
  type EventStore,
  openEventStore,
  StoreUnavailable,
  type Transact,
  transactor,
} from '@app/event-store';
import { CreateJobs1764000000004, Job, Jobs } from '@app/jobs';
import {
  CreateJournal1764000000000,
  CreateLease1764000000003,
  Database,
  Journal,
  JournalEntry,
  Lease,
  type Progress,
} from '@app/journal';
import {
  AccessEntry,
  AccessLog,
  Checkpoints,
  CreateAccess1764000000006,
  CreateLedger1764000000005,
  SignedCheckpoint,
  TileRow,
  Tree,
  TreeSize,
} from '@app/ledger';
import {
  Account,
  ApiKey,
  ApiKeys,
  CreateApiKeys1764000000007,
  CreatePeople1764000000002,
  Nip,
  People,
  Person,
} from '@app/people';
import {
  Appraisal,
  Backdated,
  Checkpoint,
  CreateCheckpoints1764000000001,
  CurrentProfile,
  ErasureRow,
  Finding,
  Parked,
  SiasnOutboxRow,
  Training,
  UnitRow,
  VIEWS,
  Views,
} from '@app/projections';

export { enterErasures, erase, eraseNow, erasureJobs } from './erasure.ts';

/** Where the log is (a file, or the URL of a server), and where all else is. */
export type Places = { readonly log: string; readonly database: string };

/** The embedded record: two files in a directory. */
export const embedded = (directory: string): Places => ({
  log: join(directory, 'events.db'),
  database: join(directory, 'jejak.db'),
});

/** Opens the database beside the log, with all its tables: a file, or a server by its URL. Throws `DatabaseUnavailable`. */
export const openDatabase = (where: string): Promise<Database> =>
  Database.open(where, {
    entities: [
      JournalEntry,
      Lease,
      Job,
      Checkpoint,
      Parked,
      Person,
      Nip,
      Account,
      ApiKey,
      CurrentProfile,
      Training,
      Appraisal,
      Finding,
      UnitRow,
      Backdated,
      ErasureRow,
      SiasnOutboxRow,
      TreeSize,
      TileRow,
      SignedCheckpoint,
      AccessEntry,
      Subscription,
      Held,
      AttemptMade,
    ],
    migrations: [
      CreateJournal1764000000000,
      CreateCheckpoints1764000000001,
      CreatePeople1764000000002,
      CreateLease1764000000003,
      CreateJobs1764000000004,
      CreateLedger1764000000005,
      CreateAccess1764000000006,
      CreateApiKeys1764000000007,
      CreateDelivery1764000000010,
    ],
  });

/** Everything that is kept, opened: the log, and beside it the journal, the views, the people and who read of them. */
export class OpenRecord {
  readonly transact: Transact;
  readonly journal: Journal;
  readonly views: Views;
  readonly people: People;
  readonly apiKeys: ApiKeys;
  readonly jobs: Jobs;
  readonly subscriptions: Subscriptions;
  /** The journal's Merkle tree, and what was signed of it. */
  readonly tree: Tree;
  readonly checkpoints: Checkpoints;
  readonly access: AccessLog;
  readonly accessTree: Tree;

  private constructor(
    readonly store: EventStore,
    readonly database: Database,
    readonly today: () => LegalDate,
  ) {
    this.transact = transactor(store);
    this.journal = new Journal(database, store);
    this.views = new Views(database, this.journal, VIEWS, today);
    this.people = new People(database);
    this.apiKeys = new ApiKeys(database, store, this.transact);
    this.jobs = new Jobs(database);
    this.subscriptions = new Subscriptions(database);
    this.tree = new Tree(database, 'journal', (from, limit) => this.journal.leafHashes(from, limit));
    this.checkpoints = new Checkpoints(database);
    this.access = new AccessLog(database);
    this.accessTree = new Tree(database, 'access', (from, limit) => this.access.leafHashes(from, limit));
  }

  /** Opens the record where it is (a directory: the embedded one, made where it is missing). `around`: what measures the log. */
  static async open(
    places: string | Places,
    today: () => LegalDate,
    around: (store: EventStore) => EventStore = (store) => store,
  ): Promise<OpenRecord> {
    const { log, database: where } = typeof places === 'string' ? embedded(places) : places;
    for (const place of [log, where]) if (!isServer(place)) makeDirectory(dirname(place));
    const store = around(await openEventStore(log));
    try {
      const database = await openDatabase(where);
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

const isServer = (place: string): boolean => /^[a-z][a-z+]+:\/\//i.test(place);

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
