import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyBundle } from '@app/ledger';
import { mintLocalToken } from '@app/people';
import { entriesIn, leafHash, parsePolicy, parseTlogProof, rootOf, trust, verifyTlogProof } from '@app/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Process } from './process.ts';
import { registration } from './server.ts';

describe('the log of a running server, for anybody’s tools', () => {
  let dir: string;
  let server: Process;
  let tokens: Record<string, string>;
  let event: string;
  let subject: string;
  const start = (env: Record<string, string> = {}) =>
    Process.start({ DATA_DIR: dir, LEDGER_READ_TOKEN: 'mirror-token', ...env });
  const ask = (path: string, as?: string, init: RequestInit = {}) =>
    fetch(server.url + path, {
      ...init,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${tokens[as] ?? as}` }),
        ...(init.body ? { 'content-type': 'application/json' } : {}),
      },
    });
  const text = async (path: string, as = 'inspektorat') => (await ask(path, as)).text();
  const policy = async () => parsePolicy(await text('/log/policy'));
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-ledger-'));
    server = await start();
    const mint = (role: 'inspektorat' | 'bkpsdm' | 'pimpinan') =>
      mintLocalToken(dir, { role, sub: role }, 600);
    tokens = {
      inspektorat: await mint('inspektorat'),
      bkpsdm: await mint('bkpsdm'),
      pimpinan: await mint('pimpinan'),
    };
    const body = JSON.stringify(registration(1));
    const answer = await ask('/v1/civil-servants', 'bkpsdm', { method: 'POST', body });
    const receipt = (await answer.json()) as { stream: string; events: { id: string }[] };
    event = receipt.events[0]?.id ?? '';
    subject = receipt.stream.slice('civilServant-'.length);
  });
  afterAll(async () => {
    await server.end('SIGKILL');
    rmSync(dir, { recursive: true });
  });

  it('has a key that only its owner reads, and announces it', async () => {
    expect(statSync(join(dir, 'ledger/log.key')).mode & 0o777).toBe(0o600);
    const keys = await text('/log/keys');
    expect(keys).toMatch(/^jejak\.localhost\/log\+[0-9a-f]{8}\+\S+\n$/);
    expect(await text('/log/policy')).toBe(`log ${keys}quorum none\n`);
    expect(readFileSync(join(dir, 'ledger/log.key'), 'utf8')).toContain('PRIVATE+KEY+');
  });

  it('gives the receipt of an accepted command, which verifies alone', async () => {
    const answer = await ask(`/v1/receipts/${event}?wait=20`, 'bkpsdm');
    expect(answer.status).toBe(200);
    const proof = parseTlogProof(await answer.text());
    const leaf = (await entries()).find((one) => one.includes(event)) as Buffer;
    expect(verifyTlogProof(proof, leafHash(leaf), await policy())).toMatchObject({
      origin: 'jejak.localhost/log',
    });
    expect(verifyTlogProof(proof, leafHash('another'), await policy())).toMatchObject({
      distrusted: 'inclusion',
    });
    const unknown = await ask('/v1/receipts/01a20e17-b97f-72a9-9677-d1be5404bcf2?wait=0', 'bkpsdm');
    expect(unknown.status).toBe(404);
  });

  /** All entries under the newest checkpoint, as a mirror reads them. */
  async function entries(): Promise<Buffer[]> {
    const trusted = trust(await text('/log/checkpoint'), await policy());
    if ('distrusted' in trusted) throw new Error(trusted.because);
    const answer = await ask(`/log/tile/entries/000.p/${trusted.size}`, 'mirror-token');
    expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    const found = entriesIn(Buffer.from(await answer.arrayBuffer())) as Buffer[];
    expect(rootOf(found.map((entry) => leafHash(entry)))).toEqual(trusted.root);
    return found;
  }

  it('serves entries and tiles of the standard layout, that hash to the root that was signed', async () => {
    const found = await entries();
    const tile = await ask(`/log/tile/0/000.p/${found.length}`, 'inspektorat');
    expect(tile.headers.get('content-type')).toBe('application/octet-stream');
    expect(Buffer.from(await tile.arrayBuffer())).toEqual(
      Buffer.concat(found.map((entry) => leafHash(entry))),
    );
    for (const path of [
      'tile/0/000',
      'tile/0/000.p/0',
      'tile/0/0',
      'tile/64/000.p/1',
      'tile/entries/001',
      'tile/0/000.p/256',
    ])
      expect([path, (await ask(`/log/${path}`, 'inspektorat')).status]).toEqual([path, 404]);
  });

  it('is read by roles, or with its own token, and by nobody else', async () => {
    expect((await ask('/log/checkpoint')).status).toBe(401);
    expect((await ask('/log/checkpoint', 'pimpinan')).status).toBe(403);
    expect((await ask('/log/checkpoint', 'another-token')).status).toBe(401);
    expect((await ask('/log/checkpoint', 'mirror-token')).status).toBe(200);
  });

  it('issues a bundle that verifies, and has that it was asked for on the record', async () => {
    const body = JSON.stringify({ subject, purpose: 'pemeriksaan reguler' });
    const answer = await ask('/v1/bundles', 'inspektorat', { method: 'POST', body });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(verifyBundle(bytes, await policy())).toMatchObject({
      verdict: 'sound',
      complete: true,
      entries: 1,
    });
    const refusals = await Promise.all(
      [{ subject }, { purpose: 'x' }, { subject, event, purpose: 'x' }].map((one) =>
        ask('/v1/bundles', 'inspektorat', { method: 'POST', body: JSON.stringify(one) }),
      ),
    );
    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 400]);
    const nip = { subject, purpose: 'NIP 198501012010011001' };
    const refused = await ask('/v1/bundles', 'inspektorat', { method: 'POST', body: JSON.stringify(nip) });
    expect(refused.status).toBe(422);
    const pimpinan = await ask('/v1/bundles', 'pimpinan', { method: 'POST', body });
    expect(pimpinan.status).toBe(403);
  });

  it('is open to everybody where the settings say so, after a restart under the same key', async () => {
    const before = await text('/log/keys');
    const size = Number((await text('/log/checkpoint')).split('\n')[1]);
    expect(await server.end('SIGTERM')).toBe(0);
    server = await start({ LEDGER_PUBLIC: 'yes' });
    const answer = await ask('/log/checkpoint');
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=1']);
    expect(Number((await answer.text()).split('\n')[1])).toBeGreaterThanOrEqual(size);
    expect(await (await ask('/log/keys')).text()).toBe(before);
  });
});
