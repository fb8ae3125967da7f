import { daysLate } from '@app/domain/backdated';
import { type FactEvent, subjectOf } from '@app/domain/civil-servant';
import type { Source } from '@app/domain/event';
import type { Database } from '@app/journal';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { json } from './json.ts';
import type { AsOf, Projection } from './projection.ts';

/** One row an event that is "dicatat mundur": recorded more than `BACKDATED_DAYS` after its TMT (proof 3.16). */
@Entity('backdated')
@Index('backdated_index', ['index'])
export class Backdated {
  @PrimaryColumn('text')
  event: string;

  @Column('bigint', { name: 'idx' })
  index: number;

  @Column('text')
  subject: string;

  @Column('text')
  type: FactEvent['type'];

  @Column('text')
  tmt: string;

  @Column('text', { name: 'recorded_on' })
  recordedOn: string;

  @Column('integer')
  days: number;

  /** The account that recorded it. */
  @Column('text')
  actor: string;

  /** The source row, where it was imported. */
  @Column('text', { nullable: true, transformer: json })
  source: Source | null;
}

export const backdated: Projection<Backdated> = {
  name: 'backdated',
  version: 1,
  entity: Backdated,
  types: ['Registered', 'Placed', 'Appointed', 'Promoted', 'SanctionImposed', 'SanctionLifted', 'Awarded'],
  keys: ({ id }) => [id],
  evolve: (_, entry) => {
    const subject = subjectOf(entry.stream);
    if (subject === undefined || !('tmt' in entry.data)) return undefined;
    const { tmt } = entry.data;
    const days = daysLate(tmt, entry.recordedAt);
    if (days === undefined) return undefined;
    const { id: event, index, recordedAt, metadata } = entry;
    const type = entry.type as FactEvent['type'];
    const said = { tmt, recordedOn: recordedAt.slice(0, 10), days };
    return { event, index, subject, type, ...said, actor: metadata.actor, source: metadata.source ?? null };
  },
};

/** What to list: after a journal index, at most so many; of those only that are more than `days` late. */
export type BackdatedWanted = { readonly after?: number; readonly limit: number; readonly days?: number };

/** What was recorded late, in the order it was recorded, known and recorded at or before both times. */
export function backdatedAt(
  database: Database,
  { after = -1, limit, days = 0 }: BackdatedWanted,
  { effectiveOn, knownAt }: AsOf,
): Promise<Backdated[]> {
  return database.reader
    .getRepository(Backdated)
    .createQueryBuilder('b')
    .where('b.index > :after AND b.index <= :knownAt AND b.recordedOn <= :effectiveOn AND b.days > :days', {
      after,
      knownAt,
      effectiveOn,
      days,
    })
    .orderBy('b.index')
    .limit(limit)
    .getMany();
}
