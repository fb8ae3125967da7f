import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unitStream } from '@app/domain/unit';
import { canonical, type EventStore, type NewEvent, SqliteEventStore, uuidv7 } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lagOf, Metrics, measured } from './metrics.ts';

const event = (): NewEvent => ({
  id: uuidv7(),
  type: 'UnitRecorded',
  data: canonical({ name: 'x' }),
  metadata: '{"actor":"a"}',
});

/** The values of a metric, by its line without the value. */
async function valuesOf(metrics: Metrics, name: string): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith(name));
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'jejak-metrics-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the metrics', () => {
  it('count appends, conflicts and failures of a log that does its work as before', async () => {
    const metrics = new Metrics();
    const engine = new SqliteEventStore(join(dir, 'events.db'));
    const store: EventStore = measured(engine, metrics);
    const first = event();
    expect(await store.append('unit-a', 'no-stream', [first])).toEqual({ revision: 0 });
    expect(await store.append('unit-a', 0, [event(), event()])).toEqual({ revision: 2 });
    expect(await store.append('unit-a', 0, [event()])).toEqual({ stale: true, actual: 2 });
    await expect(store.append('$x', 'no-stream', [event()])).rejects.toThrow('cannot name a stream');
    expect(await store.read('unit-a')).toHaveLength(3);
    expect(await store.readAll(undefined, 2)).toHaveLength(2);
    const stop = new AbortController();
    for await (const batch of store.follow(undefined, stop.signal)) {
      expect(batch[0]?.id).toBe(first.id);
      stop.abort();
    }
    await store.close();
    await expect(engine.read('unit-a')).rejects.toThrow();
    expect(await valuesOf(metrics, 'jejak_append')).toMatchObject({
      jejak_appends_total: 2,
      jejak_append_conflicts_total: 1,
      jejak_append_failures_total: 1,
      jejak_append_duration_seconds_count: 4,
    });
  });

  it('look up what is not counted, whenever they are asked for', async () => {
    const metrics = new Metrics();
    let waiting = 3;
    metrics.look({
      lag: async () => ({ events: 7, seconds: 1.5 }),
      jobs: async (): Promise<Record<string, number>> => (waiting > 0 ? { waiting, dead: 1 } : { dead: 1 }),
      leads: () => true,
    });
    metrics.batch(250);
    expect(await valuesOf(metrics, 'jejak_follower')).toMatchObject({
      jejak_follower_lag_events: 7,
      jejak_follower_lag_seconds: 1.5,
      jejak_follower_leader: 1,
      jejak_follower_batch_duration_seconds_sum: 0.25,
    });
    expect(await valuesOf(metrics, 'jejak_jobs')).toEqual({
      'jejak_jobs{state="waiting"}': 3,
      'jejak_jobs{state="dead"}': 1,
    });
    waiting = 0;
    expect(await valuesOf(metrics, 'jejak_jobs')).toEqual({ 'jejak_jobs{state="dead"}': 1 });
  });

  it('leave out what cannot be looked up, and tell the rest', async () => {
    const metrics = new Metrics();
    metrics.look({ lag: async () => ({ events: 7, seconds: 1.5 }), jobs: async () => ({ dead: 1 }) });
    await metrics.text();
    metrics.look({
      lag: () => Promise.reject(new Error('connection refused')),
      jobs: () => new Promise(() => undefined),
    });
    expect(await valuesOf(metrics, 'jejak_follower_lag')).toEqual({});
    expect(await valuesOf(metrics, 'jejak_follower_leader')).toEqual({});
    expect(await valuesOf(metrics, 'jejak_jobs')).toEqual({});
    expect(Object.keys(await valuesOf(metrics, 'process_cpu_seconds_total'))).toHaveLength(1);
  });

  it('know how far the views are behind the log, in events and in seconds', async () => {
    const record = await OpenRecord.open(dir, () => '2026-03-01');
    const lag = () => lagOf(record, () => Date.now() + 60_000);
    try {
      await record.catchUp();
      expect(await lag()).toEqual({ events: 0, seconds: 0 });
      await record.store.append(unitStream('a'), 'no-stream', [event()]);
      await record.store.append(unitStream('b'), 'no-stream', [event()]);
      const unnumbered = await lag();
      expect(unnumbered.events).toBe(2);
      expect(unnumbered.seconds).toBeGreaterThanOrEqual(60);
      await record.journal.fill();
      const numbered = await lag();
      expect(numbered.events).toBe(2);
      expect(numbered.seconds).toBeGreaterThanOrEqual(60);
      await record.catchUp();
      expect(await lag()).toEqual({ events: 0, seconds: 0 });
    } finally {
      await record.close();
    }
  });
});
