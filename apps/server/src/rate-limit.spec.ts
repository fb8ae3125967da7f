import { describe, expect, it } from '@jest/globals';
import { Buckets } from './rate-limit.ts';

const taken = (buckets: Buckets, name: string, times: number, now = 0) =>
  Array.from({ length: times }, () => buckets.take(name, now));

describe('a bucket of requests', () => {
  it.each([1, 3, 7, 600, 999_999])('holds a minute’s worth: %d', (quota) => {
    const buckets = new Buckets(quota);
    const times = Math.min(quota, 1_000);
    const all = taken(buckets, 'a', times);
    expect(all.every(({ allowed }) => allowed)).toBe(true);
    expect(all.map(({ remaining }) => remaining)).toEqual(all.map((_, n) => quota - n - 1));
    if (times < quota) return;
    expect(buckets.take('a', 0)).toEqual({
      allowed: false,
      remaining: 0,
      moreIn: expect.closeTo(60_000 / quota, 3),
    });
  });

  it('fills again evenly, and never above', () => {
    const buckets = new Buckets(6);
    taken(buckets, 'a', 6);
    expect(buckets.take('a', 9_999)).toMatchObject({ allowed: false, moreIn: 1 });
    expect(buckets.take('a', 10_000)).toMatchObject({ allowed: true, remaining: 0, moreIn: 10_000 });
    expect(buckets.take('a', 10_000)).toMatchObject({ allowed: false });
    expect(taken(buckets, 'a', 7, 500_000).filter(({ allowed }) => allowed)).toHaveLength(6);
  });

  it('is nobody else’s', () => {
    const buckets = new Buckets(1);
    expect(buckets.take('a', 0).allowed).toBe(true);
    expect(buckets.take('b', 0).allowed).toBe(true);
    expect(buckets.take('a', 0).allowed).toBe(false);
  });

  it('that is full again is not kept for ever', () => {
    const buckets = new Buckets(60);
    for (let n = 0; n < 5_000; n++) buckets.take(`n${n}`, n * 10);
    expect(buckets.size).toBeLessThanOrEqual(1_000);
  });
});
