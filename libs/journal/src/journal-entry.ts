import type { Recorded } from '@app/domain/event';
import { type DomainEvent, meaning } from '@app/event-store';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One event in the gapless order. `leaf` is its canonical JSON (proof 3.15), `leafHash` = SHA-256(0x00 || leaf). */
@Entity('journal')
@Index('journal_stream', ['stream', 'index'])
@Index('journal_actor', ['actor', 'index'])
@Index('journal_type', ['type', 'index'])
@Index('journal_recorded_at', ['recordedAt', 'index'])
export class JournalEntry {
  /** From 0, without gaps; the only position that others use. */
  @PrimaryColumn('bigint', { name: 'idx' })
  index: number;

  @Index('journal_id', { unique: true })
  @Column('text')
  id: string;

  @Column('text')
  stream: string;

  @Column('integer')
  revision: number;

  @Column('text')
  type: string;

  @Column('text')
  actor: string;

  @Column('text', { name: 'recorded_at' })
  recordedAt: string;

  /** Where the store has it; nobody but the follower reads this. */
  @Column('bigint')
  position: number;

  @Column('text')
  leaf: string;

  /** Base64. */
  @Column('text', { name: 'leaf_hash' })
  leafHash: string;
}

/** An event with its place in the journal; `v` is the version of the leaf's envelope. */
export type Entry<E extends DomainEvent = DomainEvent> = Recorded<E> & {
  readonly index: number;
  readonly v: 1;
};

/** What a journal row means today; throws `UnknownShape`. */
export function entryOf<E extends DomainEvent = DomainEvent>(
  row: Pick<JournalEntry, 'index' | 'leaf'>,
): Entry<E> {
  const entry = JSON.parse(row.leaf) as { -readonly [K in keyof Entry]: unknown };
  entry.data = meaning(entry.type as string, entry.data);
  entry.index = row.index;
  return entry as unknown as Entry<E>;
}
