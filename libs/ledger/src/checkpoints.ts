import { bulk, type Database, type Sql } from '@app/journal';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A checkpoint as it was signed, with the cosignatures it got. */
@Entity('signed_checkpoint')
@Index('signed_checkpoint_signed_at', ['signedAt', 'size'])
export class SignedCheckpoint {
  @PrimaryColumn('text')
  origin: string;

  /** Leaves that it covers. */
  @PrimaryColumn('bigint')
  size: number;

  /** The signed note. */
  @Column('text')
  note: string;

  /** By the log's own clock, UTC, ISO 8601. */
  @Column('text', { name: 'signed_at' })
  signedAt: string;

  /** Whether the quorum of the log's policy cosigned it: 1 or 0. */
  @Column('integer')
  quorum: number;

  /** RFC 3161 response over its text, base64; empty: none. */
  @Column('text')
  tsr: string;
}

const COLUMNS = 'origin, size, note, signed_at AS "signedAt", quorum, tsr';

/** The checkpoints of a log, oldest first; each is kept. */
export class Checkpoints {
  constructor(private readonly database: Database) {}

  /** The newest that the quorum cosigned, of some size at least; undefined: there is none. */
  async newest(origin: string, atLeast = 0): Promise<SignedCheckpoint | undefined> {
    return this.#one('AND quorum = 1 AND size >= ? ORDER BY size DESC', origin, atLeast);
  }

  /** The newest that a quorum cosigned, of the log that was signed last; undefined: there is none. */
  async current(): Promise<SignedCheckpoint | undefined> {
    const [row] = await this.database.read<SignedCheckpoint>(
      `SELECT ${COLUMNS} FROM signed_checkpoint WHERE quorum = 1 ORDER BY signed_at DESC, size DESC LIMIT 1`,
    );
    return row;
  }

  /** The newest that was signed, whoever cosigned it. */
  async newestSigned(origin: string): Promise<SignedCheckpoint | undefined> {
    return this.#one('AND size >= ? ORDER BY size DESC', origin, 0);
  }

  /** The largest that does not cover an entry, and the smallest that does; those that there are. */
  async around(origin: string, index: number): Promise<SignedCheckpoint[]> {
    const before = await this.#one('AND quorum = 1 AND size <= ? ORDER BY size DESC', origin, index);
    const after = await this.#one('AND quorum = 1 AND size > ? ORDER BY size', origin, index);
    return [before, after].filter((one) => one !== undefined);
  }

  /** All of a log after a size, in pages, for whoever checks them. */
  page(origin: string, after: number, limit: number): Promise<SignedCheckpoint[]> {
    return this.database.read<SignedCheckpoint>(
      `SELECT ${COLUMNS} FROM signed_checkpoint WHERE origin = ? AND size > ? ORDER BY size LIMIT ?`,
      [origin, after, limit],
    );
  }

  save(checkpoint: SignedCheckpoint, sql?: Sql): Promise<void> {
    const rows = bulk(this.database.reader, SignedCheckpoint);
    return sql
      ? rows.upsert(sql, [checkpoint])
      : this.database.write((pen) => rows.upsert(pen, [checkpoint]));
  }

  /** Adds the timestamp of a checkpoint (RFC 3161 response, base64). */
  async stamp({ origin, size }: SignedCheckpoint, tsr: string): Promise<void> {
    await this.database.write((sql) =>
      sql('UPDATE signed_checkpoint SET tsr = ? WHERE origin = ? AND size = ?', [tsr, origin, size]),
    );
  }

  async #one(where: string, origin: string, size: number): Promise<SignedCheckpoint | undefined> {
    const [row] = await this.database.read<SignedCheckpoint>(
      `SELECT ${COLUMNS} FROM signed_checkpoint WHERE origin = ? ${where} LIMIT 1`,
      [origin, size],
    );
    return row;
  }
}
