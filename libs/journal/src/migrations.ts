import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';
import { isPostgres } from './dialect.ts';

/** A column of text, in the order of its bytes on every dialect. */
export const text = (runner: QueryRunner, name: string, more: Partial<TableColumnOptions> = {}) => ({
  name,
  type: 'text',
  ...(isPostgres(runner.dataSource) ? { collation: 'C' } : {}),
  ...more,
});

export class CreateJournal1764000000000 implements MigrationInterface {
  name = 'CreateJournal1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    const texts = (...names: string[]) => names.map((name) => text(runner, name));
    await runner.createTable(
      new Table({
        name: 'journal',
        columns: [
          { name: 'idx', type: 'bigint', isPrimary: true },
          ...texts('id', 'stream'),
          { name: 'revision', type: 'integer' },
          ...texts('type', 'actor', 'recorded_at'),
          { name: 'position', type: 'bigint' },
          ...texts('leaf', 'leaf_hash'),
        ],
        indices: [
          { name: 'journal_id', columnNames: ['id'], isUnique: true },
          ...['stream', 'actor', 'type', 'recorded_at'].map((column) => ({
            name: `journal_${column}`,
            columnNames: [column, 'idx'],
          })),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('journal');
  }
}
