import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { verifyBundle } from '@app/ledger';
import { mintLocalToken, type Role } from '@app/people';
import { parsePolicy } from '@app/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tracesBelow } from '../traces/traces.ts';
import { jejak, told } from './jejak.ts';
import { Process } from './process.ts';

/** All invented. */
const WORDS = {
  nip: '198501012010011234',
  nik: '1271010101850009',
  pnsId: 'A8ACA7397AEB3912E040640A040269BB',
  name: 'SITI REKAAN ZULAIKA',
};
const sk = { number: '1', date: '2012-01-15' };
const DOCUMENT = `%PDF-1.7 ${WORDS.name}, NIP ${WORDS.nip}`;

describe('an erasure', () => {
  let [dir, backups] = ['', ''];
  let server: Process;
  let subject: string;
  let document: { sha256: string; size: number; mediaType: string };
  let tokens: Record<string, string> = {};
  let bundleBefore: Buffer;
  let proposal: string;
  let approval: string;

  const start = (env: Record<string, string> = {}) => Process.start({ DATA_DIR: dir, ...env });
  const ask = (as: string, method: string, path: string, body?: string, type = 'application/json') =>
    fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${tokens[as]}`,
        'if-match': '*',
        'x-purpose': 'pemeriksaan berkala',
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
    });
  const command = async (as: string, path: string, body: object) => {
    const answer = await ask(as, 'POST', `/v1/civil-servants/${subject}/${path}`, JSON.stringify(body));
    // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer
    return { status: answer.status, body: (await answer.json()) as any };
  };
  const bundle = async () => {
    const body = JSON.stringify({ subject, purpose: 'pemeriksaan berkala' });
    const answer = await ask('inspektorat', 'POST', '/v1/bundles', body);
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };
  const until = async (isSo: () => boolean) => {
    for (let tries = 0; tries < 600 && !isSo(); tries++) await wait(50);
    expect(isSo()).toBe(true);
  };
  const traces = (where = dir) => tracesBelow(where, WORDS);
  const refusal = (code: string) => ({ status: 422, body: { type: `urn:jejak:refusal:${code}` } });

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-erased-'));
    backups = mkdtempSync(join(tmpdir(), 'jejak-backups-'));
    server = await start();
    const mint = (role: Role, sub: string) => mintLocalToken(dir, { role, sub }, 3_600);
    tokens = {
      proposer: await mint('bkpsdm', 'a'),
      approver: await mint('bkpsdm', 'b'),
      inspektorat: await mint('inspektorat', 'c'),
    };
    const person = {
      nip: WORDS.nip,
      nik: WORDS.nik,
      pnsId: WORDS.pnsId,
      name: WORDS.name,
      born: '1985-01-01',
    };
    const body = JSON.stringify({ person, kind: 'pns', tmt: '2010-01-01' });
    const { stream } = (await (await ask('proposer', 'POST', '/v1/civil-servants', body)).json()) as {
      stream: string;
    };
    subject = stream.slice('civilServant-'.length);
    tokens.self = await mintLocalToken(dir, { role: 'pegawai', sub: WORDS.nip, subject }, 3_600);
    const kept = await ask('proposer', 'PUT', '/v1/evidence', DOCUMENT, 'application/pdf');
    const { sha256, size, mediaType } = (await kept.json()) as typeof document;
    document = { sha256, size, mediaType };
    const award = { jenis: 'satyalancana-karya-satya-10', tmt: '2020-08-17', sk, evidence: [document] };
    expect(await command('proposer', 'awards', award)).toMatchObject({ status: 201 });
    bundleBefore = await bundle();
    expect((await ask('self', 'GET', `/v1/civil-servants/${subject}`)).status).toBe(200);
    await told(['backup', join(backups, 'before'), '--data', dir]);
  });
  afterAll(async () => {
    await server.end('SIGKILL');
    for (const one of [dir, backups]) rmSync(one, { recursive: true });
  });

  const asked = () => ({
    basis: 'UU 27/2022 Pasal 44; PP 28/2012',
    jra: 'JRA Kepegawaian, 3.1',
    retainedUntil: '2024-12-31',
    beritaAcara: { number: '045/12/BA/2025', date: '2025-02-02' },
    destroys: [document.sha256],
  });

  it('waits for the inspektorat, and for a second official', async () => {
    const hold = { basis: 'UU 27/2022 Pasal 44', because: 'perkara di PTUN' };
    expect((await command('proposer', 'legal-holds', hold)).status).toBe(403);
    const held = await command('inspektorat', 'legal-holds', hold);
    expect(held).toMatchObject({ status: 201, body: { events: [{ type: 'LegalHoldPlaced' }] } });
    expect(await command('proposer', 'erasure-proposals', asked())).toMatchObject(refusal('legal-hold'));
    const lifting = { hold: held.body.events[0].id, because: 'putusan tetap' };
    expect((await command('inspektorat', 'legal-hold-liftings', lifting)).status).toBe(201);
    expect((await command('inspektorat', 'erasure-proposals', asked())).status).toBe(403);
    const unkept = { ...asked(), destroys: [document.sha256, 'a'.repeat(64)] };
    expect(await command('proposer', 'erasure-proposals', unkept)).toMatchObject({
      ...refusal('evidence-unknown'),
      body: { errors: [{ pointer: '#/destroys/1' }] },
    });
    const first = await command('proposer', 'erasure-proposals', asked());
    const refused = { proposal: first.body.events[0].id, because: 'salah dokumen' };
    expect((await command('approver', 'erasure-refusals', refused)).status).toBe(201);
    const proposed = await command('proposer', 'erasure-proposals', asked());
    expect(proposed).toMatchObject({ status: 201, body: { events: [{ type: 'ErasureProposed' }] } });
    expect(await command('proposer', 'erasure-proposals', asked())).toMatchObject({ status: 200 });
    proposal = proposed.body.events[0].id;
    expect(await command('proposer', 'erasure-approvals', { proposal })).toMatchObject(
      refusal('same-official'),
    );
  });

  it('is carried out by whoever starts next, where the server was killed after the decision', async () => {
    expect(await server.end('SIGTERM')).toBe(0);
    server = await start({ ROLES: 'api' });
    const approved = await command('approver', 'erasure-approvals', { proposal });
    expect(approved).toMatchObject({ status: 201, body: { events: [{ type: 'ErasureApproved' }] } });
    approval = approved.body.events[0].id;
    await server.end('SIGKILL');
    expect(traces()).toEqual(expect.arrayContaining([expect.stringMatching(/^jejak\.db\S*: nik as utf8/)]));
    await told(['backup', join(backups, 'decided'), '--data', dir]);
    server = await start();
    await until(() => traces().length === 0);
    const profile = await (await ask('inspektorat', 'GET', `/v1/civil-servants/${subject}`)).json();
    expect(profile).toMatchObject({ person: null, profile: { awards: [{ tmt: '2020-08-17' }] } });
    expect((await ask('inspektorat', 'GET', `/v1/evidence/${document.sha256}`)).status).toBe(410);
    const hold = { basis: 'x', because: 'y' };
    expect(await command('inspektorat', 'legal-holds', hold)).toMatchObject(refusal('erased'));
    expect(await command('approver', 'erasure-approvals', { proposal })).toMatchObject({ status: 200 });
  });

  it('leaves every proof whole: bundles of before and of after, and the log', async () => {
    const policy = parsePolicy(await (await ask('inspektorat', 'GET', '/log/policy')).text());
    const after = await bundle();
    expect(verifyBundle(bundleBefore, policy)).toMatchObject({
      verdict: 'sound',
      complete: true,
      entries: 2,
    });
    expect(verifyBundle(after, policy)).toMatchObject({ verdict: 'sound', complete: true, entries: 8 });
    expect(after.includes(WORDS.name)).toBe(false);
    expect(await server.end('SIGTERM')).toBe(0);
    const verified = await jejak(['verify', '--data', dir]).ended;
    expect(verified).toMatchObject({ status: 0, stdout: expect.stringContaining('UTUH / SOUND') });
  });

  it('is told of by the id of the record, and by no NIP', async () => {
    const read = (...args: string[]) => jejak([...args, '--purpose', 'pemeriksaan', '--data', dir]).ended;
    for (const what of ['profile', 'history']) {
      expect((await read(what, WORDS.nip)).status).toBe(1);
      const found = await read(what, '--subject', subject);
      expect(found).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`${subject}  (data pribadi`),
      });
    }
    expect((await read('history', '--subject', subject)).stdout).toContain('ErasureApproved');
    expect(await told(['erase', 'list', '--data', dir])).toEqual([]);
    expect(await told(['erase', 'list', '--all', '--data', dir])).toMatchObject([
      { state: 'refused' },
      { event: proposal, state: 'approved', settledBy: approval },
    ]);
    expect(traces()).toEqual([]);
  });

  it('is done again in a copy of before that is put back', async () => {
    await told(['restore', join(backups, 'decided'), '--data', join(backups, 'again')]);
    expect(traces(join(backups, 'again'))).toEqual([]);
    for (const rest of ['', '-wal', '-shm']) rmSync(join(dir, `jejak.db${rest}`), { force: true });
    copyFileSync(join(backups, 'before/jejak.db'), join(dir, 'jejak.db'));
    expect(traces()).not.toEqual([]);
    server = await start();
    await until(() => traces().length === 0);
  });
});
