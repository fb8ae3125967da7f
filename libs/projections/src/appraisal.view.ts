import type { LegalDate } from '@app/domain/calendar';
import { daysOf, periodKey } from '@app/domain/career';
import { PREDIKAT, type Predikat } from '@app/domain/predikat';
import type { Database } from '@app/journal';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { factRows } from './fact-rows.ts';
import { type AsOf, KNOWN_AT, type Known, type Projection } from './projection.ts';

/** One row an appraisal, as recorded or as corrected. `period` is `2025` or `2025-01..03`. */
@Entity('appraisal')
@Index('appraisal_period', ['period', 'unit'])
export class Appraisal implements Known {
  @PrimaryColumn('text')
  event: string;

  @Column('text')
  subject: string;

  @Column('text')
  period: string;

  @Column('text', { name: 'ends_on' })
  endsOn: LegalDate;

  /** The unit that the appraisal names, else the one placed in at the period's end; null: not known. */
  @Column('text', { nullable: true })
  unit: string | null;

  @Column('text')
  predikat: Predikat;

  @Column('bigint', { name: 'known_from' })
  knownFrom: number;

  @Column('bigint', { name: 'known_until', nullable: true })
  knownUntil: number | null;
}

export const appraisal: Projection<Appraisal> = {
  name: 'predikat-distribution',
  version: 1,
  entity: Appraisal,
  ...factRows<'AppraisalScored', Appraisal>('AppraisalScored', ({ data, event }, { subject, index }) => ({
    event,
    subject,
    period: periodKey(data.period),
    endsOn: daysOf(data.period).to,
    unit: data.unit ?? null,
    predikat: data.predikat,
    knownFrom: index,
    knownUntil: null,
  })),
};

/** How many people of a unit carry each predikat for a period. `unit` null: not known. */
export type Distribution = {
  readonly unit: string | null;
  readonly period: string;
  readonly appraised: number;
  readonly counts: Readonly<Record<Predikat, number>>;
};

/** The distribution of a year (or another period) over units, in the order of unit ids. */
export async function distribution(
  database: Database,
  { period, unit }: { readonly period: string; readonly unit?: string },
  { effectiveOn, knownAt }: AsOf,
): Promise<Distribution[]> {
  const rows = await database.read<{ unit: string | null; predikat: Predikat; n: number }>(
    `SELECT unit, predikat, COUNT(*) AS n FROM appraisal
     WHERE period = ? AND ends_on <= ? AND ${KNOWN_AT}${unit === undefined ? '' : ' AND unit = ?'}
     GROUP BY unit, predikat ORDER BY unit NULLS FIRST`,
    [period, effectiveOn, knownAt, knownAt, ...(unit === undefined ? [] : [unit])],
  );
  const units = new Map<string | null, Record<Predikat, number>>();
  for (const { unit: of, predikat, n } of rows) {
    const counts = units.get(of) ?? nobody();
    units.set(of, { ...counts, [predikat]: Number(n) });
  }
  return [...units].map(([of, counts]) => ({
    unit: of,
    period,
    appraised: Object.values(counts).reduce((sum, n) => sum + n, 0),
    counts,
  }));
}

const nobody = () =>
  Object.fromEntries(PREDIKAT.map((predikat) => [predikat, 0])) as Record<Predikat, number>;
