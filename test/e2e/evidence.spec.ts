import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EVIDENCE, eraseEvidence, evidenceStream } from '@app/domain/evidence';
import { uuidv7 } from '@app/event-store';
import { EvidenceStore } from '@app/ledger';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registration, Server } from './server.ts';
import { ID } from './service.ts';

const PDF = 'application/pdf';
const CONTENT = '%PDF-1.7 SK rekaan';
const sha256 = (content: string | Buffer) => createHash('sha256').update(content);
const digest = (content: string) => `sha-256=:${sha256(content).digest('base64')}:`;

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(() => server.stop());

const put = (raw: string | Buffer, headers: Record<string, string> = {}, as = 'bkpsdm') =>
  server.ask(as, 'PUT', '/v1/evidence', { raw, headers: { 'content-type': PDF, ...headers } });
const get = (sha: string, as = 'inspektorat') => server.ask(as, 'GET', `/v1/evidence/${sha}`);
const files = () => {
  const directory = join(server.dir, 'evidence');
  return existsSync(directory)
    ? readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    : [];
};

describe('a document', () => {
  it('is kept once, with a receipt, and given out as it came', async () => {
    const sha = sha256(CONTENT).digest('hex');
    const first = await put(CONTENT, { 'content-digest': digest(CONTENT) });
    expect(first).toMatchObject({
      status: 201,
      headers: { etag: '"0"' },
      body: {
        sha256: sha,
        size: CONTENT.length,
        mediaType: PDF,
        stream: evidenceStream(sha),
        revision: 0,
        events: [{ type: 'EvidenceKept' }],
      },
    });
    const written = await server.written();
    expect(await put(CONTENT, {}, 'inspektorat')).toMatchObject({
      status: 200,
      body: { sha256: sha, events: [] },
    });
    expect(await server.written()).toBe(written);
    for (const as of ['inspektorat', 'bkpsdm'])
      expect(await get(sha, as)).toMatchObject({
        status: 200,
        body: CONTENT,
        headers: {
          'content-type': PDF,
          'content-length': String(CONTENT.length),
          'content-disposition': `attachment; filename="${sha}"`,
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        },
      });
    const [event] = await server.record.store.read(evidenceStream(sha));
    expect(JSON.parse(event?.metadata ?? '')).toMatchObject({
      role: 'bkpsdm',
      actor: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('keeps the type that it was kept as first', async () => {
    const text = 'nip;nama\n';
    await put(text, { 'content-type': 'text/csv; charset=utf-8' });
    expect(await put(text, { 'content-type': 'TEXT/plain' })).toMatchObject({
      status: 200,
      body: { mediaType: 'text/csv' },
    });
  });

  it('of many megabytes is taken as it comes, and comes back whole', async () => {
    const content = Buffer.concat([Buffer.from('%PDF-'), Buffer.alloc(20 * 1_048_576, 'isi ')]);
    const { status, body } = await put(content);
    expect(status).toBe(201);
    const answer = await get(body.sha256);
    expect(sha256(answer.body).digest('hex')).toBe(body.sha256);
  });

  it.each<[string, () => ReturnType<typeof put>, number, RegExp]>([
    ['nothing', () => put('', { 'content-type': PDF }), 422, /evidence-empty/],
    [
      'another content than its digest',
      () => put('%PDF-x', { 'content-digest': digest('y') }),
      422,
      /evidence-altered/,
    ],
    [
      'a digest that is none',
      () => put('%PDF-x', { 'content-digest': 'sha-256=:x:' }),
      400,
      /Content-Digest/,
    ],
    [
      'a digest of another kind',
      () => put('%PDF-x', { 'content-digest': 'md5=:eHh4:' }),
      400,
      /Content-Digest/,
    ],
    ['another type than it says', () => put('GIF89a'), 422, /evidence-of-another-type/],
    ['a type that is not kept', () => put('<p>', { 'content-type': 'text/html' }), 415, /application\/pdf/],
    ['JSON', () => put('{}', { 'content-type': 'application/json' }), 415, /application\/pdf/],
    ['no type', () => put('x', { 'content-type': '' }), 415, /media type|Jenis media/],
    ['what is compressed', () => put('%PDF-x', { 'content-encoding': 'gzip' }), 415, /Content-Encoding/],
    ['a correlation that is none', () => put('%PDF-x', { 'x-correlation-id': 'x' }), 400, /correlation/],
  ])('with %s is refused, and nothing is kept', async (_, ask, status, words) => {
    const [before, written] = [files().length, await server.written()];
    const reply = await ask();
    expect([reply.status, JSON.stringify(reply.body)]).toEqual([status, expect.stringMatching(words)]);
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect([files().length, await server.written()]).toEqual([before, written]);
  });

  it('that nobody may bring or see is neither taken nor given out', async () => {
    const { sha256: sha } = await server.document();
    const before = files().length;
    for (const role of ['pimpinan', 'pegawai', 'integrator']) {
      expect((await put('%PDF-other', {}, role)).status).toBe(403);
      expect((await get(sha, role)).status).toBe(403);
    }
    expect(files()).toHaveLength(before);
  });

  it('that was never kept is not found; whatever is no SHA-256 neither', async () => {
    for (const sha of ['a'.repeat(64), 'x', 'A'.repeat(64), '..%2F..%2Fjejak.db'])
      expect(await get(sha)).toMatchObject({ status: 404 });
  });

  it('that was destroyed by a decision is gone, and does not return', async () => {
    const content = '%PDF-1.7 to be destroyed';
    const { sha256: sha } = await server.document(content);
    const commandId = uuidv7();
    const asking = { actor: 'a', role: 'r', commandId, correlationId: commandId, askedAt: Date.now() };
    await server.record.transact(EVIDENCE, evidenceStream(sha), asking, (known) => eraseEvidence(ID, known));
    await new EvidenceStore(join(server.dir, 'evidence')).erase(sha);
    const before = files().length;
    expect(await get(sha)).toMatchObject({ status: 410, body: { detail: expect.stringContaining(ID) } });
    expect(await put(content)).toMatchObject({
      status: 422,
      body: { type: 'urn:jejak:refusal:evidence-erased' },
    });
    expect(files()).toHaveLength(before);
  });

  it('is described to whoever writes a client', async () => {
    const { body } = await server.ask(undefined, 'GET', '/docs/openapi.json');
    const { put: described, get: given } = {
      ...body.paths['/v1/evidence'],
      ...body.paths['/v1/evidence/{sha256}'],
    };
    expect(Object.keys(described.requestBody.content)).toContain('image/tiff');
    expect(described.responses[201].content['application/json'].schema.required).toContain('sha256');
    const names = given.parameters.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual(['X-Purpose', 'sha256']);
    expect(Object.keys(given.responses)).toContain('410');
  });
});

function dialled(to: Server) {
  const socket = connect(Number(new URL(to.url).port), '127.0.0.1');
  const parts: string[] = [];
  socket.on('data', (text) => parts.push(String(text))).on('error', () => undefined);
  return { socket, heard: () => parts.join('') };
}
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries++) await wait(10);
  expect(isSo()).toBe(true);
}

describe('a document that is too large', () => {
  it('is refused, whether it says so or not, and the asker hears of it', async () => {
    const small = await Server.start(undefined, { env: { EVIDENCE_MAX_BYTES: '1000' } });
    try {
      const url = '/v1/evidence';
      const headers = { 'content-type': PDF };
      const raw = `%PDF-${'x'.repeat(500_000)}`;
      expect(await small.ask('bkpsdm', 'PUT', url, { raw, headers })).toMatchObject({ status: 413 });
      const parts = async function* () {
        for (let n = 0; n < 50; n++) yield Buffer.from(raw.slice(0, 10_000));
      };
      const asked = await fetch(small.url + url, {
        method: 'PUT',
        headers: { ...headers, authorization: `Bearer ${await small.token('bkpsdm', ID)}` },
        body: parts() as unknown as ReadableStream,
        duplex: 'half',
      } as RequestInit);
      expect(asked.status).toBe(413);
      expect(await asked.json()).toMatchObject({ detail: 'a document may have 1000 bytes' });
      const left = await small.token('bkpsdm', ID);
      const head = (method: string, path: string, more: string) =>
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${left}\r\n${more}\r\n`;
      const { socket, heard } = dialled(small);
      const type = `Content-Type: ${PDF}\r\nTransfer-Encoding: chunked\r\n`;
      socket.write(`${head('PUT', url, type)}${raw.length.toString(16)}\r\n${raw}\r\n0\r\n\r\n`);
      await until(() => heard().startsWith('HTTP/1.1 413'));
      // The rest of it has gone by: the connection serves on.
      socket.write(head('GET', '/livez', ''));
      await until(() => heard().includes('HTTP/1.1 200'));
      socket.destroy();
      expect(readdirSync(join(small.dir, 'evidence'))).toEqual([]);
    } finally {
      await small.stop();
    }
  });
});

describe('a document that is long in coming', () => {
  it('is waited for, longer than other bodies; of one that never ends nothing is kept', async () => {
    const hurried = await Server.start(undefined, { bodyWithinMs: 300 });
    const token = await hurried.token('bkpsdm', ID);
    const begin = (method: string, path: string, type: string, first: string) => {
      const { socket, heard } = dialled(hurried);
      socket.write(
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${type}\r\n` +
          `Content-Length: ${CONTENT.length}\r\n\r\n${first}`,
      );
      return { socket, heard };
    };
    try {
      const json = begin('POST', '/v1/civil-servants', 'application/json', '{');
      const slow = begin('PUT', '/v1/evidence', PDF, CONTENT.slice(0, 5));
      await until(() => json.heard().startsWith('HTTP/1.1 408'));
      slow.socket.write(CONTENT.slice(5));
      await until(() => slow.heard().startsWith('HTTP/1.1 201'));
      const left = begin('PUT', '/v1/evidence', PDF, '%PDF-');
      const parts = () => readdirSync(join(hurried.dir, 'evidence')).filter((name) => name.endsWith('.part'));
      await until(() => parts().length === 1);
      left.socket.destroy();
      await until(() => parts().length === 0);
    } finally {
      await hurried.stop();
    }
  });
});

describe('a command that rests on evidence', () => {
  const award = {
    jenis: 'satyalancana-karya-satya-10',
    tmt: '2020-08-17',
    sk: { number: '1', date: '2020-01-15' },
  };

  it('is refused where the document was never kept, or is another than it says', async () => {
    const subject = await server.register(1);
    const kept = await server.document();
    const command = (...evidence: object[]) => server.command(`/${subject}/awards`, { ...award, evidence });
    const written = await server.written();
    for (const [evidence, field] of [
      [{ ...kept, sha256: 'a'.repeat(64) }, 'sha256'],
      [{ ...kept, size: kept.size + 1 }, 'size'],
      [{ ...kept, mediaType: 'image/png' }, 'mediaType'],
    ] as const)
      expect(await command(kept, evidence)).toMatchObject({
        status: 422,
        body: { type: 'urn:jejak:refusal:evidence-unknown', errors: [{ pointer: `#/evidence/1/${field}` }] },
      });
    expect(await server.written()).toBe(written);
    expect(await command(kept)).toMatchObject({ status: 201 });
  });

  it('enters nobody before it is known to rest on something', async () => {
    const someone = registration(2);
    const evidence = [{ sha256: 'b'.repeat(64), size: 1, mediaType: PDF }];
    expect(await server.command('', { ...someone, evidence })).toMatchObject({
      status: 422,
      body: { type: 'urn:jejak:refusal:evidence-unknown' },
    });
    expect(await server.record.people.byNip(someone.person.nip)).toBeNull();
  });
});
