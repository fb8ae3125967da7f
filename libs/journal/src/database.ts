import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type MigrationInterface, type MixedList, type QueryRunner } from 'typeorm';

/** One SQL statement on a connection: rows as objects, parameters in order (`?`). */
export type Sql = <Row = Record<string, unknown>>(
  text: string,
  parameters?: readonly unknown[],
) => Promise<Row[]>;

type Kinds = {
  readonly entities: readonly (new () => object)[];
  readonly migrations: readonly (new () => MigrationInterface)[];
};

/** The database could not be opened, read or written; the message says which file, and what to do. */
export class DatabaseUnavailable extends Error {}

/**
 * The other database (house, decision 11): all that is derived, beside what is not events. Readers have a connection
 * of their own and never see an open transaction; writers take turns.
 */
export class Database {
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    /** For reading, from the last commit. */
    readonly reader: DataSource,
    private readonly writer: DataSource,
    private readonly pen: QueryRunner,
  ) {}

  /** Opens (and makes, and migrates) the SQLite database in a file. */
  static async open(file: string, { entities, migrations }: Kinds): Promise<Database> {
    try {
      mkdirSync(dirname(file), { recursive: true });
      const writer = await source(file, entities, migrations).initialize();
      await writer.runMigrations({ transaction: 'each' });
      const reader = await source(file, entities, []).initialize();
      return new Database(reader, writer, writer.createQueryRunner());
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DatabaseUnavailable(`cannot open ${file}: ${why}; check that it is writable and not full`, {
        cause,
      });
    }
  }

  /** Runs `work` in one transaction, alone; commits when it ends well, else leaves everything as it was. */
  write<T>(work: (sql: Sql, pen: QueryRunner) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#transaction(work));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** One statement on the reading connection. */
  readonly read: Sql = (text, parameters) => this.reader.query(text, parameters as unknown[]);

  async close(): Promise<void> {
    await this.#turn;
    await this.reader.destroy();
    await this.writer.destroy();
  }

  async #transaction<T>(work: (sql: Sql, pen: QueryRunner) => Promise<T>): Promise<T> {
    const sql: Sql = (text, parameters) => this.pen.query(text, parameters as unknown[]);
    await sql('BEGIN IMMEDIATE');
    try {
      const result = await work(sql, this.pen);
      await sql('COMMIT');
      return result;
    } catch (cause) {
      await sql('ROLLBACK').catch(() => undefined);
      throw cause;
    }
  }
}

const source = (file: string, entities: Kinds['entities'], migrations: Kinds['migrations']) =>
  new DataSource({
    type: 'better-sqlite3',
    database: file,
    entities: [...entities] as MixedList<new () => object>,
    migrations: [...migrations],
    statementCacheSize: 500,
    timeout: 15_000,
    prepareDatabase: (db: { pragma(text: string): void }) => {
      for (const pragma of [
        'journal_mode = WAL',
        'synchronous = NORMAL',
        'cache_size = -32768',
        'temp_store = MEMORY',
      ])
        db.pragma(pragma);
    },
  });
