import { describe, expect, it } from '@jest/globals';
import { parseRetryAfter, retryAfter, verdict } from './schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const least = () => 0;
const most = () => 1 - Number.EPSILON;

describe('the schedule of attempts', () => {
  it('is at once, and the tenth is 75:35:05 after the first', () => {
    const waits = Array.from({ length: 10 }, (_, attempts) => retryAfter(attempts, least));
    expect(waits.map((wait) => wait / 1_000)).toEqual([
      0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
    expect(waits.reduce((sum, wait) => sum + wait)).toBe(75 * HOUR + 35 * 60_000 + 5_000);
  });

  it('goes on every 24 hours', () => {
    for (const attempts of [10, 11, 1_000]) expect(retryAfter(attempts, least)).toBe(DAY);
  });

  it('is spread by up to a tenth, and never early', () => {
    for (let attempts = 0; attempts < 12; attempts++) {
      const wait = retryAfter(attempts, least);
      expect(retryAfter(attempts, most)).toBeCloseTo(wait * 1.1, 0);
      expect(retryAfter(attempts)).toBeGreaterThanOrEqual(wait);
      expect(retryAfter(attempts)).toBeLessThanOrEqual(wait * 1.1);
    }
    expect(new Set(Array.from({ length: 50 }, () => retryAfter(9))).size).toBeGreaterThan(40);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 31, 12, 0, 0);

  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['86400', DAY],
    ['86401', DAY],
    ['9'.repeat(400), DAY],
    ['Sat, 31 Jan 2026 12:00:30 GMT', 30_000],
    ['Saturday, 31-Jan-26 12:00:30 GMT', 30_000],
    ['Sat Jan 31 12:00:30 2026', 30_000],
    ['Mon Feb  2 00:00:00 2026', DAY],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
  ])('%s is taken', (value, wait) => expect(parseRetryAfter(value, now)).toBe(wait));

  it.each([
    undefined,
    '',
    'soon',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    '2026-02-01',
    '2026-02-01T00:00:00Z',
    'Sat, 31 Jan 2026 12:00:30 WIB',
    'Sat, 31 Jan 2026 25:00:30 GMT',
    'Sat, 31 Xyz 2026 12:00:30 GMT',
  ])('%s is passed over', (value) => expect(parseRetryAfter(value, now)).toBeUndefined());
});

describe('the verdict on an attempt', () => {
  it.each([
    [200, 'ok'],
    [202, 'ok'],
    [204, 'ok'],
    [299, 'ok'],
    [199, 'retry'],
    [300, 'retry'],
    [301, 'retry'],
    [302, 'retry'],
    [304, 'retry'],
    [307, 'retry'],
    [308, 'retry'],
    [400, 'retry'],
    [401, 'retry'],
    [404, 'retry'],
    [409, 'retry'],
    [410, 'gone'],
    [429, 'throttle'],
    [500, 'retry'],
    [502, 'throttle'],
    [503, 'retry'],
    [504, 'throttle'],
    [undefined, 'retry'],
  ] as const)('%s: %s', (status, said) => expect(verdict(status)).toBe(said));
});
