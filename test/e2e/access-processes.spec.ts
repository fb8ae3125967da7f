import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { mintLocalToken } from '@app/people';
import { embedded, OpenRecord } from '@app/record';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeDialects, type Place } from '../engines/databases.ts';
import { Process } from './process.ts';
import { registration } from './server.ts';

const READERS = 8;

describeDialects('the access log of several processes', (aPlace) => {
  let place: Place;
  let dir: string;
  let isServer: boolean;
  let record: OpenRecord;
  const processes: Process[] = [];
  beforeEach(async () => {
    place = await aPlace();
    isServer = place.where.startsWith('postgres');
    dir = isServer ? mkdtempSync(join(tmpdir(), 'jejak-access-')) : dirname(place.where);
    record = await OpenRecord.open({ ...embedded(dir), database: place.where }, () => '2026-03-01');
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one.end('SIGKILL')));
    await record.close();
    await place.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  it('has every read that was answered, without a gap, though one is killed', async () => {
    const env = { ROLES: 'api', DATA_DIR: dir, DATABASE_URL: isServer ? place.where : '' };
    processes.push(await Process.start(env), await Process.start(env));
    const token = await mintLocalToken(dir, { role: 'bkpsdm', sub: 'b' }, 600);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const [killed, other] = processes as [Process, Process];
    await fetch(`${other.url}/v1/civil-servants`, {
      method: 'POST',
      headers,
      body: JSON.stringify(registration(1)),
    });

    const answered: string[] = [];
    let asked = 0;
    const read = async (url: string): Promise<boolean> => {
      const purpose = `uji ${asked++}`;
      const question = {
        method: 'POST',
        headers: { ...headers, 'x-purpose': purpose },
        body: '{"name":"rekaan"}',
      };
      const answer = await fetch(`${url}/v1/civil-servants/lookup`, question).catch(() => undefined);
      if (!answer?.ok) return false;
      expect(((await answer.json()) as { data: unknown[] }).data).toHaveLength(1);
      answered.push(purpose);
      return true;
    };
    const reading = Array.from({ length: READERS }, async (_, n) => {
      const { url } = n % 2 === 0 ? killed : other;
      while (answered.length < 600 && (await read(url)));
    });
    let over = false;
    const allRead = Promise.all(reading).finally(() => {
      over = true;
    });
    while (answered.length < 200 && !over) await wait(5);
    await killed.end('SIGKILL');
    await allRead;

    const entries = await record.access.read({ limit: 10_000 });
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, n) => n));
    const purposes = entries.map(({ purpose }) => purpose);
    expect(purposes).toEqual(expect.arrayContaining(answered));
    expect(new Set(purposes).size).toBe(purposes.length);
    expect(answered.length).toBeGreaterThanOrEqual(600);
  });
});
