import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { leafOf } from '@app/journal';
import { leafHash } from '@app/proof';
import { OpenRecord } from '@app/record';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jejak, told } from './jejak.ts';
import { everything } from './writer.ts';

const CHILD = join(process.cwd(), 'test/e2e/children/record.mjs');
const SAMPLE = join(process.cwd(), 'test/sample/siasn');
const TABLES = ['current_profile', 'person', 'nip'];

describe('jejak backup and restore', () => {
  let directory: string;
  const at = (name: string) => join(directory, name);
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-backup-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const restore = (to: string) => jejak(['restore', at('backup'), '--data', to]).ended;
  const aBackup = async () => {
    await jejak(['import', SAMPLE, '--data', at('data')]).ended;
    return told<{ events: number; journal: number }>(['backup', at('backup'), '--data', at('data')]);
  };

  it('keeps all that was acknowledged before it began, while others write, and the people of every event', async () => {
    const load = new Load(at('data'));
    try {
      await load.until(300);
      const before = [...load.subjects];
      const told1 = await told<{ events: number; lastPosition: number }>([
        'backup',
        at('backup'),
        '--data',
        at('data'),
      ]);
      await load.until(load.subjects.length + 50);
      expect(told1.events).toBeGreaterThanOrEqual(before.length);
      await load.kill();
      const told2 = await told<{ events: number; upTo: string }>([
        'restore',
        at('backup'),
        '--data',
        at('again'),
      ]);
      expect(told2.events).toBe(told1.events);
      const log = await restored(at('again'));
      expect(log.subjects).toEqual(expect.arrayContaining(before));
      expect(log.strangers).toEqual([]);
      expect(log.upTo).toBe(told2.upTo);
    } finally {
      await load.kill();
    }
  });

  it('restores the journal and the views as a rebuild makes them', async () => {
    const { events } = await aBackup();
    await told(['restore', at('backup'), '--data', at('again')]);
    const before = await restored(at('again'));
    expect(before.subjects.length).toBe(events);
    await told(['rebuild', '--data', at('again')]);
    await told(['rebuild', 'journal', '--data', at('again')]);
    expect(await restored(at('again'))).toEqual(before);
    expect(await restored(at('data'))).toEqual(before);
  });

  it('is for its owner alone, and goes into a new directory only', async () => {
    mkdirSync(at('full'));
    writeFileSync(at('full/letter'), '');
    await aBackup();
    for (const name of ['', 'events.db', 'jejak.db', 'manifest.json'])
      expect(statSync(at(`backup/${name}`)).mode & 0o077).toBe(0);
    const { status, stderr } = await jejak(['backup', at('full'), '--data', at('data')]).ended;
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('is not empty') });
    expect(readdirSync(at('full'))).toEqual(['letter']);
    expect(await jejak(['backup', at('new'), '--data', at('nothing')]).ended).toMatchObject({ status: 1 });
    expect(existsSync(at('nothing'))).toBe(false);
  });

  it('is not put over a record, and leaves it as it was', async () => {
    await aBackup();
    const before = readFileSync(at('data/events.db'));
    const { status, stderr } = await restore(at('data'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/holds a record already .*move these files away/);
    expect(readFileSync(at('data/events.db')).equals(before)).toBe(true);
  });

  it.each([
    ['a byte of the log is another', (file: string) => scratch(file, 'events.db')],
    ['a byte of the database is another', (file: string) => scratch(file, 'jejak.db')],
    ['the log was cut off', (file: string) => truncateSync(join(file, 'events.db'), 8_192)],
    ['the database is missing', (file: string) => rmSync(join(file, 'jejak.db'))],
    ['it was not finished', (file: string) => rmSync(join(file, 'manifest.json'))],
    ['the manifest says something else', (file: string) => writeFileSync(join(file, 'manifest.json'), '{}')],
  ])('is refused where %s, and nothing is restored', async (_, damage) => {
    await aBackup();
    damage(at('backup'));
    const { status, stderr } = await restore(at('again'));
    expect(status).toBe(1);
    expect(stderr).toContain('use another');
    expect(existsSync(at('again'))).toBe(false);
  });

  it('says what backs up a record that is on servers', async () => {
    const env = { DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:1/none' };
    const { status, stderr } = await jejak(['backup', at('backup')], env).ended;
    expect(status).toBe(2);
    expect(stderr).toContain('pg_dump');
    expect(stderr).not.toContain('secret');
    expect(existsSync(at('backup'))).toBe(false);
  });
});

/** What a record has: the subject or unit of each event, who of them is not known, the journal, and rows of tables. */
async function restored(dataDir: string) {
  const record = await OpenRecord.open(dataDir, () => '2026-01-31');
  try {
    const events = await everything(record.store);
    const size = await record.journal.size();
    const journal = await record.journal.read({ limit: size + 1 });
    // The journal is the log, entry by entry.
    expect(journal.map(({ leaf }) => leaf)).toEqual(events.map(leafOf));
    const hashes = await record.database.read<{ h: string }>(
      'SELECT leaf_hash AS h FROM journal ORDER BY idx',
    );
    expect(hashes.map(({ h }) => h)).toEqual(events.map((e) => leafHash(leafOf(e)).toString('base64')));
    const subjects = events.map(({ stream }) => stream.replace(/^\w+-/, ''));
    const people = events.filter(({ stream }) => stream.startsWith('civilServant-'));
    const known = await record.people.named(people.map(({ stream }) => stream.replace(/^\w+-/, '')));
    const strangers = people.filter(({ stream }) => !known.has(stream.replace(/^\w+-/, '')));
    const tables: unknown[] = [];
    for (const table of TABLES)
      tables.push(await record.database.read(`SELECT * FROM ${table} ORDER BY 1, 2`));
    return { subjects, strangers, upTo: events.at(-1)?.recordedAt, tables };
  } finally {
    await record.close();
  }
}

/** Another process that writes the record. */
class Load {
  readonly subjects: string[] = [];
  readonly #child;
  readonly #ended: Promise<unknown>;
  #heard = () => {};

  constructor(dataDir: string) {
    this.#child = spawn(process.execPath, [CHILD, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#ended = once(this.#child, 'close').then(() => this.#heard());
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (line.length === 36) this.subjects.push(line);
      this.#heard();
    });
  }

  async until(count: number): Promise<void> {
    while (this.subjects.length < count) {
      if (this.#child.exitCode !== null) throw new Error('the load ended (npm run build first?)');
      await new Promise<void>((heard) => {
        this.#heard = heard;
      });
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

function scratch(directory: string, name: string): void {
  const file = join(directory, name);
  const middle = Math.floor(statSync(file).size / 2);
  const before = readFileSync(file)[middle] ?? 0;
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.of(before ^ 1), 0, 1, middle);
  closeSync(descriptor);
}
