import { type Sql, text } from '@app/journal';
import { CompactRange, hashesIn } from '@app/proof';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner, Table } from 'typeorm';

/** How far a log is mirrored: all before `size` was checked. */
@Entity('mirror')
export class Mirror {
  @PrimaryColumn('text')
  origin: string;

  @Column('bigint')
  size: number;

  /** The compact range: base64 of its hashes, one after the other. */
  @Column('text')
  hashes: string;

  /** Of the last entry; empty: there is none. */
  @Column('text', { name: 'recorded_at' })
  recordedAt: string;
}

/** A stream of the mirrored log: the indexes of its first and last entry, and the revision of the last. */
@Entity('mirrored_stream')
export class MirroredStream {
  @PrimaryColumn('text')
  stream: string;

  @Column('bigint', { name: 'first_index' })
  first: number;

  @Column('bigint', { name: 'last_index' })
  last: number;

  @Column('bigint')
  revision: number;
}

/** What later entries may ask of an entry. */
@Entity('mirrored_event')
export class MirroredEvent {
  /** `<first index of its stream>/<id>`: an id is an id within its stream. */
  @PrimaryColumn('text')
  key: string;

  @Column('bigint', { name: 'first_index' })
  first: number;

  @Column('bigint', { name: 'idx' })
  index: number;

  /** The entry before it in its stream; -1: it is the first. */
  @Column('bigint', { name: 'previous_index' })
  previous: number;

  @Column('bigint')
  revision: number;

  @Column('text')
  actor: string;
}

/** That a rule set was published, or a document kept: the hash of which (`factOf`). */
@Entity('mirrored_fact')
export class MirroredFact {
  @PrimaryColumn('text')
  fact: string;
}

/** What was found wrong, once. */
@Entity('mirror_finding')
export class MirrorFinding {
  @PrimaryColumn('bigint', { name: 'idx' })
  index: number;

  @PrimaryColumn('text')
  rule: string;

  @Column('text')
  because: string;

  /** The size of the checkpoint that was not cosigned for it, in decimal. */
  @Column('text')
  size: string;

  @Column('text', { name: 'found_at' })
  foundAt: string;
}

export class CreateMirror1764000000021 implements MigrationInterface {
  name = 'CreateMirror1764000000021';

  async up(runner: QueryRunner): Promise<void> {
    const key = (name: string) => text(runner, name, { isPrimary: true });
    const texts = (...names: string[]) => names.map((name) => text(runner, name));
    const numbers = (...names: string[]) => names.map((name) => ({ name, type: 'bigint' }));
    const tables = [
      { name: 'mirror', columns: [key('origin'), ...numbers('size'), ...texts('hashes', 'recorded_at')] },
      {
        name: 'mirrored_stream',
        columns: [key('stream'), ...numbers('first_index', 'last_index', 'revision')],
      },
      {
        name: 'mirrored_event',
        columns: [
          key('key'),
          ...numbers('first_index', 'idx', 'previous_index', 'revision'),
          ...texts('actor'),
        ],
        indices: [{ name: 'mirrored_event_stream', columnNames: ['first_index', 'idx'] }],
      },
      { name: 'mirrored_fact', columns: [key('fact')] },
      {
        name: 'mirror_finding',
        columns: [
          { name: 'idx', type: 'bigint', isPrimary: true },
          key('rule'),
          ...texts('because', 'size', 'found_at'),
        ],
      },
    ];
    for (const table of tables) await runner.createTable(new Table(table));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['mirror_finding', 'mirrored_fact', 'mirrored_event', 'mirrored_stream', 'mirror'])
      await runner.dropTable(name);
  }
}

export const MIRROR_ENTITIES = [Mirror, MirroredStream, MirroredEvent, MirroredFact, MirrorFinding];
export const MIRROR_MIGRATIONS = [CreateMirror1764000000021];

/** What is known of a log as far as it is mirrored. */
export type Mirrored = { readonly range: CompactRange; readonly recordedAt: string };

export async function mirroredOf(sql: Sql, origin: string): Promise<Mirrored> {
  const [row] = await sql<{ size: number; hashes: string; recorded_at: string }>(
    'SELECT size, hashes, recorded_at FROM mirror WHERE origin = ?',
    [origin],
  );
  if (!row) return { range: new CompactRange(), recordedAt: '' };
  const hashes = hashesIn(Buffer.from(row.hashes, 'base64'));
  return { range: CompactRange.from(BigInt(row.size), hashes), recordedAt: row.recorded_at };
}

export async function keepMirrored(sql: Sql, origin: string, { range, recordedAt }: Mirrored): Promise<void> {
  await sql(
    `INSERT INTO mirror (origin, size, hashes, recorded_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (origin) DO UPDATE
     SET size = excluded.size, hashes = excluded.hashes, recorded_at = excluded.recorded_at`,
    [origin, Number(range.size), Buffer.concat(range.hashes).toString('base64'), recordedAt],
  );
}

/** Whether the database mirrors another log already: it can mirror one. */
export async function otherMirrored(sql: Sql, origin: string): Promise<string | undefined> {
  const [row] = await sql<{ origin: string }>('SELECT origin FROM mirror WHERE origin <> ?', [origin]);
  return row?.origin;
}
