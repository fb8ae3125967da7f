import { describe, expect, it } from '@jest/globals';
import { Endpoint } from './endpoint.ts';
import { PUMP_OPTIONS } from './pump.ts';

const NOW = Date.UTC(2026, 0, 31);
const START = { state: 'active', because: null, fails: 0, failingSince: null, nextAt: 0 } as const;
type State = ConstructorParameters<typeof Endpoint>[0];
const answer = (status: number, retryAfter?: string) => ({
  status,
  ms: 1,
  head: '',
  ...(retryAfter === undefined ? {} : { retryAfter }),
});
/** A round of attempts with these statuses. */
function after(before: State, statuses: readonly number[], retryAfter?: string): State {
  const endpoint = new Endpoint(before, PUMP_OPTIONS);
  for (const status of statuses) endpoint.saw(answer(status, retryAfter), NOW);
  return endpoint.after(NOW);
}

describe('a sink', () => {
  it('is in trouble from five failures in a row on, however many were under way, and is tried after 2 s first', () => {
    const once = after(START, Array(32).fill(500));
    expect(once).toMatchObject({ fails: 5, nextAt: NOW + 2_000, failingSince: NOW });
    const twice = after(once, [500]);
    expect(twice).toMatchObject({ fails: 6, nextAt: NOW + 4_000 });
    let state = twice;
    for (let n = 0; n < 20; n++) state = after(state, [500]);
    expect(state.nextAt).toBe(NOW + 300_000);
  });

  it('is as before after a few failures, and at once when it answers', () => {
    expect(after(START, [500, 500])).toMatchObject({ fails: 2, nextAt: 0 });
    expect(after({ ...START, fails: 9, failingSince: 1, nextAt: 5 }, [200])).toEqual(START);
  });

  it('rests for as long as it asks, and for a while where it does not say', () => {
    expect(after(START, [429], '7').nextAt).toBe(NOW + 7_000);
    expect(after(START, [503], '7').nextAt).toBe(0);
    expect(after(START, [502]).nextAt).toBe(NOW + 2_000);
  });

  it('is disabled after five days, and active when it answers again; gone where it says so', () => {
    const long = { ...START, fails: 40, failingSince: NOW - 120 * 3_600_000 };
    expect(after(long, [500])).toMatchObject({ state: 'disabled', nextAt: NOW + 3_600_000 });
    expect(after({ ...long, state: 'disabled' }, [200])).toMatchObject({ state: 'active', because: null });
    expect(after(START, [410])).toMatchObject({ state: 'gone', because: 'the sink answered 410 (Gone)' });
  });
});
