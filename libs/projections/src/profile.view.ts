import type { LegalDate } from '@app/domain/calendar';
import { type Fact, subjectOf } from '@app/domain/civil-servant';
import { changesAfter, type Profile, profileOn } from '@app/domain/profile';
import { type DomainEvent, STORED_TYPES } from '@app/event-store';
import type { Database } from '@app/journal';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { stated } from './fact-rows.ts';
import { json } from './json.ts';
import { type AsOf, type Known, type Projection, wasKnown } from './projection.ts';

type DatedFact = Fact & Known;

/** One row a person: every fact ever recorded, with when it was known, and the columns of today for lists. */
@Entity('current_profile')
export class CurrentProfile {
  @PrimaryColumn('text')
  subject: string;

  /** Revision of the person's stream that this row is at. */
  @Column('integer')
  revision: number;

  /** Journal index of the first event of the person. */
  @Column('bigint')
  since: number;

  @Column('text', { transformer: json })
  facts: readonly DatedFact[];

  @Column('text', { nullable: true })
  golongan: string | null;

  @Column('text', { nullable: true })
  jabatan: string | null;

  @Index('current_profile_unit')
  @Column('text', { nullable: true })
  unit: string | null;

  /** Predikat of the last appraised year. */
  @Column('text', { nullable: true })
  predikat: string | null;

  /** Sanctions being served. */
  @Column('integer')
  serving: number;

  /** The day on which these columns change by themselves. */
  @Index('current_profile_changes_on')
  @Column('text', { name: 'changes_on', nullable: true })
  changesOn: LegalDate | null;
}

export const currentProfile: Projection<CurrentProfile> = {
  name: 'current-profile',
  version: 1,
  entity: CurrentProfile,
  types: STORED_TYPES.filter((type) => type !== 'UnitRecorded') as DomainEvent['type'][],
  keys: ({ stream }) => {
    const subject = subjectOf(stream);
    return subject === undefined ? [] : [subject];
  },
  evolve: (row = empty(), entry, subject) => {
    const { index, revision } = entry;
    const undone = entry.type === 'Annulled' || entry.type === 'Corrected' ? entry.data.event : undefined;
    const fact = stated(entry);
    const facts = undone === undefined ? [...row.facts] : row.facts.map((old) => close(old, undone, index));
    if (fact) facts.push({ ...fact, knownFrom: index, knownUntil: null });
    return { ...row, subject, revision, since: row.revision < 0 ? index : row.since, facts };
  },
  settle: { row: settle, due: 'changes_on' },
};

const close = (fact: DatedFact, event: string, index: number): DatedFact =>
  fact.event === event ? { ...fact, knownUntil: index } : fact;

const empty = (): CurrentProfile => ({
  subject: '',
  revision: -1,
  since: -1,
  facts: [],
  golongan: null,
  jabatan: null,
  unit: null,
  predikat: null,
  serving: 0,
  changesOn: null,
});

/** The columns of today. */
function settle(row: CurrentProfile, today: LegalDate): CurrentProfile {
  const known = { facts: row.facts.filter(({ knownUntil }) => knownUntil === null) };
  const profile = profileOn(known, today);
  return {
    ...row,
    golongan: profile.promotion?.golongan ?? null,
    jabatan: profile.appointment?.jabatan ?? null,
    unit: profile.placement?.unit ?? null,
    predikat: profile.predikat.at(-1)?.predikat ?? null,
    serving: profile.serving.length,
    changesOn: changesAfter(known, today) ?? null,
  };
}

/** The profile of one person at both times; undefined: nothing was known of this subject then. */
export function profileAt(row: CurrentProfile | null, { effectiveOn, knownAt }: AsOf): Profile | undefined {
  if (!row || row.since > knownAt) return undefined;
  const facts = row.facts.filter((fact) => wasKnown(fact, knownAt)).map(plain);
  return profileOn({ facts }, effectiveOn);
}

const plain = ({ knownFrom: _, knownUntil: __, ...fact }: DatedFact): Fact => fact as Fact;

export const profileRow = (database: Database, subject: string): Promise<CurrentProfile | null> =>
  database.reader.getRepository(CurrentProfile).findOneBy({ subject });

/** What to list: after a subject, at most so many, of a unit. */
export type ProfilesWanted = { readonly after?: string; readonly limit: number; readonly unit?: string };
export type Listed = { readonly subject: string; readonly revision: number; readonly profile: Profile };

const SCAN = 500;

/** People in the order of their ids, each as of both times; `unit`: who was placed there then. */
export async function profilesAt(
  database: Database,
  { after = '', limit, unit }: ProfilesWanted,
  asOf: AsOf,
): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (let last: string | undefined = after; last !== undefined && listed.length < limit; ) {
    const rows = await rowsAfter(database, last);
    listed.push(...rows.flatMap((row) => listedAt(row, unit, asOf)));
    last = rows.length < SCAN ? undefined : rows.at(-1)?.subject;
  }
  return listed.slice(0, limit);
}

const rowsAfter = (database: Database, last: string): Promise<CurrentProfile[]> =>
  database.reader
    .getRepository(CurrentProfile)
    .createQueryBuilder('p')
    .where('p.subject > :last', { last })
    .orderBy('p.subject')
    .limit(SCAN)
    .getMany();

function listedAt(row: CurrentProfile, unit: string | undefined, asOf: AsOf): Listed[] {
  const profile = profileAt(row, asOf);
  const matches = profile && (unit === undefined || profile.placement?.unit === unit);
  return matches ? [{ subject: row.subject, revision: row.revision, profile }] : [];
}
