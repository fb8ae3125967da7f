import { expect, it } from '@jest/globals';
import { daysLate } from './backdated.ts';

it('says how many days late something was recorded, from 31 on', () => {
  expect(daysLate('2026-01-01', '2026-01-31T23:59:59.999Z')).toBeUndefined();
  expect(daysLate('2026-01-01', '2026-02-01T00:00:00.000Z')).toBe(31);
  expect(daysLate('2026-03-01', '2026-01-01T00:00:00.000Z')).toBeUndefined();
  expect(daysLate('tidak diketahui', '2026-01-01T00:00:00.000Z')).toBeUndefined();
});
