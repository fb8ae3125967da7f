import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { refuse } from '@app/domain/event';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EvidenceStore } from './evidence.ts';
import { beginsAs, MEDIA_TYPES } from './media-type.ts';

const PDF = { mediaType: 'application/pdf', maxBytes: 1_000 };
const CONTENT = '%PDF-1.7 rekaan';
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
const SHA = sha256(CONTENT);
const stream = (...parts: readonly (string | Buffer)[]) =>
  Readable.from(parts.map((part) => Buffer.from(part as string)));

let directory: string;
let store: EvidenceStore;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'jejak-evidence-')), 'evidence');
  store = new EvidenceStore(directory);
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

/** Everything that is in the directory. */
const files = () =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const contentOf = async (sha: string) => {
  const chunks: Buffer[] = [];
  for await (const chunk of (await store.read(sha)) ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

describe('the documents', () => {
  it('are kept by their content, for their owner alone, each once', async () => {
    const taken = await store.put(stream('%PDF-', '1.7 rekaan'), PDF);
    expect(taken).toEqual({ sha256: SHA, size: CONTENT.length, mediaType: 'application/pdf', isNew: true });
    const file = join(directory, SHA.slice(0, 2), SHA);
    expect(files()).toEqual([file]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o077).toBe(0);
    const { ino } = statSync(file);
    expect(await store.put(stream(CONTENT), PDF)).toMatchObject({ sha256: SHA, isNew: false });
    expect(statSync(file).ino).toBe(ino);
    expect(files()).toEqual([file]);
    expect([await store.has(SHA), await contentOf(SHA), await store.verify(SHA)]).toEqual([
      true,
      CONTENT,
      true,
    ]);
  });

  it('are new to one of many who bring the same at once', async () => {
    const puts = await Promise.all(Array.from({ length: 20 }, () => store.put(stream(CONTENT), PDF)));
    expect(puts.filter((put) => 'isNew' in put && put.isNew)).toHaveLength(1);
    expect(files()).toHaveLength(1);
  });

  it('are not there when nobody brought them', async () => {
    expect([
      await store.has(SHA),
      await store.read(SHA),
      await store.verify(SHA),
      await store.erase(SHA),
    ]).toEqual([false, undefined, undefined, false]);
    for (const name of ['', '..', `../${SHA.slice(3)}`, SHA.toUpperCase(), `${SHA}\n`])
      await expect(store.read(name)).rejects.toThrow('named by its SHA-256');
  });

  it.each([
    ['evidence-empty', [], {}],
    ['evidence-too-large', ['%PDF-', 'x'.repeat(996)], {}],
    ['evidence-altered', [CONTENT], { expected: 'a'.repeat(64) }],
    ['evidence-of-another-type', ['%PDX-1.7'], {}],
    ['evidence-of-another-type', [CONTENT], { mediaType: 'application/x-sh' }],
    ['evidence-erased', [CONTENT], { refuse: async () => refuse('evidence-erased', '', '') }],
  ] as const)('are refused, and nothing is kept: %s', async (code, parts, more) => {
    expect(await store.put(stream(...parts), { ...PDF, ...more })).toMatchObject({ refused: code });
    expect(files()).toEqual([]);
  });

  it('may be as large as the limit, and are not read beyond it', async () => {
    let read = 0;
    const endless = async function* () {
      for (; ; read += 100) yield Buffer.alloc(100, '%PDF-');
    };
    expect(await store.put(endless(), PDF)).toMatchObject({ refused: 'evidence-too-large' });
    expect(read).toBe(1_000);
    expect(await store.put(stream(`%PDF-${'x'.repeat(995)}`), PDF)).toMatchObject({ size: 1_000 });
  });

  it('leave nothing behind when their stream breaks', async () => {
    const breaking = async function* () {
      yield Buffer.from('%PDF-');
      throw new Error('the client left');
    };
    await expect(store.put(breaking(), PDF)).rejects.toThrow('the client left');
    expect(files()).toEqual([]);
  });

  it('are known to be another when a byte of theirs has changed', async () => {
    await store.put(stream(CONTENT), PDF);
    writeFileSync(join(directory, SHA.slice(0, 2), SHA), CONTENT.replace('7', '8'));
    expect(await store.verify(SHA)).toBe(false);
  });

  it('are written over before their name goes', async () => {
    await store.put(stream(CONTENT), PDF);
    const file = join(directory, SHA.slice(0, 2), SHA);
    const [before] = [await store.read(SHA)];
    expect(await store.erase(SHA)).toBe(true);
    expect(await store.has(SHA)).toBe(false);
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
    // Whoever has it open still sees what is on the disk.
    for await (const chunk of before ?? []) expect(chunk).toEqual(Buffer.alloc(CONTENT.length));
  });

  it('that were half-written by processes that died are swept away at the start, others not', () => {
    mkdirSync(directory, { recursive: true });
    const id = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
    const part = (pid: number, host: string, hours = 0) => {
      const name = `${id.replace('0b', String(files().length + 10))}.${pid}.${host}.part`;
      writeFileSync(join(directory, name), 'half');
      const at = Date.now() / 1_000 - hours * 3_600;
      utimesSync(join(directory, name), at, at);
      return name;
    };
    // A process that does not live, this one (before its start), one that lives, and some elsewhere.
    part(4_194_305, hostname());
    part(process.pid, hostname());
    part(7, 'elsewhere', 2);
    const others = [part(process.ppid, hostname()), part(7, 'elsewhere'), 'notes.txt'];
    writeFileSync(join(directory, 'notes.txt'), 'not ours');
    new EvidenceStore(directory);
    expect(readdirSync(directory).sort()).toEqual(others.sort());
  });

  it('on their way are not swept away by another start in the same process', async () => {
    const coming = async function* () {
      yield Buffer.from(CONTENT);
      new EvidenceStore(directory);
    };
    expect(await store.put(coming(), PDF)).toMatchObject({ isNew: true });
  });

  it('that cannot be written are the disk’s fault', async () => {
    writeFileSync(directory, 'a file where the directory should be');
    await expect(store.put(stream(CONTENT), PDF)).rejects.toThrow(/documents in .* not available \(EEXIST\)/);
  });
});

describe('the types of documents', () => {
  it('are told by how the content begins, where they can be', () => {
    const begins: Readonly<Record<string, Buffer>> = {
      'application/pdf': Buffer.from('%PDF-2.0'),
      'image/png': Buffer.from('89504e470d0a1a0a', 'hex'),
      'image/jpeg': Buffer.from('ffd8ffe0', 'hex'),
      'image/tiff': Buffer.from('49492a00', 'hex'),
      'application/zip': Buffer.from('504b0304', 'hex'),
    };
    for (const [type, beginning] of Object.entries(begins))
      for (const other of Object.keys(begins)) expect(beginsAs(other, beginning)).toBe(other === type);
    for (const type of MEDIA_TYPES.filter((one) => one.includes('openxml')))
      expect([beginsAs(type, Buffer.from('PK\x03\x04')), beginsAs(type, Buffer.from('%PDF-'))]).toEqual([
        true,
        false,
      ]);
    for (const type of ['text/plain', 'text/csv']) expect(beginsAs(type, Buffer.from('nip;nama'))).toBe(true);
    expect(beginsAs('application/pdf', Buffer.from('%PD'))).toBe(false);
  });
});
