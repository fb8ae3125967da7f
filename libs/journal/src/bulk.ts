import type { DataSource, EntityMetadata } from 'typeorm';
import type { Sql } from './database.ts';

/** Rows of one statement; SQLite and PostgreSQL take at most 32,766 and 65,535 parameters. */
const MOST_PARAMETERS = 30_000;
const MOST_ROWS = 500;

export type Bulk<Row> = {
  /** Inserts rows; a row whose key is there already takes its place. */
  readonly upsert: (sql: Sql, rows: readonly Row[]) => Promise<void>;
  /** The rows that exist under these keys; for entities with one primary column. */
  readonly load: (sql: Sql, keys: readonly string[]) => Promise<Map<string, Row>>;
};

/**
 * Writes many rows of an entity at a time with multi-row statements made from its metadata, for either dialect:
 * several times faster than TypeORM's own `upsert` (docs/adr/0004). `table`: another table of the same shape.
 */
export function bulk<Row extends object>(
  source: DataSource,
  entity: new () => Row,
  table?: string,
): Bulk<Row> {
  const metadata = source.getMetadata(entity);
  const width = metadata.columns.length;
  const chunk = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_PARAMETERS / width)));
  const mark = (n: number) => source.driver.createParameter('p', n);
  const text = statements(metadata, table ?? metadata.tableName, mark);
  const values = metadata.columns.map((column) => {
    const plain = !column.transformer && ['text', 'integer', 'blob'].includes(String(column.type));
    return (row: Row): unknown => {
      const value = (row as Record<string, unknown>)[column.propertyName] ?? null;
      return plain || value === null ? value : source.driver.preparePersistentValue(value, column);
    };
  });
  const read = metadata.columns.map((column) => ({
    name: column.databaseName,
    property: column.propertyName,
    value: (stored: unknown): unknown =>
      column.transformer ? (source.driver.prepareHydratedValue(stored, column) as unknown) : stored,
  }));
  const [key] = metadata.primaryColumns;
  return {
    load: async (sql, keys) => {
      const found = new Map<string, Row>();
      for (let at = 0; at < keys.length; at += MOST_ROWS) {
        const some = keys.slice(at, at + MOST_ROWS);
        const marks = some.map((_, n) => mark(n)).join(', ');
        const name = key?.databaseName ?? '';
        const rows = await sql(
          `SELECT * FROM "${table ?? metadata.tableName}" WHERE "${name}" IN (${marks})`,
          some,
        );
        for (const row of rows) {
          const entries = read.map((column) => [column.property, column.value(row[column.name])] as const);
          found.set(String(row[name]), Object.fromEntries(entries) as Row);
        }
      }
      return found;
    },
    upsert: async (sql, rows) => {
      for (let at = 0; at < rows.length; at += chunk) {
        const some = rows.slice(at, at + chunk);
        const parameters: unknown[] = [];
        for (const row of some) for (const value of values) parameters.push(value(row));
        await sql(text(some.length), parameters);
      }
    },
  };
}

/** The statement for a number of rows; the few numbers in use are kept. `mark`: the nth parameter in the dialect. */
function statements(
  { columns, primaryColumns }: EntityMetadata,
  table: string,
  mark: (n: number) => string,
): (rows: number) => string {
  const names = columns.map(({ databaseName }) => `"${databaseName}"`);
  const keys = primaryColumns.map(({ databaseName }) => `"${databaseName}"`);
  const rest = names.filter((name) => !keys.includes(name)).map((name) => `${name} = excluded.${name}`);
  const conflict = `ON CONFLICT (${keys.join(', ')}) DO ${rest.length > 0 ? `UPDATE SET ${rest.join(', ')}` : 'NOTHING'}`;
  const row = (n: number) => `(${names.map((_, column) => mark(n * names.length + column)).join(', ')})`;
  const kept = new Map<number, string>();
  return (rows) => {
    const text =
      kept.get(rows) ??
      `INSERT INTO "${table}" (${names.join(', ')}) VALUES ${Array.from({ length: rows }, (_, n) => row(n)).join(', ')} ${conflict}`;
    if (kept.size < 64) kept.set(rows, text);
    return text;
  };
}
