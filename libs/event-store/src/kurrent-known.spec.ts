import { describe, expect, it } from '@jest/globals';
import { KnownIds } from './kurrent-known.ts';

const S = 'unit-1';

describe('the ids that are known of a stream', () => {
  it('are those from its first event on, whichever way they are learned', () => {
    const known = new KnownIds();
    known.learn(S, 0, ['a', 'b']);
    known.learn(S, 1, ['b', 'c']);
    known.learn(S, 0, ['a']);
    expect(known.count(S)).toBe(3);
    expect(known.holdsAny(S, 2, ['x', 'c'])).toBe(true);
    expect(known.holdsAny(S, 1, ['x', 'c'])).toBe(false);
    expect(known.holdsAny('unit-2', 9, ['a'])).toBe(false);
  });

  it('have no gap: what comes after one is not taken', () => {
    const known = new KnownIds();
    known.learn(S, 0, ['a']);
    known.learn(S, 2, ['c']);
    known.learn('unit-2', 1, ['b']);
    expect([known.count(S), known.count('unit-2')]).toEqual([1, 0]);
  });

  it('are forgotten, the stream least lately met first, where they are too many', () => {
    const known = new KnownIds(4);
    known.learn('unit-1', 0, ['a', 'b']);
    known.learn('unit-2', 0, ['c', 'd']);
    known.learn('unit-1', 1, ['b']);
    known.learn('unit-3', 0, ['e']);
    expect(['unit-1', 'unit-2', 'unit-3'].map((stream) => known.count(stream))).toEqual([2, 0, 1]);
    known.learn('unit-4', 0, ['f', 'g', 'h', 'i', 'j']);
    expect(known.count('unit-4')).toBe(5);
  });
});
