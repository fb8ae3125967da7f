import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CivilServantEvent, evolve, NOBODY, subjectOf } from '@app/domain/civil-servant';
import type { Recorded } from '@app/domain/event';
import { profileOn } from '@app/domain/profile';
import { type Entry, entryOf } from '@app/journal';
import { profileAt, profileRow } from '@app/projections';
import { OpenRecord } from '@app/record';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aSchema, hasPostgres } from '../engines/databases.ts';
import { inventPeople } from '../invent/people.ts';

const CLI = resolve(import.meta.dirname, '../../dist/apps/cli/src/main.js');
const PEOPLE = 150;
const TODAY = '2026-03-01';

/** A record of its own: the settings that lead the program to it, and itself. */
type Kept = {
  readonly env: Readonly<Record<string, string>>;
  readonly open: () => Promise<OpenRecord>;
  readonly remove: () => Promise<void>;
};
const onSqlite = async (dir: string, name: string): Promise<Kept> => ({
  env: { DATA_DIR: join(dir, name) },
  open: () => OpenRecord.open(join(dir, name), () => TODAY),
  remove: async () => undefined,
});
const onPostgres = async (dir: string, name: string): Promise<Kept> => {
  const { where, remove } = await aSchema();
  return {
    env: { DATA_DIR: join(dir, name), EVENT_STORE: 'postgres', DATABASE_URL: where },
    open: () => OpenRecord.open({ log: where, database: where }, () => TODAY),
    remove,
  };
};

/** Runs the program; killed after `killAfter` ms where given. Gives its exit code; null: it was killed. */
function jejak({ env }: Kept, args: readonly string[], killAfter?: number): Promise<number | null> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      stdio: 'ignore',
      env: { ...process.env, ...env },
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    child.once('exit', (code) => {
      clearTimeout(timer);
      done(code);
    });
  });
}

async function entriesOf(record: OpenRecord): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const rows = await record.journal.read({ after: entries.length - 1, limit: 5_000 });
    if (rows.length === 0) return entries;
    entries.push(...rows.map((row) => entryOf(row)));
  }
}

function byType(entries: readonly Entry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of entries) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** Indexes without gaps, revisions without gaps, each id once, and each profile the fold of its events. */
async function expectWhole(record: OpenRecord, entries: readonly Entry[]): Promise<void> {
  expect(entries.map(({ index }) => index)).toEqual(entries.map((_, n) => n));
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  const streams = grouped(entries);
  for (const [stream, own] of streams) {
    expect(own.map(({ revision }) => revision)).toEqual(own.map((_, n) => n));
    const subject = subjectOf(stream);
    if (subject === undefined) continue;
    const servant = own.reduce((s, entry) => evolve(s, entry as Recorded<CivilServantEvent>), NOBODY);
    const row = await profileRow(record.database, subject);
    expect(profileAt(row, { effectiveOn: TODAY, knownAt: entries.length })).toEqual(
      profileOn(servant, TODAY),
    );
  }
}

function grouped(entries: readonly Entry[]): Map<string, Entry[]> {
  const streams = new Map<string, Entry[]>();
  for (const entry of entries) {
    const own = streams.get(entry.stream) ?? [];
    own.push(entry);
    streams.set(entry.stream, own);
  }
  return streams;
}

describe.each([
  ['on SQLite', onSqlite, true],
  ['on PostgreSQL', onPostgres, hasPostgres],
])('killed at any moment, %s', (_, keep, isThere) => {
  const whenThere = isThere ? it : it.skip;
  let dir: string;
  let whole: Kept;
  let expected: Record<string, number>;

  beforeAll(async () => {
    if (!isThere) return;
    dir = mkdtempSync(join(tmpdir(), 'jejak-crash-'));
    await inventPeople(join(dir, 'siasn'), PEOPLE);
    whole = await keep(dir, 'whole');
    expect(await jejak(whole, ['import', join(dir, 'siasn')])).toBe(0);
    const record = await whole.open();
    const entries = await entriesOf(record);
    await expectWhole(record, entries);
    expected = byType(entries);
    await record.close();
  });
  afterAll(async () => {
    if (!isThere) return;
    await whole.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  whenThere('an import is finished by running it again, and nothing is there twice', async () => {
    const kept = await keep(dir, 'killed');
    const args = ['import', join(dir, 'siasn')];
    let kills = 0;
    for (const killAfter of [450, 620, 700, 510, 900, 800, 560, 1_000, 1_200, 750])
      if ((await jejak(kept, args, killAfter)) === null) kills++;
    expect(kills).toBeGreaterThan(3);
    expect(await jejak(kept, args)).toBe(0);
    const record = await kept.open();
    const entries = await entriesOf(record);
    await expectWhole(record, entries);
    expect(byType(entries)).toEqual(expected);
    await record.close();
    await kept.remove();
  });

  whenThere('a rebuild leaves the views in use whole, and is finished by running it again', async () => {
    let kills = 0;
    for (const killAfter of [350, 420, 460, 500, 540, 580, 620, 400]) {
      if ((await jejak(whole, ['rebuild'], killAfter)) === null) kills++;
      if ((await jejak(whole, ['rebuild', 'journal'], killAfter)) === null) kills++;
      const record = await whole.open();
      await record.catchUp();
      await expectWhole(record, await entriesOf(record));
      await record.close();
    }
    expect(kills).toBeGreaterThan(3);
    expect(await jejak(whole, ['rebuild'])).toBe(0);
    const record = await whole.open();
    await expectWhole(record, await entriesOf(record));
    expect((await record.views.states()).every(({ behind, rebuilding }) => behind === 0 && !rebuilding)).toBe(
      true,
    );
    await record.close();
  });
});
