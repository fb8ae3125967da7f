import { text } from '@app/journal';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

export class CreateLedger1764000000005 implements MigrationInterface {
  name = 'CreateLedger1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'tree',
        columns: [text(runner, 'name', { isPrimary: true }), { name: 'size', type: 'bigint' }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'tile',
        columns: [
          text(runner, 'tree', { isPrimary: true }),
          { name: 'level', type: 'integer', isPrimary: true },
          { name: 'idx', type: 'bigint', isPrimary: true },
          text(runner, 'hashes'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'signed_checkpoint',
        columns: [
          text(runner, 'origin', { isPrimary: true }),
          { name: 'size', type: 'bigint', isPrimary: true },
          text(runner, 'note'),
          text(runner, 'signed_at'),
          { name: 'quorum', type: 'integer' },
          text(runner, 'tsr'),
        ],
        indices: [{ name: 'signed_checkpoint_signed_at', columnNames: ['signed_at', 'size'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['signed_checkpoint', 'tile', 'tree']) await runner.dropTable(table);
  }
}
