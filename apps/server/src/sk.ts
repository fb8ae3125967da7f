import type { Sk } from '@app/domain/civil-servant';
import { Day, Matching, Text } from './body.ts';

/** A surat keputusan: its number as printed, and its date. */
export class SkBody implements Sk {
  @Text({ max: 100 })
  number: string;

  @Day()
  date: string;
}

/** The id of a unit kerja (unor), as the source gives it. */
export const UnitId = (of: { optional?: true } = {}) =>
  Matching({
    ...of,
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
    is: 'the id of a unit: 1 to 64 letters, digits, points, lines',
    max: 64,
  });
