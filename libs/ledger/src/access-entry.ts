import { canonical } from '@app/event-store';
import { text } from '@app/journal';
import {
  Column,
  Entity,
  Index,
  type MigrationInterface,
  PrimaryColumn,
  type QueryRunner,
  Table,
} from 'typeorm';

/** What came of a read. `answered`: also with that there is nothing. `denied`: the asker may not read this. */
export type AccessOutcome = 'answered' | 'denied';

/** Somebody's read of persons' data. The row is never changed and never removed; the database refuses to. */
@Entity('access')
@Index('access_subject', ['subject', 'index'])
@Index('access_actor', ['actor', 'index'])
export class AccessEntry {
  /** From 0, without gaps. */
  @PrimaryColumn('bigint', { name: 'idx' })
  index: number;

  /** When it was entered, before the answer; UTC, ISO 8601 with ms, never before the entry in front of it. */
  @Column('text')
  at: string;

  /** The account of whoever read: an opaque id, never a NIP or a name. */
  @Column('text')
  actor: string;

  @Column('text')
  role: string;

  /** For what, in the reader's own words. */
  @Column('text')
  purpose: string;

  /** The template of the route, or the command, with the names of what was asked by; never a value that is somebody's. */
  @Column('text')
  what: string;

  /** Of whom, the id of the record; null: of many, or of nobody who was found. */
  @Column('text', { nullable: true })
  subject: string | null;

  @Column('text')
  outcome: AccessOutcome;

  /** The entry as `leafOfAccess` has it. */
  @Column('text')
  leaf: string;

  /** SHA-256(0x00 || leaf) (RFC 6962 §2.1), base64. */
  @Column('text', { name: 'leaf_hash' })
  leafHash: string;
}

/** A read as it is entered: everything but its place and its time. */
export type Access = Pick<AccessEntry, 'actor' | 'role' | 'purpose' | 'what' | 'subject' | 'outcome'>;
/** A read as it is told of. */
export type Accessed = Access & Pick<AccessEntry, 'index' | 'at'>;

/** Leaf bytes of an entry: RFC 8785 JSON of its members and `v:1`. Throws `NotStorable`. */
export const leafOfAccess = ({ index, at, actor, role, purpose, what, subject, outcome }: Accessed): string =>
  canonical({ v: 1, index, at, actor, role, purpose, what, subject, outcome });

/** SQLite's REPLACE removes a row without asking the trigger of DELETE. */
const TAKES_A_PLACE = 'WHEN EXISTS (SELECT 1 FROM access WHERE idx = NEW.idx)';
const ON_SQLITE = [
  ['UPDATE', ''],
  ['DELETE', ''],
  ['INSERT', TAKES_A_PLACE],
].map(
  ([change, when]) => `CREATE TRIGGER access_keeps_on_${change} BEFORE ${change} ON access ${when}
    BEGIN SELECT RAISE(ABORT, 'an entry of the access log is never changed or removed'); END`,
);
const ON_POSTGRES = [
  `CREATE OR REPLACE FUNCTION refuse_to_change_access() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'an entry of the access log is never changed or removed'; END $$`,
  `CREATE TRIGGER access_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON access
    EXECUTE FUNCTION refuse_to_change_access()`,
];

export class CreateAccess1764000000006 implements MigrationInterface {
  name = 'CreateAccess1764000000006';

  async up(runner: QueryRunner): Promise<void> {
    const texts = (...names: string[]) => names.map((name) => text(runner, name));
    await runner.createTable(
      new Table({
        name: 'access',
        columns: [
          { name: 'idx', type: 'bigint', isPrimary: true },
          ...texts('at', 'actor', 'role', 'purpose', 'what'),
          text(runner, 'subject', { isNullable: true }),
          ...texts('outcome', 'leaf', 'leaf_hash'),
        ],
        indices: ['subject', 'actor'].map((column) => ({
          name: `access_${column}`,
          columnNames: [column, 'idx'],
        })),
      }),
    );
    const triggers = isPostgres(runner) ? ON_POSTGRES : ON_SQLITE;
    for (const statement of triggers) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('access');
    if (isPostgres(runner)) await runner.query('DROP FUNCTION refuse_to_change_access');
  }
}

const isPostgres = ({ dataSource }: QueryRunner): boolean => dataSource.options.type === 'postgres';
