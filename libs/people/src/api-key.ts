import type { Classification } from '@app/domain/classification';
import type { KeyTerms } from '@app/domain/integration';
import { text } from '@app/journal';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner, Table } from 'typeorm';

/**
 * A key of an integrator: what is in force. Of its secrets only the SHA-256 is here: a slow hash is for what somebody
 * could guess, and 256 random bits nobody guesses. Times are UTC, ISO 8601 with ms.
 */
@Entity('api_key')
export class ApiKey {
  /** What the key's stream and its account are named by; no secret. */
  @PrimaryColumn('text')
  id: string;

  @Column('text')
  name: string;

  /** SHA-256 of the secret, hexadecimal. */
  @Column('text')
  hash: string;

  /** The revision of the key's stream that the secret was given out with. */
  @Column('integer', { name: 'secret_revision' })
  secretRevision: number;

  /** The secret before it, good until `previousUntil`. */
  @Column('text', { name: 'previous_hash', nullable: true })
  previousHash: string | null;

  @Column('text', { name: 'previous_until', nullable: true })
  previousUntil: string | null;

  /** Events up to this class are told of. */
  @Column('text')
  sees: Classification;

  /** Data up to this class are given. */
  @Column('text')
  reads: Classification;

  /** What its reads are for, where they do not say it. */
  @Column('text')
  purpose: string;

  @Column('text', { name: 'expires_at' })
  expiresAt: string;

  @Column('text', { name: 'revoked_at', nullable: true })
  revokedAt: string | null;

  @Column('text', { name: 'created_at' })
  createdAt: string;

  /** Within a minute. */
  @Column('text', { name: 'last_used_at', nullable: true })
  lastUsedAt: string | null;
}

/** What is told of a key: everything but what its secrets are known by. */
export type KeyTold = KeyTerms & {
  readonly id: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly previousUntil: string | null;
  readonly revokedAt: string | null;
};

export const toldOf = ({
  hash: _,
  previousHash: __,
  secretRevision: ___,
  expiresAt: expires,
  ...rest
}: ApiKey): KeyTold => ({ ...rest, expires });

export class CreateApiKeys1764000000007 implements MigrationInterface {
  name = 'CreateApiKeys1764000000007';

  async up(runner: QueryRunner): Promise<void> {
    const texts = (...names: string[]) => names.map((name) => text(runner, name));
    const optional = (...names: string[]) => names.map((name) => text(runner, name, { isNullable: true }));
    await runner.createTable(
      new Table({
        name: 'api_key',
        columns: [
          text(runner, 'id', { isPrimary: true }),
          ...texts('name', 'hash'),
          { name: 'secret_revision', type: 'integer' },
          ...optional('previous_hash', 'previous_until'),
          ...texts('sees', 'reads', 'purpose', 'expires_at'),
          ...optional('revoked_at'),
          ...texts('created_at'),
          ...optional('last_used_at'),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('api_key');
  }
}
