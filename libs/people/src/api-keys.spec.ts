import { join } from 'node:path';
import { isRefusal } from '@app/domain/event';
import { apiKeyStream } from '@app/domain/integration';
import { type Asking, type EventStore, openEventStore, type Transact, transactor } from '@app/event-store';
import { Database } from '@app/journal';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aFile, describeDialects, type Place } from '../../../test/engines/databases.ts';
import { ApiKey, CreateApiKeys1764000000007 } from './api-key.ts';
import { ApiKeys, type KeyReceipt } from './api-keys.ts';

const START = Date.parse('2026-03-01T00:00:00.000Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const terms = {
  name: 'payroll',
  sees: 'restricted',
  reads: 'confidential',
  purpose: 'penggajian',
  days: 365,
} as const;

describeDialects('the keys of integrators', (aPlace) => {
  let place: Place;
  let log: Place;
  let database: Database;
  let store: EventStore;
  let keys: ApiKeys;
  let now: number;
  /** What happens to the next command: as it should, the log fails, or it fails after it has written. */
  let fate: 'works' | 'fails' | 'fails after';
  let commands = 0;

  const asking = (commandId = `c${++commands}`, more: Partial<Asking> = {}): Asking => ({
    actor: 'a',
    role: 'operator',
    commandId,
    correlationId: commandId,
    askedAt: now,
    ...more,
  });
  const keyed = (commandId: string) => asking(commandId, { keyed: true, fingerprint: 'f' });
  const given = async (answer: Promise<object>): Promise<KeyReceipt> => {
    const receipt = await answer;
    if (isRefusal(receipt)) throw new Error(receipt.because);
    return receipt as KeyReceipt;
  };
  const issued = async () => {
    const { key, secret = '' } = await given(keys.issue(terms, asking()));
    return { id: key.id, secret };
  };
  const logged = async (id: string) =>
    (await store.read(apiKeyStream(id))).map(({ data }) => JSON.parse(data) as object);
  const rowOf = (id: string) => database.reader.getRepository(ApiKey).findOneByOrFail({ id });

  beforeEach(async () => {
    place = await aPlace();
    log = await aFile();
    database = await Database.open(place.where, {
      entities: [ApiKey],
      migrations: [CreateApiKeys1764000000007],
    });
    store = await openEventStore(join(log.where, '../events.db'));
    const transact = transactor(store);
    const fated: Transact = async (...asked) => {
      if (fate === 'fails') throw new Error('the log is away');
      const receipt = await transact(...asked);
      if (fate === 'fails after') throw new Error('killed');
      return receipt;
    };
    [now, fate] = [START, 'works'];
    keys = new ApiKeys(database, store, fated, () => now);
  });
  afterEach(async () => {
    await database.close();
    await store.close();
    await place.remove();
    await log.remove();
  });

  it('are given out once; nothing that is kept tells them', async () => {
    const { key, secret = '' } = await given(keys.issue(terms, asking()));
    expect(secret).toMatch(/^jjk_[0-9a-v]{16}_[A-Za-z0-9_-]{43}$/);
    expect(key).toEqual({
      id: secret.slice(4, 20),
      ...{ name: 'payroll', sees: 'restricted', reads: 'confidential', purpose: 'penggajian' },
      expires: '2027-03-01T00:00:00.000Z',
      createdAt: '2026-03-01T00:00:00.000Z',
      ...{ lastUsedAt: null, previousUntil: null, revokedAt: null },
    });
    const row = await rowOf(key.id);
    const events = await store.read(apiKeyStream(key.id));
    expect(JSON.stringify([row, key, events])).not.toContain(secret.slice(21));
    expect(JSON.stringify([key, events])).not.toContain(row.hash);
    expect(await keys.verify(secret)).toEqual({
      id: key.id,
      ...{ sees: 'restricted', reads: 'confidential', purpose: 'penggajian' },
      expires: START + 365 * DAY,
    });
    expect(await keys.list()).toMatchObject([{ id: key.id }]);
  });

  it('hold for nobody who has only nearly one', async () => {
    const { id, secret } = await issued();
    const other = await issued();
    const last = secret.endsWith('A') ? 'B' : 'A';
    const wrong = [
      secret.slice(0, -1) + last,
      `jjk_${id}_${other.secret.slice(21)}`,
      `jjk_${'0'.repeat(16)}${secret.slice(20)}`,
      `${secret}A`,
      secret.toUpperCase(),
      `jjk_${id}_`,
      'jjk_',
    ];
    for (const text of wrong) expect([text, await keys.verify(text)]).toEqual([text, undefined]);
    expect(await keys.verify(secret)).toBeDefined();
  });

  it('end when they expire', async () => {
    const { secret } = await issued();
    now = START + 365 * DAY - 1;
    expect(await keys.verify(secret)).toBeDefined();
    now += 1;
    expect(await keys.verify(secret)).toBeUndefined();
  });

  it('get another secret, beside which the one before is good for a while', async () => {
    const { id, secret } = await issued();
    const first = await given(keys.rotate(id, 24 * HOUR, asking()));
    expect(first.key).toMatchObject({ id, previousUntil: '2026-03-02T00:00:00.000Z' });
    const holds = async (...some: string[]) =>
      (await Promise.all(some.map((one) => keys.verify(one)))).map((held) => held?.id);
    expect(await holds(secret, first.secret ?? '')).toEqual([id, id]);
    now += 24 * HOUR;
    expect(await holds(secret, first.secret ?? '')).toEqual([undefined, id]);
    const second = await given(keys.rotate(id, 24 * HOUR, asking()));
    const third = await given(keys.rotate(id, 0, asking()));
    expect(await holds(first.secret ?? '', second.secret ?? '', third.secret ?? '')).toEqual([
      undefined,
      undefined,
      id,
    ]);
    expect(await logged(id)).toMatchObject([
      { change: 'issued' },
      ...[1, 2, 3].map(() => ({ change: 'rotated' })),
    ]);
  });

  it('are good for nothing once they are revoked', async () => {
    const { id, secret } = await issued();
    const { secret: rotated = '' } = await given(keys.rotate(id, 24 * HOUR, asking()));
    await given(keys.revoke(id, asking()));
    for (const one of [secret, rotated]) expect(await keys.verify(one)).toBeUndefined();
    expect(await given(keys.revoke(id, asking()))).toMatchObject({ events: [] });
    const revoked = { refused: 'key-revoked' };
    expect(await keys.rotate(id, 0, asking())).toMatchObject(revoked);
    expect(await keys.change(id, { name: 'x' }, asking())).toMatchObject(revoked);
    expect(await logged(id)).toHaveLength(3);
  });

  it('that nobody issued are refused', async () => {
    const unknown = { refused: 'key-unknown' };
    expect(await keys.rotate('0'.repeat(16), 0, asking())).toMatchObject(unknown);
    expect(await keys.change('0'.repeat(16), {}, asking())).toMatchObject(unknown);
    expect(await keys.revoke('0'.repeat(16), asking())).toMatchObject(unknown);
    expect(await keys.find('0'.repeat(16))).toBeUndefined();
  });

  it('change at once, or not at all where that is refused', async () => {
    const { id, secret } = await issued();
    await given(keys.change(id, { reads: 'internal', days: 30 }, asking()));
    const narrowed = { reads: 'internal', expires: START + 30 * DAY };
    expect(await keys.verify(secret)).toMatchObject(narrowed);
    const amiss = await keys.change(id, { sees: 'public' }, asking());
    expect(amiss).toMatchObject({ refused: 'reads-more-than-it-sees' });
    expect(await keys.verify(secret)).toMatchObject({ ...narrowed, sees: 'restricted' });
    await given(keys.change(id, { purpose: 'rekonsiliasi' }, asking()));
    expect(await keys.verify(secret)).toMatchObject({ ...narrowed, purpose: 'rekonsiliasi' });
  });

  it('are noted as used, at most once a minute', async () => {
    const { id, secret } = await issued();
    const lastUsed = async () => {
      await database.write(async () => undefined);
      return (await rowOf(id)).lastUsedAt;
    };
    await keys.verify(secret);
    now += 59_999;
    await keys.verify(secret);
    expect(await lastUsed()).toBe('2026-03-01T00:00:00.000Z');
    now += 1;
    await keys.verify(secret);
    expect(await lastUsed()).toBe('2026-03-01T00:01:00.000Z');
  });

  describe('where the log or the process fails', () => {
    it('let nothing more in than the log says', async () => {
      fate = 'fails';
      await expect(keys.issue(terms, asking('i'))).rejects.toThrow('away');
      expect(await keys.list()).toEqual([]);
      fate = 'works';
      const { id, secret } = await issued();
      fate = 'fails';
      await expect(keys.rotate(id, 0, asking())).rejects.toThrow('away');
      await expect(keys.change(id, { reads: 'restricted', name: 'x' }, asking())).rejects.toThrow('away');
      expect(await keys.verify(secret)).toMatchObject({ reads: 'confidential' });
      expect(await keys.find(id)).toMatchObject({ name: 'payroll' });
    });

    it('let in less at once', async () => {
      const { id, secret } = await issued();
      fate = 'fails';
      await expect(keys.change(id, { reads: 'internal', sees: 'internal' }, asking())).rejects.toThrow();
      expect(await keys.verify(secret)).toMatchObject({ reads: 'internal', sees: 'internal' });
      await expect(keys.revoke(id, asking())).rejects.toThrow('away');
      expect(await keys.verify(secret)).toBeUndefined();
      expect(await keys.change(id, { name: 'x' }, asking())).toMatchObject({ refused: 'key-revoked' });
      fate = 'works';
      expect(await given(keys.revoke(id, asking()))).toMatchObject({ events: [{ type: 'ApiKeyChanged' }] });
      expect(await logged(id)).toMatchObject([{ change: 'issued' }, { change: 'revoked' }]);
    });

    it('come right when the same is asked again', async () => {
      fate = 'fails after';
      await expect(keys.issue(terms, keyed('i'))).rejects.toThrow('killed');
      expect(await keys.list()).toEqual([]);
      fate = 'works';
      now += DAY;
      const { key, secret = '' } = await given(keys.issue(terms, keyed('i')));
      expect(key.expires).toBe('2027-03-01T00:00:00.000Z');
      fate = 'fails after';
      await expect(keys.rotate(key.id, 0, keyed('r'))).rejects.toThrow('killed');
      expect(await keys.verify(secret)).toBeDefined();
      await expect(keys.change(key.id, { reads: 'restricted' }, asking())).rejects.toThrow('killed');
      expect(await keys.verify(secret)).toMatchObject({ reads: 'confidential' });
      fate = 'works';
      expect(await given(keys.change(key.id, { reads: 'restricted' }, asking()))).toMatchObject({
        events: [],
      });
      const { secret: rotated = '' } = await given(keys.rotate(key.id, 0, keyed('r')));
      expect(await keys.verify(rotated)).toMatchObject({ reads: 'restricted' });
      expect(await keys.verify(secret)).toBeUndefined();
      expect(await logged(key.id)).toMatchObject([
        { change: 'issued' },
        { change: 'rotated' },
        { change: 'changed' },
      ]);
    });
  });

  it('are not given out again to who asks twice under one idempotency key', async () => {
    const first = await given(keys.issue(terms, keyed('i')));
    const { secret: none, ...again } = await given(keys.issue(terms, keyed('i')));
    expect([none, again.key, again.events]).toEqual([undefined, first.key, first.events]);
    const other = asking('i', { keyed: true, fingerprint: 'g' });
    expect(await keys.issue(terms, other)).toMatchObject({ refused: 'idempotency-key-reused' });
    const rotated = await given(keys.rotate(first.key.id, 0, keyed('r')));
    expect((await given(keys.rotate(first.key.id, 0, keyed('r')))).secret).toBeUndefined();
    expect(await keys.verify(rotated.secret ?? '')).toBeDefined();
    expect(await keys.list()).toHaveLength(1);
  });

  it('one secret each to two who ask at once for the same', async () => {
    const answers = await Promise.all([1, 2].map(() => given(keys.issue(terms, keyed('i')))));
    expect(answers.filter(({ secret }) => secret !== undefined)).toHaveLength(1);
  });

  it('stay revoked and narrowed where an older copy of the database is put back', async () => {
    const [revoked, narrowed, kept] = [await issued(), await issued(), await issued()];
    const before = await Promise.all([revoked, narrowed, kept].map(({ id }) => rowOf(id)));
    await given(keys.revoke(revoked.id, asking()));
    await given(keys.change(narrowed.id, { reads: 'public' }, asking()));
    await database.reader.getRepository(ApiKey).save(before);
    expect(await keys.verify(revoked.secret)).toBeDefined();
    await keys.obey();
    expect(await keys.verify(revoked.secret)).toBeUndefined();
    expect(await keys.verify(narrowed.secret)).toMatchObject({ reads: 'public' });
    expect(await keys.verify(kept.secret)).toMatchObject({ reads: 'confidential' });
  });

  it('that the log does not know stay as they are', async () => {
    const { id, secret } = await issued();
    const elsewhere = await openEventStore(join(log.where, '../other.db'));
    await new ApiKeys(database, elsewhere, transactor(elsewhere), () => now).obey();
    await elsewhere.close();
    expect(await keys.verify(secret)).toMatchObject({ id });
  });
});
