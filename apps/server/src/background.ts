import type { Settings } from '@app/config';
import { bullCarrier, Courier } from '@app/jobs';
import type { OpenRecord } from '@app/record';
import { Follower, type Log } from './follower.ts';
import { works } from './works.ts';

/** What a process does besides answering, by its roles. */
export type Background = {
  readonly follower?: Follower;
  readonly start: () => void;
  /** Ends when nothing of it uses the record any more. */
  readonly stop: () => Promise<void>;
};

export function background(record: OpenRecord, settings: Settings, log: Log): Background {
  const { roles, redisUrl } = settings;
  const follower = roles.includes('follower') ? new Follower(record, log) : undefined;
  const failed = (cause: unknown) => log.error('a job cannot be carried or done; will try again', cause);
  const courier = roles.includes('courier')
    ? new Courier(
        record.jobs,
        works(record, settings),
        failed,
        redisUrl === undefined ? undefined : bullCarrier(redisUrl, failed),
      )
    : undefined;
  return {
    ...(follower ? { follower } : {}),
    start: () => {
      follower?.start();
      courier?.start();
    },
    stop: async () => {
      await Promise.all([courier?.stop(), follower?.stop()]);
    },
  };
}
