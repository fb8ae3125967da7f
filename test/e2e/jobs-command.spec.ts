import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { OpenRecord } from '@app/record';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jejak, told } from './jejak.ts';

describe('jejak jobs', () => {
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(`${tmpdir()}/jejak-jobs-`);
    const record = await OpenRecord.open(directory, () => '2026-01-31');
    const stop = new AbortController().signal;
    await record.jobs.enter([
      { kind: 'refresh', key: '2999-01-01', dueAt: Date.UTC(2999, 0, 1) },
      { kind: 'import', key: '2026-01-30', dueAt: 0 },
    ]);
    const kind = { name: 'import', attempts: 1, backoffMs: () => 0, claimMs: 60_000 };
    const run = () => Promise.reject(new Error('the directory is not there'));
    expect(await record.jobs.run('import:2026-01-30', { ...kind, run }, stop)).toBe('dead');
    await record.close();
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  type Told = { counts: object; jobs: { id: string; outcome: string | null }[] };
  const jobs = (...words: string[]) => told<Told>(['jobs', ...words, '--data', directory]);
  const ended = (...words: string[]) => jejak(['jobs', ...words, '--data', directory]).ended;

  it('lists those that wait, and the dead ones with their cause', async () => {
    expect(await jobs()).toMatchObject({ jobs: [{ id: 'refresh:2999-01-01' }] });
    expect(await jobs('dead')).toMatchObject({
      counts: { waiting: 1, done: 0, dead: 1 },
      jobs: [{ id: 'import:2026-01-30', outcome: 'the directory is not there' }],
    });
    expect(await ended('dead')).toMatchObject({ status: 0, stdout: expect.stringContaining('is not there') });
  });

  it('has a dead one done again, and no other', async () => {
    expect(await ended('retry', 'refresh:2999-01-01')).toMatchObject({ status: 1 });
    expect(await ended('retry', 'import:2026-01-30')).toMatchObject({ status: 0 });
    expect((await jobs('waiting')).jobs.map(({ id }) => id).sort()).toEqual([
      'import:2026-01-30',
      'refresh:2999-01-01',
    ]);
    expect(await jobs('dead')).toMatchObject({ jobs: [] });
  });

  it.each([[['frozen']], [['retry']], [['dead', 'more']]])('is not understood with %j', async (words) => {
    expect(await ended(...words)).toMatchObject({ status: 2 });
  });
});
