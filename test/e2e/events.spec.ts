import type { CloudEvent } from '@app/delivery';
import { mintLocalToken } from '@app/people';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Server } from './server.ts';

let server: Server;
let subject: string;
beforeAll(async () => {
  server = await Server.start();
  subject = await server.register(1);
  const sk = { number: '800/1/2026', date: '2026-01-05' };
  await server.command(`/${subject}/promotions`, {
    golongan: 'III/a',
    jenis: 'pengadaan',
    tmt: '2010-01-01',
    sk: { number: '1', date: '2010-01-01' },
  });
  await server.command(`/${subject}/sanctions`, { jenis: 'teguran-lisan', tmt: '2026-01-10', sk });
  await server.record.catchUp();
});
afterAll(() => server.stop());

const page = (query = '', as = 'integrator', headers: Record<string, string> = {}) =>
  server.ask(as, 'GET', `/v1/events${query}`, { headers });
const sequences = (body: readonly CloudEvent[]) => body.map(({ sequence }) => Number(sequence));

/** Opens the stream and reads until it has said something that fits, or ended. */
async function listen(query: string, until: RegExp, headers: Record<string, string> = {}, as = 'integrator') {
  const token = await mintLocalToken(server.dir, { role: as as 'integrator', sub: as }, 3600);
  const hung = new AbortController();
  const answer = await fetch(`${server.url}/v1/events/stream${query}`, {
    headers: { authorization: `Bearer ${token}`, 'x-purpose': 'uji', ...headers },
    signal: hung.signal,
  });
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (until.test(text)) break;
  }
  hung.abort();
  return { status: answer.status, headers: answer.headers, text };
}

describe('the feed', () => {
  it('gives the events in order, page by page, and says where to go on', async () => {
    const first = await page('?limit=2');
    expect(first.status).toBe(200);
    expect(first.headers['content-type']).toBe('application/cloudevents-batch+json; charset=utf-8');
    expect(sequences(first.body)).toEqual([0, 1]);
    expect(first.headers).toMatchObject({
      'x-next-after': '1',
      'x-log-size': String(await server.written()),
    });
    expect(first.headers.link).toBe('</v1/events?limit=2&after=1>; rel="next"');
    const next = await page('?limit=2&after=1');
    expect(sequences(next.body)).toEqual([2]);
    expect(await page('?after=2')).toMatchObject({ status: 200, body: [], headers: { 'x-next-after': '2' } });
  });

  it('gives a page that can never change to be kept, and any page by its tag', async () => {
    const whole = await page('?limit=2');
    expect(whole.headers['cache-control']).toBe('private, max-age=86400, immutable');
    const open = await page('?limit=5');
    expect(open.headers['cache-control']).toBe('private, no-cache');
    const again = await page('?limit=5', 'integrator', { 'if-none-match': open.headers.etag ?? '' });
    expect(again).toMatchObject({ status: 304, body: '' });
    const another = await page('?limit=5', 'inspektorat', { 'if-none-match': open.headers.etag ?? '' });
    expect(another.status).toBe(200);
  });

  it('is thin above internal, unless who asks may read it all', async () => {
    const thin = await page('?types=SanctionImposed');
    expect(thin.body).toHaveLength(1);
    expect(thin.body[0]).toMatchObject({
      dataclassification: 'restricted',
      subject: `civilServant-${subject}`,
    });
    expect(thin.body[0]).not.toHaveProperty('data');
    const fat = await page('?types=SanctionImposed', 'inspektorat');
    expect(fat.body[0].data).toMatchObject({ jenis: 'teguran-lisan' });
  });

  it('gives the data to who comes for one event, and enters that in the access log', async () => {
    const [thin] = (await page('?types=SanctionImposed')).body as CloudEvent[];
    const before = await server.record.access.size();
    const path = new URL(thin?.dataref ?? '').pathname;
    const one = await server.ask('integrator', 'GET', path);
    expect(one.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(one.body.data).toMatchObject({ jenis: 'teguran-lisan' });
    const entered = await server.record.access.read({ after: before - 1, limit: 10 });
    expect(entered).toMatchObject([{ subject, what: 'GET /v1/events/:event', outcome: 'answered' }]);
    expect(
      (await server.ask('integrator', 'GET', '/v1/events/00000000-0000-7000-8000-000000000000')).status,
    ).toBe(404);
  });

  it('gives events a line each, and to the inspektorat as they were sealed', async () => {
    const lines = await page('', 'integrator', { accept: 'application/x-ndjson' });
    expect(lines.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const events = String(lines.body)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(sequences(events)).toEqual([0, 1, 2]);
    const stored = await page('?shape=stored&limit=1', 'inspektorat');
    const [row] = await server.record.journal.rows(0, 1);
    expect(stored.body).toEqual([{ index: 0, leafHash: row?.leafHash, leaf: JSON.parse(row?.leaf ?? '') }]);
    expect((await page('?shape=stored')).status).toBe(403);
  });

  it('is asked for by type, subject and class', async () => {
    expect(
      sequences((await page(`?subjects=${subject}&types=Promoted,id.jejak.Registered.v1`)).body),
    ).toEqual([0, 1]);
    expect(sequences((await page('?classification=restricted')).body)).toEqual([2]);
    expect((await page('?subjects=unit-nowhere')).body).toEqual([]);
  });

  it('waits for what is not there yet', async () => {
    const waiting = page('?after=2&wait=20');
    await new Promise((later) => setTimeout(later, 50));
    await server.command(`/${subject}/awards`, {
      jenis: 'satyalancana-karya-satya-10',
      tmt: '2022-01-01',
      sk: { number: '7', date: '2022-01-01' },
    });
    await server.record.catchUp();
    expect(sequences((await waiting).body)).toEqual([3]);
  });

  it('tells whoever is ahead of the log, and whoever asks for what there is not', async () => {
    expect(await page('?after=999')).toMatchObject({
      status: 409,
      body: { type: 'urn:jejak:refusal:ahead-of-the-log' },
    });
    for (const query of [
      '?after=-2',
      '?after=x',
      '?limit=0',
      '?limit=1001',
      '?wait=31',
      '?types=Promoted,',
      '?types=Nothing',
      '?subjects=..',
      '?classification=secret',
      '?shape=other',
      '?unknown=1',
    ])
      expect({ query, status: (await page(query)).status }).toEqual({ query, status: 400 });
  });

  it('is nobody’s who may not follow, and says what each read is for', async () => {
    expect((await page('', 'pegawai')).status).toBe(403);
    expect((await server.ask(undefined, 'GET', '/v1/events')).status).toBe(401);
    expect((await page('', 'integrator', { 'x-purpose': '' })).status).toBe(400);
    const before = await server.record.access.size();
    await page('?types=Promoted');
    expect(await server.record.access.read({ after: before - 1, limit: 10 })).toMatchObject([
      { subject: null, what: 'GET /v1/events?types', purpose: 'uji' },
    ]);
  });
});

describe('the stream', () => {
  it('goes from the past into what comes, and on from wherever it broke', async () => {
    const { status, headers, text } = await listen('', /id: 2\n.*\n.*\n\n/);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(text).toMatch(/^retry: 3000\n\nid: 0\nevent: id.jejak.Registered.v1\ndata: \{"specversion"/);
    const resumed = listen('', /Placed/, { 'last-event-id': '2' });
    await server.unit('u-stream');
    await server.record.catchUp();
    await server.command(`/${subject}/placements`, {
      unit: 'u-stream',
      tmt: '2024-01-01',
      sk: { number: '9', date: '2024-01-01' },
    });
    await server.record.catchUp();
    const ids = [...(await resumed).text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids[0]).toBe(3);
    expect(ids).toEqual(ids.map((_, n) => 3 + n));
  });

  it('refuses what is no place in this log', async () => {
    expect((await listen('', /./, { 'last-event-id': '99999' })).status).toBe(409);
    expect((await listen('', /./, { 'last-event-id': 'x' })).status).toBe(400);
    expect((await listen('', /./, {}, 'pegawai')).status).toBe(403);
  });

  it('is entered in the access log before its first word', async () => {
    const before = await server.record.access.size();
    await listen('?types=Promoted', /retry/);
    expect(await server.record.access.read({ after: before - 1, limit: 10 })).toMatchObject([
      { subject: null, what: 'GET /v1/events/stream?types', outcome: 'answered' },
    ]);
  });

  it('ends when its token does', async () => {
    const token = await mintLocalToken(server.dir, { role: 'integrator', sub: 'short' }, 1);
    const answer = await fetch(`${server.url}/v1/events/stream`, {
      headers: { authorization: `Bearer ${token}`, 'x-purpose': 'uji' },
    });
    // Read to its end: it ends by itself, in order.
    expect(await answer.text()).toContain('id: 0\n');
  }, 30_000);

  it('ends in order when the server stops', async () => {
    const other = await Server.start();
    const token = await other.token('integrator', subject);
    const answer = await fetch(`${other.url}/v1/events/stream`, {
      headers: { authorization: `Bearer ${token}`, 'x-purpose': 'uji' },
    });
    const text = answer.text();
    await new Promise((later) => setTimeout(later, 100));
    await other.stop();
    expect(await text).toBe('retry: 3000\n\n');
  });
});
