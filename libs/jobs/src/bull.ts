import Queue from 'bull';
import type { Carrier } from './courier.ts';

/** How long Redis may take to accept a job, and the workers to put one down, in ms. */
const REDIS_MS = 2_000;
const LAST_MOMENT_MS = 5_000;

/**
 * Bull as the carrier: it has a job's id and nothing else. A job is never kept in Redis once it has run, and never fails
 * there, so that its id is free for the next attempt; the row says what came of it.
 */
export function bullCarrier(
  redisUrl: string,
  failed: (cause: unknown) => void,
  name = 'jejak',
  atOnce = 4,
): Carrier {
  const queue = new Queue<{ id: string }>(name, redisUrl, {
    redis: { maxRetriesPerRequest: null, connectTimeout: REDIS_MS },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    settings: { retryProcessDelay: 500 },
  });
  // Bull names its connection, and leaves it to nobody to catch when that fails.
  Object.assign(queue, { setWorkerName: () => Promise.resolve() });
  const told = onceAWhile(failed);
  queue.on('error', told);
  return {
    isReady: () => queue.client.status === 'ready',
    carry: async (jobs) => {
      // Bull waits for as long as Redis is away; its rows can be done without it.
      if (queue.client.status !== 'ready') return false;
      const added = queue.addBulk(
        jobs.map(({ id, attempts }) => ({ data: { id }, opts: { jobId: `${id}:${attempts}` } })),
      );
      return inTime(
        added.then(() => true),
        REDIS_MS,
        false,
      ).catch((cause: unknown) => {
        told(cause);
        return false;
      });
    },
    start: (run) => {
      queue.process(atOnce, ({ data }) => run(data.id)).catch(told);
    },
    stop: async () => {
      const isAway = queue.client.status !== 'ready';
      // The courier waits for what is at work; Bull need not.
      const closing = queue.close(true).catch(told);
      // It would wait for Redis to come back, to close in order.
      const { clients } = queue as unknown as { readonly clients: readonly Queue.Queue['client'][] };
      if (isAway) for (const client of clients) client.disconnect();
      await inTime(closing, LAST_MOMENT_MS, undefined);
    },
  };
}

const inTime = <T>(work: Promise<T>, ms: number, otherwise: T): Promise<T> => {
  let timer: NodeJS.Timeout;
  const late = new Promise<T>((settle) => {
    timer = setTimeout(settle, ms, otherwise);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** The same fault again and again is told once a minute. */
function onceAWhile(failed: (cause: unknown) => void): (cause: unknown) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (cause) => {
    if (performance.now() - last < 60_000) return;
    last = performance.now();
    failed(cause);
  };
}
