import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { APPLIED_RULE_SETS } from '@app/domain/rule-sets';
import { recordUnit, UNIT, unitStream } from '@app/domain/unit';
import { uuidv7 } from '@app/event-store';
import { mintLocalToken } from '@app/people';
import { OpenRecord } from '@app/record';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aSchema, hasPostgres, type Place } from '../engines/databases.ts';
import { hasRedis, RedisServer } from '../engines/redis.ts';
import { Process } from './process.ts';

(hasPostgres ? describe : describe.skip)('the service in several processes, by roles', () => {
  let place: Place;
  let dir: string;
  let record: OpenRecord;
  let redis: RedisServer | undefined;
  const processes: Process[] = [];
  beforeEach(async () => {
    place = await aSchema();
    dir = mkdtempSync(join(tmpdir(), 'jejak-roles-'));
    record = await OpenRecord.open({ log: place.where, database: place.where }, () => '2026-03-01');
    redis = hasRedis ? await RedisServer.start() : undefined;
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one.end('SIGKILL')));
    await record.close();
    await place.remove();
    await redis?.remove();
    rmSync(dir, { recursive: true });
  });

  async function start(roles: string, more: Record<string, string> = {}): Promise<Process> {
    const one = await Process.start({
      ROLES: roles,
      DATA_DIR: dir,
      EVENT_STORE: 'postgres',
      DATABASE_URL: place.where,
      ...(redis ? { REDIS_URL: redis.url } : {}),
      ...more,
    });
    processes.push(one);
    return one;
  }
  let written = 0;
  async function write(): Promise<void> {
    const commandId = uuidv7();
    const asking = { actor: 'a', role: 'r', commandId, correlationId: commandId, askedAt: Date.now() };
    const id = `u${++written}`;
    await record.transact(UNIT, unitStream(id), asking, (unit) => recordUnit(id, { name: id }, unit));
  }
  const until = async (seconds: number, isSo: () => Promise<boolean>) => {
    for (const end = Date.now() + seconds * 1_000; Date.now() < end && !(await isSo()); ) await wait(50);
    expect(await isSo()).toBe(true);
  };
  /** Entries of the journal beside the rule sets that every server publishes. */
  const entries = async () => (await record.journal.size()) - APPLIED_RULE_SETS.length;
  const followed = async () => (await record.views.reached()) === (await record.journal.size()) - 1;

  it('follows in one of two; when it is killed the other goes on within ten seconds, and nothing is missing or twice', async () => {
    written = 0;
    const both = [await start('follower'), await start('follower')];
    for (let n = 0; n < 20; n++) await write();
    await until(20, async () => (await entries()) === 20 && (await followed()));
    const holder = async () =>
      (await record.database.read<{ holder: string }>('SELECT holder FROM lease'))[0]?.holder;
    const before = await holder();
    // Which of the two it is, the lease does not say: one is killed, and brought back if it was the one standing by.
    await both[0]?.end('SIGKILL');
    await wait(1_000);
    await write();
    await until(10, async () => (await entries()) === 21 && (await followed()));
    if ((await holder()) === before) {
      await start('follower');
      await both[1]?.end('SIGKILL');
      await write();
      await until(10, async () => (await entries()) === 22 && (await followed()));
    }
    expect(await holder()).not.toBe(before);
    const rows = await record.database.read<{ unit: string }>('SELECT unit FROM unit ORDER BY unit');
    expect(rows).toHaveLength(written);
    const stored = await record.store.readAll(undefined, 1_000);
    const all = await record.journal.read({ limit: 1_000 });
    expect(all.map(({ index, leaf }) => [index, (JSON.parse(leaf) as { id: string }).id])).toEqual(
      stored.map(({ id }, index) => [index, id]),
    );
  });

  it('answers in several api processes at once, follows in another, and ends each in order', async () => {
    written = 0;
    const [first, second, follower] = [
      await start('api'),
      await start('api'),
      await start('follower,courier'),
    ];
    const token = await mintLocalToken(dir, { role: 'bkpsdm', sub: 'b' }, 600);
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-purpose': 'uji',
    };
    const register = (url: string, n: number) =>
      fetch(`${url}/v1/civil-servants`, {
        method: 'POST',
        headers,
        body: JSON.stringify({
          person: { nip: `19850101201001${1000 + n}`, name: `Orang ${n}`, born: '1985-01-01' },
          kind: 'pns',
          tmt: '2010-01-01',
        }),
      });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => register((n % 2 === 0 ? first : second).url, n)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    await until(20, async () => (await entries()) === 20 && (await followed()));
    const listed = await fetch(`${second.url}/v1/civil-servants?limit=100`, { headers });
    expect(((await listed.json()) as { data: unknown[] }).data).toHaveLength(20);
    await until(10, async () => (await record.jobs.counts()).waiting === 5);
    for (const one of [first, second, follower]) expect(await one.end('SIGTERM')).toBe(0);
    expect(await record.database.read('SELECT holder FROM lease')).toEqual([{ holder: '' }]);
  });

  it('imports every day at its hour, once for all couriers', async () => {
    written = 0;
    const sample = resolve(import.meta.dirname, '../sample/siasn');
    // It was due while no courier ran.
    await record.jobs.enter([{ kind: 'import', key: '2026-02-28T02:00', dueAt: 0 }]);
    for (const _ of [1, 2]) await start('courier', { IMPORT_DIR: sample, IMPORT_AT: '02:00' });
    await until(30, async () => (await record.jobs.counts()).done === 1);
    const [done] = await record.jobs.list('done', 1);
    expect(done?.outcome).toMatch(/^\d{2,} events, \d rows refused$/);
    const events = await record.store.readAll(undefined, 10_000);
    expect(`${events.length - APPLIED_RULE_SETS.length} events`).toBe(done?.outcome?.split(',')[0]);
    expect((await record.jobs.counts()).waiting).toBe(6);
  });
});
