import type { Database } from '@app/journal';
import { openWitnessState, type SemanticOptions, SemanticWitness } from '@app/ledger';
import { type Checkpoint, parseCheckpoint } from '@app/proof';
import type { Place } from '../engines/databases.ts';
import { BEGUN, type GivenJournal } from './journal.ts';
import { type Served, serveTiles } from './log.ts';

const HOUR = 3_600_000;

/** A semantic witness in the making: its state, its clock, and the servers that it reads. */
export class Mirroring {
  database: Database;
  now = BEGUN + HOUR;
  readonly #place: Place;
  readonly #after: (() => Promise<unknown>)[] = [];

  private constructor(place: Place, database: Database) {
    this.#place = place;
    this.database = database;
  }

  static async begin(aPlace: () => Promise<Place>): Promise<Mirroring> {
    const place = await aPlace();
    return new Mirroring(place, await openWitnessState(place.where));
  }

  async end(): Promise<void> {
    for (const close of this.#after) await close();
    await this.database.close();
    await this.#place.remove();
  }

  /** Closes the state and opens it again. */
  async restart(): Promise<void> {
    await this.database.close();
    this.database = await openWitnessState(this.#place.where);
  }

  /** A witness of a log; `served`: where it reads it, if not from its own tiles. */
  async witness(log: GivenJournal, served?: Served, more: Partial<SemanticOptions> = {}) {
    const { url } = served ?? (await this.tiles(log));
    return SemanticWitness.open(this.database, { origin: log.origin, url, clock: () => this.now, ...more });
  }

  tiles(log: GivenJournal, change?: Parameters<typeof serveTiles>[1]): Promise<Served> {
    return this.until(serveTiles(log, change));
  }

  /** A server that ends with this. */
  async until(serving: Promise<Served>): Promise<Served> {
    const served = await serving;
    this.#after.push(served.close);
    return served;
  }

  /** How many entries were taken. */
  async size(): Promise<number> {
    const [row] = await this.database.read<{ size: number }>('SELECT size FROM mirror');
    return row?.size ?? 0;
  }
}

export const checkpointOf = (log: GivenJournal, size = log.leaves.length): Checkpoint =>
  parseCheckpoint(log.text(size));
