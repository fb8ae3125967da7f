import { text as textColumn } from '@app/journal';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

export class CreatePeople1764000000002 implements MigrationInterface {
  name = 'CreatePeople1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    const text = (name: string) => textColumn(runner, name);
    const key = (name: string) => textColumn(runner, name, { isPrimary: true });
    const optional = (name: string) => textColumn(runner, name, { isNullable: true });
    await runner.createTable(
      new Table({
        name: 'person',
        columns: [
          key('subject'),
          optional('pns_id'),
          text('nip'),
          text('name'),
          optional('gelar_depan'),
          optional('gelar_belakang'),
          text('born'),
          ...['sex', 'nik', 'phone', 'email', 'address'].map(optional),
        ],
        indices: [
          { name: 'person_pns_id', columnNames: ['pns_id'], isUnique: true },
          { name: 'person_nip', columnNames: ['nip'], isUnique: true },
          { name: 'person_name', columnNames: ['name'] },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'nip',
        columns: [key('nip'), text('subject'), text('known_since')],
        indices: [{ name: 'nip_subject', columnNames: ['subject'] }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'account',
        columns: [key('id'), text('issuer'), text('name')],
        indices: [{ name: 'account_of', columnNames: ['issuer', 'name'], isUnique: true }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['account', 'nip', 'person']) await runner.dropTable(table);
  }
}
