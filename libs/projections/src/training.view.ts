import type { LegalDate } from '@app/domain/calendar';
import { JP_DUTY, JP_RULES } from '@app/domain/training';
import type { Database } from '@app/journal';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { factRows } from './fact-rows.ts';
import { type AsOf, KNOWN_AT, type Known, type Projection } from './projection.ts';

/** One row a training, as recorded or as corrected. JP are whole hours of 45 minutes. */
@Entity('training')
@Index('training_subject', ['subject', 'year'])
export class Training implements Known {
  @PrimaryColumn('text')
  event: string;

  @Column('text')
  subject: string;

  @Column('integer')
  year: number;

  @Column('text', { name: 'completed_on' })
  completedOn: LegalDate;

  @Column('integer', { name: 'jp_claimed' })
  jpClaimed: number;

  @Column('integer', { name: 'jp_recognised' })
  jpRecognised: number;

  @Column('bigint', { name: 'known_from' })
  knownFrom: number;

  @Column('bigint', { name: 'known_until', nullable: true })
  knownUntil: number | null;
}

export const training: Projection<Training> = {
  name: 'training-hours',
  version: 1,
  entity: Training,
  ...factRows<'TrainingCompleted', Training>('TrainingCompleted', ({ data, event }, { subject, index }) => ({
    event,
    subject,
    year: data.year,
    completedOn: data.to,
    jpClaimed: data.jpClaimed,
    jpRecognised: data.jpRecognised,
    knownFrom: index,
    knownUntil: null,
  })),
};

/** A person's year against the duty of 20 JP (PP 11/2017 Pasal 203(4)); `short` is what is missing, in JP. */
export type TrainingYear = {
  readonly subject: string;
  readonly year: number;
  readonly trainings: number;
  readonly jpClaimed: number;
  readonly jpRecognised: number;
  readonly duty: number;
  readonly short: number;
  readonly verified: boolean;
};

type Sum = {
  subject: string;
  year: number;
  trainings: number;
  claimed: number | null;
  recognised: number | null;
};

const measured = ({ subject, year, trainings, claimed, recognised }: Sum): TrainingYear => ({
  subject,
  year,
  trainings,
  jpClaimed: claimed ?? 0,
  jpRecognised: recognised ?? 0,
  duty: JP_DUTY,
  short: Math.max(0, JP_DUTY - (recognised ?? 0)),
  verified: JP_RULES.verified,
});

/** The years in which a person completed trainings, oldest first. */
export async function trainingYears(
  database: Database,
  subject: string,
  { effectiveOn, knownAt }: AsOf,
): Promise<TrainingYear[]> {
  const rows = await database.read<Sum>(
    `SELECT subject, year, COUNT(*) AS trainings, SUM(jp_claimed) AS claimed, SUM(jp_recognised) AS recognised
     FROM training WHERE subject = ? AND completed_on <= ? AND ${KNOWN_AT} GROUP BY subject, year ORDER BY year`,
    [subject, effectiveOn, knownAt, knownAt],
  );
  return rows.map(measured);
}

/** Everybody known then, in the order of their ids, and their hours of one year; also who has none. */
export async function trainingHours(
  database: Database,
  wanted: { readonly year: number; readonly after?: string; readonly limit: number },
  { effectiveOn, knownAt }: AsOf,
): Promise<TrainingYear[]> {
  const rows = await database.read<Sum>(
    `SELECT p.subject AS subject, ${Number(wanted.year)} AS year, COUNT(t.event) AS trainings,
            SUM(t.jp_claimed) AS claimed, SUM(t.jp_recognised) AS recognised
     FROM current_profile p LEFT JOIN training t ON t.subject = p.subject AND t.year = ? AND t.completed_on <= ?
          AND t.known_from <= ? AND (t.known_until IS NULL OR t.known_until > ?)
     WHERE p.subject > ? AND p.since <= ? GROUP BY p.subject ORDER BY p.subject LIMIT ?`,
    [wanted.year, effectiveOn, knownAt, knownAt, wanted.after ?? '', knownAt, wanted.limit],
  );
  return rows.map(measured);
}
