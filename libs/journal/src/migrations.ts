import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

export class CreateJournal1764000000000 implements MigrationInterface {
  name = 'CreateJournal1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    const text = (name: string) => ({ name, type: 'text' });
    const integer = (name: string) => ({ name, type: 'integer' });
    await runner.createTable(
      new Table({
        name: 'journal',
        columns: [
          { ...integer('idx'), isPrimary: true },
          text('id'),
          text('stream'),
          integer('revision'),
          text('type'),
          text('actor'),
          text('recorded_at'),
          integer('position'),
          text('leaf'),
          { name: 'leaf_hash', type: 'blob' },
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
