import { type FindingKind, type FindingRecorded, subjectOf } from '@app/domain/civil-servant';
import type { Source } from '@app/domain/event';
import type { Database } from '@app/journal';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { json } from './json.ts';
import type { AsOf, Projection } from './projection.ts';

type Said = FindingRecorded['data']['before'];

/** One row a finding. It stays; what was done about the event it is about stands in that person's history. */
@Entity('finding')
@Index('finding_subject', ['subject'])
@Index('finding_kind', ['kind', 'index'])
export class Finding {
  @PrimaryColumn('text')
  event: string;

  @Column('bigint', { name: 'idx' })
  index: number;

  @Column('text')
  subject: string;

  @Column('text')
  kind: FindingKind;

  /** The event that the finding is about. */
  @Column('text', { nullable: true })
  about: string | null;

  @Column('text', { name: 'recorded_on' })
  recordedOn: string;

  @Column('text', { transformer: json })
  fields: readonly string[];

  @Column('text', { name: 'said_before', nullable: true, transformer: json })
  before: Said | null;

  @Column('text', { name: 'said_after', nullable: true, transformer: json })
  after: Said | null;

  /** The source row, where one is meant. */
  @Column('text', { nullable: true, transformer: json })
  source: Source | null;
}

export const finding: Projection<Finding> = {
  name: 'findings',
  version: 1,
  entity: Finding,
  types: ['FindingRecorded'],
  keys: ({ id }) => [id],
  evolve: (_, entry) => {
    const subject = subjectOf(entry.stream);
    if (entry.type !== 'FindingRecorded' || subject === undefined) return undefined;
    const { kind, about, fields, before, after } = entry.data;
    return {
      event: entry.id,
      index: entry.index,
      subject,
      kind,
      about: about ?? null,
      recordedOn: entry.recordedAt.slice(0, 10),
      fields,
      before: before ?? null,
      after: after ?? null,
      source: entry.metadata.source ?? null,
    };
  },
};

/** What to list: after a journal index, at most so many, of a kind or a person. */
export type FindingsWanted = {
  readonly after?: number;
  readonly limit: number;
  readonly kind?: FindingKind;
  readonly subject?: string;
};

/** Findings in the order they were recorded, known and dated at or before both times. */
export function findings(
  database: Database,
  { after = -1, limit, kind, subject }: FindingsWanted,
  { effectiveOn, knownAt }: AsOf,
): Promise<Finding[]> {
  const query = database.reader
    .getRepository(Finding)
    .createQueryBuilder('f')
    .where('f.index > :after AND f.index <= :knownAt AND f.recordedOn <= :effectiveOn', {
      after,
      knownAt,
      effectiveOn,
    });
  if (kind !== undefined) query.andWhere('f.kind = :kind', { kind });
  if (subject !== undefined) query.andWhere('f.subject = :subject', { subject });
  return query.orderBy('f.index').limit(limit).getMany();
}

/** How many findings of each kind there are at both times. */
export async function findingCounts(
  database: Database,
  { effectiveOn, knownAt }: AsOf,
): Promise<Partial<Record<FindingKind, number>>> {
  const rows = await database.read<{ kind: FindingKind; n: number }>(
    'SELECT kind, COUNT(*) AS n FROM finding WHERE idx <= ? AND recorded_on <= ? GROUP BY kind ORDER BY kind',
    [knownAt, effectiveOn],
  );
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, Number(n)]));
}
