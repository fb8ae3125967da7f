import type { Settings } from '@app/config';
import { bullCarrier, type Carrier, Courier } from '@app/jobs';
import type { OpenRecord } from '@app/record';
import { enterSubmissions } from '@app/siasn';
import { Deliverer } from './deliverer.ts';
import { Follower, type Log } from './follower.ts';
import type { Check } from './readiness.ts';
import { Sealer } from './sealer.ts';
import { works } from './works.ts';

/** What a process does besides answering, by its roles. */
export type Background = {
  readonly follower?: Follower;
  readonly sealer?: Sealer;
  /** What it needs besides the record. */
  readonly checks: readonly Check[];
  readonly start: () => void;
  /** Ends when nothing of it uses the record any more. */
  readonly stop: () => Promise<void>;
};

export function background(record: OpenRecord, settings: Settings, log: Log): Background {
  const { roles } = settings;
  const follower = roles.includes('follower') ? followerOf(record, settings, log) : undefined;
  const sealer = roles.includes('sealer') ? new Sealer(record, settings.ledger, log) : undefined;
  const failed = (cause: unknown) => log.error('a job cannot be carried or done; will try again', cause);
  const carries = roles.includes('courier');
  const carrier = carries && settings.redisUrl ? bullCarrier(settings.redisUrl, failed) : undefined;
  const deliverer = carries ? new Deliverer(record, settings, log) : undefined;
  const courier = carries ? new Courier(record.jobs, works(record, settings), failed, carrier) : undefined;
  return {
    ...(follower ? { follower } : {}),
    ...(sealer ? { sealer } : {}),
    checks: [...(carrier ? [redisCheck(carrier)] : []), ...(sealer ? [sealerCheck(sealer)] : [])],
    start: () => {
      follower?.start();
      courier?.start();
      deliverer?.start();
      sealer?.start();
    },
    stop: async () => {
      await Promise.all([courier?.stop(), deliverer?.stop(), follower?.stop(), sealer?.stop()]);
    },
  };
}

/** Where SIASN can be told, it also enters what was released. */
function followerOf(record: OpenRecord, { siasn }: Settings, log: Log): Follower {
  const follower = new Follower(record, log);
  if (siasn.service) follower.onCaughtUp = () => enterSubmissions(record);
  return follower;
}

/** Unsealed, the record goes on; that it is so must be seen. */
const sealerCheck = (sealer: Sealer): Check => ({
  name: 'sealer',
  optional: true,
  isOk: async () => !sealer.state.failing,
});

/** Without Redis the jobs are done all the same, a little later. */
const redisCheck = (carrier: Carrier): Check => ({
  name: 'redis',
  optional: true,
  isOk: async () => carrier.isReady(),
});
