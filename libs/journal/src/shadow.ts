import { type EntityMetadata, type QueryRunner, Table } from 'typeorm';
import type { Sql } from './database.ts';
import { isPostgres } from './dialect.ts';

/** Where a table is filled beside the one in use. */
export const shadowOf = (table: string): string => `${table}__next`;

/** Makes the shadow of an entity's table, empty and without indexes (they are made at the swap). */
export async function createShadow(pen: QueryRunner, metadata: EntityMetadata): Promise<void> {
  const shadow = Table.create(metadata, pen.dataSource.driver);
  shadow.name = shadowOf(metadata.tableName);
  shadow.indices = [];
  await pen.query(`DROP TABLE IF EXISTS "${shadow.name}"`);
  await pen.createTable(shadow, false, false, false);
}

/** The shadow takes the table's place, with its indexes. Inside one transaction: readers see the old one or the new. */
export async function swapShadow(sql: Sql, metadata: EntityMetadata): Promise<void> {
  const { tableName } = metadata;
  const shadow = shadowOf(tableName);
  const takePlace = async () => {
    await sql(`DROP TABLE IF EXISTS "${tableName}"`);
    await sql(`ALTER TABLE "${shadow}" RENAME TO "${tableName}"`);
  };
  // SQLite cannot rename an index. PostgreSQL would keep readers waiting while one is made, once the old table is gone.
  if (!isPostgres(metadata.dataSource)) {
    await takePlace();
    await makeIndexes(sql, metadata, tableName, (name) => name);
    return;
  }
  await makeIndexes(sql, metadata, shadow, shadowOf);
  await takePlace();
  for (const { name } of metadata.indices) await sql(`ALTER INDEX "${shadowOf(name)}" RENAME TO "${name}"`);
  await sql(`ALTER INDEX "${keyOf(metadata, shadow)}" RENAME TO "${keyOf(metadata, tableName)}"`);
}

async function makeIndexes(
  sql: Sql,
  { indices }: EntityMetadata,
  table: string,
  named: (name: string) => string,
): Promise<void> {
  for (const { name, columns, isUnique } of indices) {
    const names = columns.map(({ databaseName }) => `"${databaseName}"`).join(', ');
    await sql(`CREATE ${isUnique ? 'UNIQUE ' : ''}INDEX "${named(name)}" ON "${table}" (${names})`);
  }
}

/** The name that TypeORM gives a table's primary key. */
const keyOf = ({ dataSource, primaryColumns }: EntityMetadata, table: string): string =>
  dataSource.namingStrategy.primaryKeyName(
    table,
    primaryColumns.map(({ databaseName }) => databaseName),
  );
