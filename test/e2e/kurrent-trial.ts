import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { idsOf, STREAM, someEvents } from '../../libs/event-store/src/contract-log.ts';
import { type NewEvent, StoreUnavailable } from '../../libs/event-store/src/event-store.ts';
import { KurrentEventStore } from '../../libs/event-store/src/kurrent.ts';
import type { KurrentTimes } from '../../libs/event-store/src/kurrent-patience.ts';
import { KurrentDouble } from '../kurrent-double/index.ts';

/** Short, so that a fault is met soon; an outcome is waited for through several of them. */
export const SOON: KurrentTimes = { callMs: 400, totalMs: 4_000, openMs: 1_500, pollMs: 200 };
/** Generous: what is bounded ends long before. */
export const BOUNDED_MS = 15_000;
export const FAULTS = ['no-reply', 'end-ok', 'unavailable', 'cancelled', 'not-leader', 'reset'] as const;

/** What comes of work that must come to something in bounded time. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(BOUNDED_MS, undefined, over).then(() => {
    throw new Error(`nothing came of it in ${BOUNDED_MS} ms`);
  });
  return Promise.race([work, late]).finally(() => over.abort());
}

/** Appends one event at a time; their ids. */
export async function writeSlowly(
  store: KurrentEventStore,
  count: number,
  stream = STREAM,
): Promise<string[]> {
  const events = someEvents(count);
  for (const [n, event] of events.entries()) {
    await store.append(stream, n === 0 ? 'no-stream' : n - 1, [event]);
    await sleep(10);
  }
  return idsOf(events);
}

/** Appends one event at a time, each until it is acknowledged; their ids. */
export async function writeThrough(
  store: KurrentEventStore,
  stream: string,
  count: number,
): Promise<string[]> {
  const events: NewEvent[] = someEvents(count);
  for (const [n, event] of events.entries())
    expect(await untilAnswered(() => store.append(stream, n === 0 ? 'no-stream' : n - 1, [event]))).toEqual({
      revision: n,
    });
  return idsOf(events);
}

/** Asks again for as long as the log is out of reach. */
export async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (const giveUp = performance.now() + 45_000; ; )
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || performance.now() > giveUp) throw error;
    }
}

/** One fault after another, with more calm between them than they last, until the signal aborts. */
export async function rage(double: KurrentDouble, signal: AbortSignal): Promise<void> {
  const meet = (kind: (typeof FAULTS)[number], applied: boolean, times: number) => {
    double.fail('append', { kind }, { times: 3 * times, applied });
    double.fail('read', { kind }, { times });
    double.fail('subscribe', { kind }, { times });
  };
  for (let n = 0; !signal.aborted; n++) {
    for (const kind of FAULTS) {
      meet(kind, n % 2 === 0, 1);
      double.dropSubscriptions(n % 2 === 0 ? 'reset' : 'end-ok');
      await sleep(30);
      meet(kind, false, 0);
      await sleep(120);
    }
  }
}
