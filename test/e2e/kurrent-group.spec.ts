import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KurrentEventStore, KurrentGroups, uuidv7 } from '@app/event-store';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  Bare,
  eventually,
  type PersistentSubscriptionToAllResolvedEvent as Resolved,
} from '../kurrent-double/ask.ts';
import { jejak } from './jejak.ts';

describe('jejak kurrent:group', () => {
  const bare = new Bare();
  const dir = mkdtempSync(join(tmpdir(), 'jejak-group-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const run = async (...words: string[]) => {
    const env = { EVENT_STORE: 'kurrent', KURRENTDB_URL: bare.double.url, DATA_DIR: dir };
    const { status, stdout, stderr } = await jejak(['kurrent:group', ...words, '--json'], env).ended;
    return { status, said: stdout === '' ? stderr : JSON.parse(stdout) };
  };
  const event = (type: string) => ({
    id: uuidv7(),
    type,
    data: '{"tmt":"2025-04-01"}',
    metadata: '{"actor":"a"}',
  });

  it('sets groups up, lists them and deletes them, and says where there was nothing to do', async () => {
    expect(await run('list')).toEqual({ status: 0, said: [] });
    expect(await run('create', 'payroll')).toEqual({ status: 0, said: { group: 'payroll', created: true } });
    expect(await run('create', 'payroll')).toEqual({ status: 1, said: { group: 'payroll', created: false } });
    expect(await run('list')).toMatchObject({
      status: 0,
      said: [{ name: 'payroll', strategy: 'Pinned', consumers: 0, parked: 0 }],
    });
    const [group] = await bare.client.listPersistentSubscriptionsToAll();
    expect(group?.settings).toMatchObject({ resolveLinkTos: false, maxRetryCount: 10, startFrom: 'start' });
    expect(await run('delete', 'payroll')).toEqual({ status: 0, said: { group: 'payroll', deleted: true } });
    expect(await run('delete', 'payroll')).toEqual({ status: 1, said: { group: 'payroll', deleted: false } });
  });

  it('so that its consumers are given the events as they are stored, and none of the server', async () => {
    const store = await KurrentEventStore.open(bare.double.url);
    for (let n = 0; n < 6; n++) await store.append(`unit-${n}`, 'no-stream', [event('UnitRecorded')]);
    await store.append('civilServant-1', 'no-stream', [event('Registered'), event('Promoted')]);
    const [, second] = await store.read('civilServant-1');
    const groups = await KurrentGroups.open(bare.double.url);
    await groups.create({ name: 'all', streams: [], from: 'start' });
    await groups.create({ name: 'later', streams: [], from: 'end' });
    await groups.close();
    await run('create', 'people', '--streams', 'civilServant-,complaint-');
    await run('create', 'from', '--from', String(second?.position));
    const given = (name: string): Resolved[] => {
      const events: Resolved[] = [];
      const subscription = bare.connect().subscribeToPersistentSubscriptionToAll(name, { bufferSize: 2 });
      subscription.on('data', (one) => {
        events.push(one);
        void subscription.ack(one);
      });
      return events;
    };
    const [all, people, from, later] = ['all', 'people', 'from', 'later'].map(given) as [
      Resolved[],
      Resolved[],
      Resolved[],
      Resolved[],
    ];
    await eventually(() => all.length === 8 && people.length === 2 && from.length === 1);
    await store.append('civilServant-1', 1, [event('Placed')]);
    await store.close();
    await eventually(
      () => all.length === 9 && people.length === 3 && from.length === 2 && later.length === 1,
    );
    const types = (events: readonly Resolved[]) => events.map((one) => one.event?.type);
    expect(types(all)).toEqual([...Array(6).fill('UnitRecorded'), 'Registered', 'Promoted', 'Placed']);
    expect(types(people)).toEqual(['Registered', 'Promoted', 'Placed']);
    expect([types(from), types(later)]).toEqual([['Promoted', 'Placed'], ['Placed']]);
    expect(people[1]?.event).toMatchObject({
      id: second?.id,
      streamId: 'civilServant-1',
      revision: 1n,
      data: { tmt: '2025-04-01' },
      metadata: { actor: 'a' },
    });
    // The server writes events of its own between ours; positions have gaps.
    expect((await bare.everything()).some(({ event }) => event?.type.startsWith('$'))).toBe(true);
  });

  it('says so where the log is not in KurrentDB, or not to be reached', async () => {
    const embedded = await jejak(['kurrent:group', 'list'], { DATA_DIR: dir }).ended;
    expect(embedded).toMatchObject({ status: 1, stdout: '' });
    expect(embedded.stderr).toMatch(/EVENT_STORE is not kurrent.*\/v1\/events/);
    await bare.double.stop();
    const gone = await KurrentGroups.open(bare.double.url, 500);
    await expect(gone.list()).rejects.toThrow(/gave no answer .* list the groups/);
    await gone.close();
  });

  it('is not understood where it is asked otherwise', async () => {
    const asked: [string[], string][] = [
      [['create'], 'takes create or delete'],
      [['list', 'x'], 'takes create or delete'],
      [['create', '$all'], 'the name of a group'],
      [['create', 'a', '--from', 'now'], '--from is'],
      [['create', 'a', '--streams', '$ce-x'], '--streams is'],
    ];
    const answers = await Promise.all(asked.map(([words]) => run(...words)));
    for (const [n, { status, said }] of answers.entries()) {
      expect(status).toBe(2);
      expect(said).toContain(asked[n]?.[1]);
    }
  });
});
