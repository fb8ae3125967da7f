import { type Sql, text } from '@app/journal';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner, Table } from 'typeorm';

/** How far a table has come: the last journal index folded into it (-1: none), and the version that filled it. */
@Entity('checkpoint')
export class Checkpoint {
  @PrimaryColumn('text')
  table: string;

  @Column('integer')
  version: number;

  @Column('bigint', { name: 'idx' })
  index: number;
}

/** An event that a row could not take, or that waits behind one; the row is stale from there on. */
@Entity('parked')
export class Parked {
  @PrimaryColumn('text')
  table: string;

  @PrimaryColumn('text')
  key: string;

  @PrimaryColumn('bigint', { name: 'idx' })
  index: number;

  /** Why; empty: it waits for an earlier one of the same row. */
  @Column('text')
  cause: string;
}

export class CreateCheckpoints1764000000001 implements MigrationInterface {
  name = 'CreateCheckpoints1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    const key = (name: string) => text(runner, name, { isPrimary: true });
    const index = { name: 'idx', type: 'bigint' };
    await runner.createTable(
      new Table({
        name: 'checkpoint',
        columns: [key('table'), { name: 'version', type: 'integer' }, index],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'parked',
        columns: [key('table'), key('key'), { ...index, isPrimary: true }, text(runner, 'cause')],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('parked');
    await runner.dropTable('checkpoint');
  }
}

/** Where a table stands; none: it was never filled. */
export const checkpoint = (sql: Sql, table: string) =>
  sql<{ index: number; version: number }>(
    'SELECT idx AS "index", version FROM checkpoint WHERE "table" = ?',
    [table],
  );

/** The last journal index in a table; -1: none yet. */
export const indexOf = async (sql: Sql, table: string): Promise<number> =>
  (await checkpoint(sql, table))[0]?.index ?? -1;

/** What is parked for a table, in order. */
export const parkedIn = (sql: Sql, table: string) =>
  sql<{ key: string; idx: number; cause: string }>(
    'SELECT key, idx, cause FROM parked WHERE "table" = ? ORDER BY idx LIMIT 10000',
    [table],
  );

/** Forgets that a table was ever filled. */
export async function forget(sql: Sql, table: string): Promise<void> {
  await sql('DELETE FROM checkpoint WHERE "table" = ?', [table]);
  await sql('DELETE FROM parked WHERE "table" = ?', [table]);
}
