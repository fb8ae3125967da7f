import { type EntityMetadata, type QueryRunner, Table } from 'typeorm';
import type { Sql } from './database.ts';

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
export async function swapShadow(sql: Sql, { tableName, indices }: EntityMetadata): Promise<void> {
  await sql(`DROP TABLE IF EXISTS "${tableName}"`);
  await sql(`ALTER TABLE "${shadowOf(tableName)}" RENAME TO "${tableName}"`);
  for (const { name, columns, isUnique } of indices) {
    const names = columns.map(({ databaseName }) => `"${databaseName}"`).join(', ');
    await sql(`CREATE ${isUnique ? 'UNIQUE ' : ''}INDEX "${name}" ON "${tableName}" (${names})`);
  }
}
