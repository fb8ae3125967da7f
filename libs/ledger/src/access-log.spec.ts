import { setTimeout as wait } from 'node:timers/promises';
import { Database } from '@app/journal';
import { leafHash } from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeDialects, type Place } from '../../../test/engines/databases.ts';
import { copyAccess } from './access-copy.ts';
import { type Access, AccessEntry, CreateAccess1764000000006, leafOfAccess } from './access-entry.ts';
import { AccessLog } from './access-log.ts';

const ANI = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
const BUDI = '9b2f7a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
const access = (more: Partial<Access> = {}): Access => ({
  actor: 'a6b1f0de-3c55-4a0e-8a70-0d5b7c7c1a11',
  role: 'inspektorat',
  purpose: 'pemeriksaan berkala',
  what: 'GET /v1/civil-servants/:subject',
  subject: ANI,
  outcome: 'answered',
  ...more,
});
const NOON = Date.parse('2026-03-01T05:00:00.000Z');

const open = (place: Place) =>
  Database.open(place.where, { entities: [AccessEntry], migrations: [CreateAccess1764000000006] });

describeDialects('the access log', (aPlace) => {
  let place: Place;
  let database: Database;
  let log: AccessLog;
  beforeEach(async () => {
    place = await aPlace();
    database = await open(place);
    log = new AccessLog(database, () => NOON);
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });
  const all = () => log.read({ limit: 10_000 });
  const count = async () =>
    Number((await database.read<{ n: number }>('SELECT COUNT(*) AS n FROM access'))[0]?.n);

  it('enters reads in order, each with its leaf and hash', async () => {
    await log.note([access(), access({ subject: null, what: 'GET /v1/findings?kind' })]);
    await log.note([access({ role: 'pegawai', outcome: 'denied', purpose: 'Ingin tahu — “siapa?”' })]);
    const entries = await all();
    expect(entries).toEqual([
      { index: 0, at: '2026-03-01T05:00:00.000Z', ...access() },
      {
        index: 1,
        at: '2026-03-01T05:00:00.000Z',
        ...access({ subject: null, what: 'GET /v1/findings?kind' }),
      },
      {
        index: 2,
        at: '2026-03-01T05:00:00.000Z',
        ...access({ role: 'pegawai', outcome: 'denied', purpose: 'Ingin tahu — “siapa?”' }),
      },
    ]);
    expect(leafOfAccess(entries[0] as (typeof entries)[0])).toBe(
      '{"actor":"a6b1f0de-3c55-4a0e-8a70-0d5b7c7c1a11","at":"2026-03-01T05:00:00.000Z","index":0,"outcome":"answered",' +
        '"purpose":"pemeriksaan berkala","role":"inspektorat","subject":"0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01","v":1,' +
        '"what":"GET /v1/civil-servants/:subject"}',
    );
    expect(await log.leafHashes(0, 10)).toEqual(
      entries.map((entry) => leafHash(leafOfAccess(entry)).toString('base64')),
    );
    const leaves = await database.read<{ leaf: string }>('SELECT leaf FROM access ORDER BY idx');
    expect(leaves.map(({ leaf }) => leaf)).toEqual(entries.map(leafOfAccess));
    expect(await log.leafHashes(1, 1)).toEqual((await log.leafHashes(0, 10)).slice(1, 2));
    expect([await log.size(), await log.leafHashes(3, 10)]).toEqual([3, []]);
  });

  it('tells of one subject, one actor, and page by page', async () => {
    const other = '11111111-6a53-4f6e-9d0e-3c2c5d8f9a01';
    await log.note([
      access(),
      access({ subject: BUDI }),
      access({ actor: other }),
      access({ subject: null }),
    ]);
    const indexes = async (of: Parameters<typeof log.read>[0]) =>
      (await log.read(of)).map(({ index }) => index);
    expect(await indexes({ limit: 10, subject: ANI })).toEqual([0, 2]);
    expect(await indexes({ limit: 10, actor: other })).toEqual([2]);
    expect(await indexes({ limit: 10, subject: BUDI, actor: other })).toEqual([]);
    expect(await indexes({ limit: 2 })).toEqual([0, 1]);
    expect(await indexes({ limit: 2, after: 1 })).toEqual([2, 3]);
  });

  it('writes those who ask at the same time, or meanwhile, in one transaction', async () => {
    let transactions = 0;
    const write = database.write.bind(database);
    database.write = ((...some: Parameters<typeof write>) => {
      transactions++;
      return write(...some);
    }) as typeof database.write;
    await Promise.all(Array.from({ length: 500 }, (_, n) => log.note([access({ what: `jejak ${n}` })])));
    expect(transactions).toBe(1);
    let free: () => void = () => undefined;
    const held = write(() => new Promise<void>((done) => (free = done)));
    const early = log.note([access({ what: 'early' })]);
    await wait(20);
    const late = log.note([access({ what: 'late' })]);
    free();
    await Promise.all([held, early, late]);
    expect(transactions).toBe(2);
    const entries = await all();
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, n) => n));
    expect(entries.map(({ what }) => what).slice(0, 500)).toEqual(
      Array.from({ length: 500 }, (_, n) => `jejak ${n}`),
    );
    expect(entries.slice(500).map(({ what }) => what)).toEqual(['early', 'late']);
  });

  it('numbers without a gap over several connections', async () => {
    const others = await Promise.all([open(place), open(place)]);
    const logs = [log, ...others.map((one) => new AccessLog(one))];
    await Promise.all(
      logs.flatMap((one, n) =>
        Array.from({ length: 40 }, async (_, k) => {
          await wait(k % 7);
          await one.note([access({ what: `${n}` }), access({ what: `${n}` })]);
        }),
      ),
    );
    const entries = await all();
    expect(entries).toHaveLength(240);
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, n) => n));
    for (let n = 0; n < 240; n += 2) expect(entries[n]?.what).toBe(entries[n + 1]?.what);
    for (const one of others) await one.close();
  });

  it('goes on in time though a clock goes back', async () => {
    await log.note([access()]);
    await new AccessLog(database, () => NOON - 3_600_000).note([access()]);
    await new AccessLog(database, () => NOON + 1).note([access()]);
    expect((await all()).map(({ at }) => at.slice(11))).toEqual([
      '05:00:00.000Z',
      '05:00:00.000Z',
      '05:00:00.001Z',
    ]);
  });

  it('tells everybody who waits when it cannot be written, enters none of them, and goes on afterwards', async () => {
    await log.note([access()]);
    await database.write((sql) => sql('ALTER TABLE access RENAME TO away'));
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => log.note([access()])));
    expect(asked.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    await database.write((sql) => sql('ALTER TABLE away RENAME TO access'));
    await log.note([access()]);
    expect(await log.size()).toBe(2);
    const { write } = database;
    database.write = () => Promise.reject(new Error('the pen cannot be had'));
    await expect(log.note([access()])).rejects.toThrow('the pen cannot be had');
    database.write = write;
    await log.note([access()]);
    expect(await log.size()).toBe(3);
  });

  it('does not let one that cannot be kept take others with it', async () => {
    const asked = await Promise.allSettled([
      log.note([access()]),
      log.note([access(), access({ purpose: 'a\u0000b' })]),
      log.note([access({ purpose: '\ud800' })]),
      log.note([access()]),
      log.note([]),
    ]);
    expect(asked.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await count()).toBe(2);
  });

  it('is never changed and never shortened, whoever asks for it', async () => {
    await log.note([access(), access()]);
    const before = await all();
    for (const change of [
      "UPDATE access SET purpose = 'x'",
      "UPDATE access SET purpose = 'x' WHERE idx = 1",
      'DELETE FROM access WHERE idx = 1',
      'DELETE FROM access',
    ])
      await expect(database.write((sql) => sql(change))).rejects.toThrow(/never changed or removed/);
    for (const way of place.where.startsWith('postgres') ? ['INSERT'] : ['INSERT', 'INSERT OR REPLACE'])
      await expect(
        database.write((sql) =>
          sql(
            `${way} INTO access SELECT 1, at, actor, role, 'x', what, subject, outcome, leaf, leaf_hash FROM access WHERE idx = 0`,
          ),
        ),
      ).rejects.toThrow();
    expect(await all()).toEqual(before);
  });

  describe('carried to another database', () => {
    let other: Place;
    let target: Database;
    beforeEach(async () => {
      other = await aPlace();
      target = await open(other);
    });
    afterEach(async () => {
      await target.close();
      await other.remove();
    });

    it('is the same there, entry by entry, and goes on', async () => {
      await log.note(Array.from({ length: 1_203 }, (_, n) => access({ what: `jejak ${n}` })));
      expect(await copyAccess(database, target)).toBe(1_203);
      await log.note([access({ what: 'later' })]);
      expect(await copyAccess(database, target)).toBe(1_204);
      const there = new AccessLog(target, () => NOON);
      expect(await there.leafHashes(0, 2_000)).toEqual(await log.leafHashes(0, 2_000));
      expect(await there.read({ limit: 2_000 })).toEqual(await all());
      await there.note([access()]);
      expect(await there.size()).toBe(1_205);
    });

    it('is not mixed with entries that the other has of its own', async () => {
      await log.note([access(), access()]);
      const there = new AccessLog(target, () => NOON);
      await there.note([access(), access({ what: 'another' })]);
      await expect(copyAccess(database, target)).rejects.toThrow(
        'entry 1 of the access log there is another',
      );
      expect(await there.size()).toBe(2);
      const longer = new AccessLog(database, () => NOON);
      await expect(copyAccess(target, database)).rejects.toThrow('entry 1');
      expect(await longer.size()).toBe(2);
    });
  });
});

describe('the migration of the access log', () => {
  it('is undone without a trace', async () => {
    const { aFile } = await import('../../../test/engines/databases.ts');
    const place = await aFile();
    const database = await open(place);
    await database.write(async (_, pen) => new CreateAccess1764000000006().down(pen));
    expect(await database.read("SELECT name FROM sqlite_schema WHERE name LIKE '%access%'")).toEqual([]);
    await database.close();
    await place.remove();
  });
});
