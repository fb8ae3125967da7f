import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cosigners, formatAddCheckpoint } from '@app/ledger';
import { parsePolicy, sha256, signerOf, trust, WITNESS_KEY } from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GivenJournal } from '../ledger/journal.ts';
import { GivenLog, seed, serve } from '../ledger/log.ts';
import { type Ended, jejak, told } from './jejak.ts';

const NAME = 'inspektorat.sibolga.go.id';

describe('jejak witness', () => {
  let directory: string;
  let log: GivenLog;
  let vkey: string;
  const running: ChildProcess[] = [];
  const file = (name: string) => join(directory, name);
  const serveArgs = (...more: string[]) => [
    'witness',
    'serve',
    ...['--key', file('key'), '--logs', file('logs'), '--state', file('state.db'), '--port', '0'],
    ...more,
  ];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-witness-'));
    log = new GivenLog('sibolga.go.id/log', randomBytes(32));
    log.append(...Array.from({ length: 20 }, (_, n) => `leaf ${n}`));
    ({ vkey } = await told<{ vkey: string }>(['witness', 'key', NAME, '--out', file('key')]));
    writeFileSync(file('logs'), `# the logs that are witnessed\nlog ${log.signer.verifier.vkey}\n`);
  });
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  /** A witness that listens. */
  async function start(
    ...more: string[]
  ): Promise<{ url: string; child: ChildProcess; ended: Promise<Ended> }> {
    const { child, ended } = jejak([...serveArgs(...more), '--json']);
    running.push(child);
    const url = await new Promise<string>((done, fail) => {
      let said = '';
      child.stdout?.on('data', (text) => {
        said += String(text);
        if (said.includes('\n')) done((JSON.parse(said) as { url: string }).url);
      });
      void ended.then(({ stderr }) => fail(new Error(`it ended: ${stderr}`)));
    });
    return { url, child, ended };
  }

  const policyOf = (url: string) =>
    parsePolicy(`log ${log.signer.verifier.vkey}\nwitness inspektorat ${vkey} ${url}\nquorum inspektorat`);
  const cosign = async (url: string, size: number) => {
    const { lines, failed } = await new Cosigners(policyOf(url), { timeoutMs: 20_000 }).collect(
      log.note(size),
      async (from, to) => log.proof(from, to),
    );
    expect(failed).toEqual([]);
    return log.note(size) + lines.join('');
  };
  const post = (url: string, old: number, size: number) =>
    fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: formatAddCheckpoint(BigInt(old), log.proof(old, size), log.note(size)),
    });
  const errorOf = async (...args: string[]) => {
    const { status, stderr } = await jejak(args).ended;
    return { status, stderr };
  };

  it('makes a key that only its owner may read, and never writes over one', async () => {
    expect(statSync(file('key')).mode & 0o777).toBe(0o600);
    const before = readFileSync(file('key'), 'utf8');
    expect(await errorOf('witness', 'key', NAME, '--out', file('key'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not written over'),
    });
    expect(readFileSync(file('key'), 'utf8')).toBe(before);
  });

  it('cosigns over HTTP, is killed, and goes on from what it had cosigned', async () => {
    const first = await start();
    const note = await cosign(first.url, 7);
    expect(trust(note, policyOf(first.url))).toMatchObject({ size: 7n });
    first.child.kill('SIGKILL');
    await first.ended;

    const { url, child, ended } = await start();
    const monitored = await fetch(`${url}/${sha256(log.origin).toString('hex')}/checkpoint`);
    expect([monitored.status, await monitored.text()]).toEqual([200, note]);
    expect((await post(url, 0, 20)).status).toBe(409);
    const answers = await Promise.all([post(url, 7, 20), post(url, 7, 19)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ status: 0 });
  });

  it('answers what it is asked, and only that', async () => {
    const { url, child, ended } = await start();
    const asked = async (path: string, init?: RequestInit) => (await fetch(`${url}${path}`, init)).status;
    expect(await asked('/livez')).toBe(200);
    expect(await asked('/findings')).toBe(404);
    expect(await asked('/')).toBe(404);
    expect(await asked('/add-checkpoint')).toBe(405);
    expect(await asked(`/${'0'.repeat(64)}/checkpoint`)).toBe(404);
    expect(await asked('/add-checkpoint', { method: 'POST', body: 'x' })).toBe(400);
    expect(await asked('/add-checkpoint', { method: 'POST', body: 'x'.repeat(70_000) })).toBe(400);
    // One that sends without end is answered, or cut off; either way the next is served.
    await asked('/add-checkpoint', { method: 'POST', body: 'x'.repeat(10_000_000) }).catch(() => 400);
    const broken = connect(Number(new URL(url).port), '127.0.0.1');
    broken.write('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nold ');
    await cosign(url, 5);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
    broken.destroy();
  });

  it("refuses a key that others can read, that is the log's, or that is none, and never shows it", async () => {
    const secret = readFileSync(file('key'), 'utf8').trim();
    chmodSync(file('key'), 0o640);
    const open = await errorOf(...serveArgs());
    expect(open).toMatchObject({ status: 1, stderr: expect.stringContaining('chmod 600') });
    chmodSync(file('key'), 0o600);

    writeFileSync(file('key'), secret.slice(0, -8));
    const cut = await errorOf(...serveArgs());
    expect(cut.status).toBe(1);

    const { id } = signerOf(NAME, WITNESS_KEY, seed(1));
    const same = Buffer.concat([Buffer.of(WITNESS_KEY), seed(1)]).toString('base64');
    writeFileSync(file('key'), `PRIVATE+KEY+${NAME}+${id}+${same}`);
    writeFileSync(file('logs'), `log ${new GivenLog(log.origin, seed(1)).signer.verifier.vkey}\n`);
    const both = await errorOf(...serveArgs());
    expect(both).toMatchObject({ status: 1, stderr: expect.stringContaining('also the key of the log') });
    expect(both.stderr).not.toContain(same.slice(4, 20));
    for (const { stderr } of [open, cut]) expect(stderr).not.toContain(secret.slice(-40, -8));
  });

  it('looks into every entry, refuses by the first that is wrong, and tells it', async () => {
    const journal = new GivenJournal(log.origin, randomBytes(32));
    for (const stream of ['unit-a', 'unit-b', 'unit-a', 'unit-a']) journal.record(stream);
    journal.record('unit-b', { revision: 3 });
    const tiles = await serve((request, response) => {
      const isKnown = request.headers.authorization === 'Bearer token-of-the-witness';
      const bytes = isKnown ? journal.tile((request.url ?? '').slice('/log/'.length)) : undefined;
      response.writeHead(bytes ? 200 : 404).end(bytes);
    });
    try {
      log = journal;
      writeFileSync(file('logs'), `log ${log.signer.verifier.vkey}\n`);
      writeFileSync(file('token'), 'token-of-the-witness\n', { mode: 0o600 });
      const semantic = ['--semantic', '--log-url', `${tiles.url}/log`, '--log-token-file', file('token')];
      const { url, child, ended } = await start(...semantic);
      const note = await cosign(url, 4);
      expect(trust(note, policyOf(url))).toMatchObject({ size: 4n });
      const refused = await post(url, 4, 5);
      const said = await refused.text();
      expect([refused.status, said]).toEqual([422, expect.stringMatching(/^entry 4: .*\(revision-gap\)\n$/)]);
      const found = (await (await fetch(`${url}/findings`)).json()) as unknown;
      expect(found).toMatchObject([{ index: 4, rule: 'revision-gap', size: '5' }]);
      await tiles.close();
      journal.record('unit-c');
      expect((await post(url, 4, 6)).status).toBe(503);
      child.kill('SIGTERM');
      const { status, stderr } = await ended;
      expect(status).toBe(0);
      expect(stderr).not.toContain('token-of-the-witness');
    } finally {
      await tiles.close();
    }
  });

  it.each([
    [[]],
    [['serve']],
    [['serve', 'more', '--key', 'k', '--logs', 'l', '--state', 's']],
    [['serve', '--key', 'k', '--logs', 'l', '--state', 's', '--port', 'x']],
    [['key', 'name']],
    [['key', '--out', 'x']],
    [['other']],
    [['serve', '--nonsense']],
    [['serve', '--key', 'k', '--logs', 'l', '--state', 's', '--log-url', 'http://x']],
  ])('does not understand: witness %j', async (args) => {
    expect((await jejak(['witness', ...args]).ended).status).toBe(2);
  });
});
