import { Database, type Sql, text } from '@app/journal';
import type { Hash } from '@app/proof';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner, Table } from 'typeorm';
import { MIRROR_ENTITIES, MIRROR_MIGRATIONS } from './mirror-state.ts';

/** The last checkpoint of a log that this witness cosigned. `size` in decimal: it does not fit every number. */
@Entity('cosigned')
export class Cosigned {
  @PrimaryColumn('text')
  origin: string;

  @Column('text')
  size: string;

  /** Base64. */
  @Column('text')
  root: string;

  /** The signed note, with the log's signatures and the cosignature. */
  @Column('text')
  note: string;
}

export class CreateCosigned1764000000020 implements MigrationInterface {
  name = 'CreateCosigned1764000000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'cosigned',
        columns: [
          text(runner, 'origin', { isPrimary: true }),
          ...['size', 'root', 'note'].map((name) => text(runner, name)),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('cosigned');
  }
}

/**
 * The database of a witness: its own, and never the log's. A file, or a PostgreSQL server by its URL. What was
 * committed in it outlives a loss of power: who cosigned must not forget. Throws `DatabaseUnavailable`.
 */
export const openWitnessState = (where: string): Promise<Database> =>
  Database.open(where, {
    entities: [Cosigned, ...MIRROR_ENTITIES],
    migrations: [CreateCosigned1764000000020, ...MIRROR_MIGRATIONS],
    durable: true,
  });

/** What was cosigned last of a log. */
export type LastCosigned = { readonly size: bigint; readonly root: Hash; readonly note: string };

/** Undefined: nothing of this log was ever cosigned. */
export async function lastCosigned(sql: Sql, origin: string): Promise<LastCosigned | undefined> {
  const [row] = await sql<Cosigned>('SELECT * FROM cosigned WHERE origin = ?', [origin]);
  return row && { size: BigInt(row.size), root: Buffer.from(row.root, 'base64'), note: row.note };
}

export async function keepCosigned(sql: Sql, origin: string, last: LastCosigned): Promise<void> {
  await sql(
    `INSERT INTO cosigned (origin, size, root, note) VALUES (?, ?, ?, ?)
     ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note`,
    [origin, String(last.size), last.root.toString('base64'), last.note],
  );
}
