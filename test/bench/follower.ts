import { setTimeout as sleep } from 'node:timers/promises';
import { streamOf } from '@app/domain/civil-servant';
import { OpenRecord } from '@app/record';
import { Follower } from '../../apps/server/src/follower.ts';
import { atOnce, type Figures } from './measure.ts';
import { inSchema } from './postgres.ts';
import { TODAY } from './rebuild.ts';
import { career, subjectNo } from './sample.ts';

const PER_SECOND = 2_000;
const SECONDS = 15;
const LOOK_EVERY_MS = 5;

/**
 * How long after an append was acknowledged its event is in every view, on PostgreSQL, while 2,000 events a second are
 * appended. The follower is in the writer's process here: it is slowed down by it.
 */
export const followerLag = (): Promise<Figures> =>
  inSchema(async (url) => {
    const record = await OpenRecord.open({ log: url, database: url }, () => TODAY);
    await record.catchUp();
    const follower = new Follower(record, { error: (message) => process.stderr.write(`${message}\n`) });
    follower.start();
    while (!follower.leads) await sleep(10);
    let appended = 0;
    const acknowledged: number[] = [];
    const lags: number[] = [];
    const events = Array.from({ length: (PER_SECOND * SECONDS) / 25 }, (_, n) => career(n)).flat();
    const start = performance.now();
    const appending = atOnce(64, events.length, async (i) => {
      await sleep(start + (1_000 * i) / PER_SECOND - performance.now());
      await record.store.append(streamOf(subjectNo(i)), 'no-stream', events.slice(i, i + 1));
      acknowledged[appended++] = performance.now();
    });
    // The nth acknowledged event is there when so many are: which of them it is does not matter to the lag.
    for (let seen = 0; seen < PER_SECOND * SECONDS; await sleep(LOOK_EVERY_MS)) {
      const reached = (await record.views.reached()) + 1;
      const now = performance.now();
      for (; seen < reached && acknowledged[seen] !== undefined; seen++)
        lags.push(Math.max(0, now - (acknowledged[seen] ?? now)));
    }
    await appending;
    const seconds = (performance.now() - start) / 1_000;
    await follower.stop();
    await record.close();
    const sorted = lags.sort((a, b) => a - b);
    const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
    return { 'appends /s': lags.length / seconds, 'lag, p50 ms': at(0.5), 'lag, p95 ms': at(0.95) };
  });
