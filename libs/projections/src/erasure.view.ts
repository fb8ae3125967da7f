import { subjectOf } from '@app/domain/civil-servant';
import type { Database } from '@app/journal';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { json } from './json.ts';
import type { Projection } from './projection.ts';

/** One row a proposal to erase who a record is about, and what became of it (docs/adr/0014). */
@Entity('erasure')
@Index('erasure_state', ['state', 'index'])
export class ErasureRow {
  /** The event that proposed it. */
  @PrimaryColumn('text')
  event: string;

  /** Its journal index. */
  @Column('bigint', { name: 'idx' })
  index: number;

  @Column('text')
  subject: string;

  /** The account that proposed it. */
  @Column('text')
  actor: string;

  @Column('text')
  jra: string;

  @Column('text', { name: 'retained_until' })
  retainedUntil: string;

  /** The documents that go with it, by SHA-256. */
  @Column('text', { transformer: json })
  evidence: readonly string[];

  @Column('text')
  state: 'waiting' | 'approved' | 'refused';

  /** The event that decided on it. */
  @Column('text', { name: 'settled_by', nullable: true })
  settledBy: string | null;
}

export const erasure: Projection<ErasureRow> = {
  name: 'erasures',
  version: 1,
  entity: ErasureRow,
  types: ['ErasureProposed', 'ErasureApproved', 'ErasureRefused'],
  keys: (entry) => {
    if (entry.type === 'ErasureProposed') return [entry.id];
    return entry.type === 'ErasureApproved' || entry.type === 'ErasureRefused' ? [entry.data.proposal] : [];
  },
  evolve: (row, entry) => {
    switch (entry.type) {
      case 'ErasureProposed': {
        const subject = subjectOf(entry.stream);
        if (subject === undefined) return undefined;
        const { jra, retainedUntil, evidence } = entry.data;
        const { id: event, index } = entry;
        const said = { jra, retainedUntil, evidence, actor: entry.metadata.actor };
        return { event, index, subject, ...said, state: 'waiting', settledBy: null };
      }
      case 'ErasureApproved':
        return row && { ...row, state: 'approved', settledBy: entry.id };
      case 'ErasureRefused':
        return row && { ...row, state: 'refused', settledBy: entry.id };
      default:
        return undefined;
    }
  },
};

/** Proposals in a state (undefined: in any), in the order they were made, after a journal index. */
export function erasures(
  database: Database,
  {
    state,
    after = -1,
    limit,
  }: { readonly state?: ErasureRow['state']; readonly after?: number; readonly limit: number },
): Promise<ErasureRow[]> {
  const query = database.reader
    .getRepository(ErasureRow)
    .createQueryBuilder('e')
    .where('e.index > :after', { after });
  if (state !== undefined) query.andWhere('e.state = :state', { state });
  return query.orderBy('e.index').limit(limit).getMany();
}
