import type { JobKind, Jobs } from '@app/jobs';
import { PUMP_OPTIONS, Pump, type Pumping, type PumpOptions } from './pump.ts';
import { WEBHOOK } from './subscriptions.ts';
import type { Tail } from './tail.ts';

/** The jobs that deliver: one a subscription, gone on with for ever. What fails of itself is tried again within a minute. */
export function webhookJobs(by: Omit<Pumping, 'options'>, options: Partial<PumpOptions> = {}): JobKind {
  const all = { ...PUMP_OPTIONS, ...options };
  return {
    name: WEBHOOK,
    attempts: Number.MAX_SAFE_INTEGER,
    backoffMs: (attempt) => Math.min(60_000, 500 * 2 ** Math.min(attempt, 10)),
    claimMs: all.claimMs,
    run: (job, signal) => new Pump({ ...by, options: all }, job).run(signal),
  };
}

const LOOK_AT_LEAST_MS = 60_000;

/** Wakes the deliveries whenever the journal has grown, until the signal. */
export async function wakeDeliveries(
  tail: Tail,
  jobs: Jobs,
  signal: AbortSignal,
  failed: (cause: unknown) => void,
): Promise<void> {
  for (let size = 0; !signal.aborted; )
    try {
      const now = await tail.size();
      if (now > size) await jobs.wake(WEBHOOK);
      size = now;
      await tail.beyond(size - 1, LOOK_AT_LEAST_MS, signal);
    } catch (cause) {
      failed(cause);
      await new Promise((later) => setTimeout(later, 1_000));
    }
}
