import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, MigrationExecutor, type MigrationInterface, type QueryRunner } from 'typeorm';
import { DatabaseUnavailable, type Dialect, dialectOf, isServer, isUnavailable } from './dialect.ts';

/** One SQL statement on a connection: rows as objects, parameters in order (`?`, on every dialect). */
export type Sql = <Row = Record<string, unknown>>(
  text: string,
  parameters?: readonly unknown[],
) => Promise<Row[]>;

export type Kinds = {
  readonly entities: readonly (new () => object)[];
  readonly migrations: readonly (new () => MigrationInterface)[];
  /**
   * Whether what was committed is there even where the power fails at once: for what is not derived and was answered
   * for. Otherwise the last commits before it may be gone on SQLite, all of each, and are made again.
   */
  readonly durable?: boolean;
};

/**
 * The other database (house, decision 11): all that is derived, beside what is not events. Readers have connections of
 * their own and never see an open transaction. There is one pen: whoever writes is alone, in this process and, on a
 * server, in all processes, so that what a transaction read is still so when it commits.
 */
export class Database {
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    /** For reading, from the last commit. */
    readonly reader: DataSource,
    private readonly writer: DataSource,
    private readonly dialect: Dialect,
  ) {}

  /** Opens, makes and migrates the database: a SQLite file, or a PostgreSQL server by its `postgres://` URL. */
  static async open(where: string, { entities, migrations, durable = false }: Kinds): Promise<Database> {
    const dialect = dialectOf(where, durable);
    const opened: DataSource[] = [];
    const source = async (of: 'reader' | 'writer') => {
      const one = await new DataSource({
        ...dialect.options(of),
        entities: [...entities],
        migrations: of === 'writer' ? [...migrations] : [],
      }).initialize();
      opened.push(one);
      dialect.adapt(one);
      return one;
    };
    try {
      if (!isServer(where)) mkdirSync(dirname(where), { recursive: true });
      const writer = await source('writer');
      const database = new Database(await source('reader'), writer, dialect);
      await database.#migrate();
      return database;
    } catch (cause) {
      for (const one of opened) await one.destroy().catch(() => undefined);
      throw dialect.unavailable(cause) ?? dialect.cannotOpen(cause);
    }
  }

  /**
   * Runs `work` in one transaction, alone; commits when it ends well, else leaves everything as it was. `durable`: for
   * what nothing can derive again; a commit is on the device. Without, SQLite may lose the last ones when the power goes.
   */
  write<T>(
    work: (sql: Sql, pen: QueryRunner) => Promise<T>,
    { durable = false }: { durable?: boolean } = {},
  ): Promise<T> {
    const turn = this.#turn.then(() => this.#transaction(work, durable));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /**
   * After the commit that deleted rows of these tables: leaves no byte of them in the files of the database. Alone with
   * the pen; on SQLite it writes the whole file anew, on PostgreSQL these tables. Throws `DatabaseUnavailable` where
   * somebody still reads from before: ask again.
   */
  scrub(tables: readonly string[]): Promise<void> {
    const turn = this.#turn.then(() => this.#scrub(tables));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #scrub(tables: readonly string[]): Promise<void> {
    const pen = this.writer.createQueryRunner();
    try {
      for (const statement of this.dialect.scrub(tables)) {
        const told = (await this.#ask(() => pen.query(statement))) as
          | readonly { busy?: number }[]
          | undefined;
        if (told?.[0]?.busy)
          throw new DatabaseUnavailable('somebody reads what was before; the write-ahead log cannot end yet');
      }
    } finally {
      await pen.release();
    }
  }

  /** One statement on a reading connection; asked again, once, where the connection was lost on the way. */
  readonly read: Sql = (text, parameters) =>
    this.#twice(() => this.reader.query(this.dialect.text(text), parameters as unknown[]));

  /** As `read`, each row as an array of its columns: for whoever reads whole tables. */
  arrays(text: string, parameters: readonly unknown[]): Promise<unknown[][]> {
    return this.#twice(() => this.dialect.arrays(this.reader, this.dialect.text(text), parameters));
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.reader.destroy();
    await this.writer.destroy();
  }

  async #transaction<T>(work: (sql: Sql, pen: QueryRunner) => Promise<T>, durable: boolean): Promise<T> {
    const pen = this.writer.createQueryRunner();
    const sql: Sql = (text, parameters) =>
      this.#ask(() => pen.query(this.dialect.text(text), parameters as unknown[]));
    const { begin, durably } = this.dialect;
    try {
      for (const statement of durable ? [...durably.before, ...begin] : begin) await sql(statement);
      const result = await work(sql, pen);
      await sql('COMMIT');
      return result;
    } catch (cause) {
      await sql('ROLLBACK').catch(() => undefined);
      throw cause;
    } finally {
      for (const statement of durable ? durably.after : []) await sql(statement).catch(() => undefined);
      await pen.release();
    }
  }

  /** Holding the pen: of several processes that start at once, one migrates. */
  #migrate(): Promise<void> {
    return this.write(async (_, pen) => {
      const pending = new MigrationExecutor(this.writer, pen);
      pending.transaction = 'none';
      await pending.executePendingMigrations();
    });
  }

  #twice<T>(work: () => Promise<T>): Promise<T> {
    const ask = () => this.#ask(work);
    return ask().catch((cause: unknown) => (isUnavailable(cause) ? ask() : Promise.reject(cause)));
  }

  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      throw this.dialect.unavailable(cause) ?? cause;
    }
  }
}
