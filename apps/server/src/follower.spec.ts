import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { unitStream } from '@app/domain/unit';
import { canonical, uuidv7 } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { describe, expect, it } from '@jest/globals';
import { Follower } from './follower.ts';

describe('the follower', () => {
  it('brings what is written into the views, and goes on after a failure', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jejak-'));
    const record = await OpenRecord.open(dir, () => '2026-03-01');
    const told: string[] = [];
    const catchUp = record.catchUp.bind(record);
    let failures = 1;
    record.catchUp = (...some) =>
      failures-- > 0 ? Promise.reject(new Error('the disk is full')) : catchUp(...some);
    const follower = new Follower(record, { error: (message) => told.push(message) });
    follower.start();
    for (const n of [1, 2]) {
      const event = {
        id: uuidv7(),
        type: 'UnitRecorded',
        data: canonical({ name: 'x' }),
        metadata: '{"actor":"a"}',
      };
      await record.store.append(unitStream(`u${n}`), 'no-stream', [event]);
      for (let tries = 0; (await record.journal.size()) < n && tries < 500; tries++) await wait(10);
      expect(await record.journal.size()).toBe(n);
    }
    expect(told).toEqual(['cannot follow; will try again']);
    await follower.stop();
    await record.close();
    rmSync(dir, { recursive: true });
  });
});
