import { createHmac } from 'node:crypto';
import { createServer, type Server as HttpServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readSettings } from '@app/config';
import type { CloudEvent } from '@app/delivery';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Deliverer } from '../../apps/server/src/deliverer.ts';
import { Server } from './server.ts';

type Got = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly event: CloudEvent };

const ALLOW = { WEBHOOK_ALLOW: '127.0.0.0/8' };
let server: Server;
let subject: string;
let deliverer: Deliverer;
let sink: HttpServer;
let url: string;
let got: Got[];
let answer: { status: number; body: string };
beforeAll(async () => {
  server = await Server.start(undefined, { env: ALLOW });
  subject = await server.register(1);
  await server.record.catchUp();
  sink = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      got.push({ headers: request.headers, body, event: JSON.parse(body) });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((listening) => sink.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/hook`;
  const settings = readSettings({ DATA_DIR: server.dir, NODE_ENV: 'test', ...ALLOW });
  deliverer = new Deliverer(server.record, settings, { error: () => undefined });
  deliverer.start();
});
afterAll(async () => {
  await deliverer.stop();
  await server.stop();
  sink.close();
});
beforeEach(() => {
  got = [];
  answer = { status: 200, body: 'terima kasih' };
});
afterEach(async () => {
  const { body } = await ask('GET', '');
  for (const { id } of body.data) await ask('DELETE', `/${id}`);
});

const ask = (
  method: string,
  path: string,
  body?: unknown,
  as = 'bkpsdm',
  headers: Record<string, string> = {},
) => server.ask(as, method, `/v1/subscriptions${path}`, { ...(body === undefined ? {} : { body }), headers });
/** What is written about subscriptions is told to them like anything else. */
const NOT_OF_SUBSCRIPTIONS = [{ not: { prefix: { subject: 'subscription-' } } }];
const create = (more: object = {}, as = 'integrator') =>
  ask('POST', '', { name: 'penggajian', url, filters: NOT_OF_SUBSCRIPTIONS, ...more }, as);
const until = async (isSo: () => boolean | Promise<boolean>) => {
  while (!(await isSo())) await new Promise((later) => setTimeout(later, 10));
};
let units = 0;
const another = async () => {
  await server.unit(`u${units++}`);
  await server.record.catchUp();
};

describe('a subscription', () => {
  it('is told of what comes, signed with the secret that is shown once', async () => {
    const { status, body } = await create();
    expect(status).toBe(201);
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.subscription).toMatchObject({
      ordering: 'partition',
      state: 'active',
      signature: 'v1',
      held: 0,
    });
    await another();
    await until(() => got.length > 0);
    const [{ headers, body: text, event } = {} as Got] = got;
    expect(headers['content-type']).toBe('application/cloudevents+json');
    expect(headers['webhook-id']).toBe(event.id);
    const signed = `${event.id}.${headers['webhook-timestamp']}.${text}`;
    const key = Buffer.from(body.secret.slice('whsec_'.length), 'base64');
    const mac = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${mac}`);
    const told = await ask('GET', `/${body.subscription.id}`, undefined, 'integrator');
    expect(JSON.stringify(told.body)).not.toContain('whsec_');
    await until(async () => (await ask('GET', `/${body.subscription.id}/attempts`)).body.data.length > 0);
    const { body: attempts } = await ask('GET', `/${body.subscription.id}/attempts`);
    expect(attempts.data[0]).toMatchObject({ status: 200, n: 1, head: 'terima kasih', event: event.id });
  });

  it('is one, however often it is asked for under one key, and gives its secret once', async () => {
    const headers = { 'idempotency-key': 'sekali' };
    const asked = { name: 'satu', url };
    const first = await ask('POST', '', asked, 'integrator', headers);
    const again = await ask('POST', '', asked, 'integrator', headers);
    expect(again.body.subscription.id).toBe(first.body.subscription.id);
    expect(first.body).toHaveProperty('secret');
    expect(again.body).not.toHaveProperty('secret');
  });

  it('begins where it is told to, and is thin above internal', async () => {
    await server.command(`/${subject}/sanctions`, {
      jenis: 'teguran-lisan',
      tmt: '2026-01-10',
      sk: { number: '800/1/2026', date: '2026-01-05' },
    });
    await server.record.catchUp();
    await create({ after: -1, filters: [{ prefix: { subject: `civilServant-${subject}` } }] });
    await until(() => got.some(({ event }) => event.type === 'id.jejak.SanctionImposed.v1'));
    const byType = (type: string) => got.find(({ event }) => event.type === `id.jejak.${type}.v1`)?.event;
    expect(byType('Registered')).toHaveProperty('data');
    expect(byType('SanctionImposed')).not.toHaveProperty('data');
    expect(got.every(({ event }) => event.subject === `civilServant-${subject}`)).toBe(true);
  });

  it('tries again what failed, and can be asked to bring again what was delivered', async () => {
    answer = { status: 500, body: 'rusak' };
    const { body } = await create();
    const { id } = body.subscription;
    await another();
    await until(async () => (await ask('GET', `/${id}`)).body.held === 1);
    const told = (await ask('GET', `/${id}`)).body;
    expect(told).toMatchObject({ fails: 1, failingSince: expect.any(String) });
    answer = { status: 200, body: '' };
    await until(async () => (await ask('GET', `/${id}`)).body.held === 0);
    const first = got[0]?.event.id;
    expect(got.filter(({ event }) => event.id === first)).toHaveLength(2);
    const again = await ask('POST', `/${id}/recover`, { event: first });
    expect(again).toMatchObject({ status: 200, body: { events: 1 } });
    await until(() => got.filter(({ event }) => event.id === first).length === 3);
    const size = Number((await server.ask('bkpsdm', 'GET', '/v1/events?limit=1')).headers['x-log-size']);
    const all = (await ask('POST', `/${id}/recover`, { from: 0, to: size })).body;
    expect(all.events).toBeGreaterThan(2);
    expect(all.upTo).toBe(size - 1);
    expect((await ask('POST', `/${id}/recover`, {})).status).toBe(400);
  }, 30_000);

  it('rests while it is paused, and then goes on where it was', async () => {
    const { body } = await create({ ordering: 'total' });
    const { id } = body.subscription;
    expect((await ask('PATCH', `/${id}`, { state: 'paused' })).body.subscription.state).toBe('paused');
    await another();
    await another();
    await new Promise((later) => setTimeout(later, 300));
    expect(got).toEqual([]);
    await ask('PATCH', `/${id}`, { state: 'active' });
    await until(() => got.length >= 2);
    const indexes = got.map(({ event }) => Number(event.sequence));
    expect(indexes).toEqual([...indexes].sort((a, b) => a - b));
  });

  it('signs with both secrets for a while after the change of one', async () => {
    const { body } = await create({ signature: 'v1a' });
    const { id, publicKey } = body.subscription;
    expect(publicKey).toMatch(/^whpk_/);
    expect(body).not.toHaveProperty('secret');
    const rotated = await ask('POST', `/${id}/rotate`, { overlapHours: 1 });
    expect(rotated.body.subscription.publicKey).not.toBe(publicKey);
    await another();
    await until(() => got.length > 0);
    expect(String(got[0]?.headers['webhook-signature']).match(/v1a,/g)).toHaveLength(2);
  });

  it('can be tried at once', async () => {
    const { body } = await create();
    answer = { status: 418, body: 'teko' };
    const tried = await ask('POST', `/${body.subscription.id}/test`);
    expect(tried.body).toMatchObject({ status: 418, head: 'teko' });
    expect(got[0]?.event.type).toBe('id.jejak.Test.v1');
  });

  it('is its owner’s, and the BKPSDM’s', async () => {
    const { body } = await create();
    const other = await server.token('integrator', subject);
    const path = `/${body.subscription.id}`;
    expect((await ask('GET', path, undefined, other)).status).toBe(404);
    expect((await ask('DELETE', path, undefined, other)).status).toBe(404);
    expect((await ask('GET', '', undefined, other)).body.data).toEqual([]);
    expect((await ask('GET', '', undefined, 'inspektorat')).body.data).toHaveLength(1);
    expect((await ask('DELETE', path, undefined, 'inspektorat')).status).toBe(403);
    expect((await ask('GET', '', undefined, 'pimpinan')).status).toBe(403);
  });

  it('ends with the key that it was made by', async () => {
    const issued = await server.ask('bkpsdm', 'POST', '/v1/api-keys', {
      body: { name: 'gaji', purpose: 'penggajian', reads: 'public' },
    });
    const { secret, key } = issued.body;
    const { body } = await create({ reads: 'restricted' }, secret);
    expect(body.subscription.reads).toBe('public');
    await server.ask('bkpsdm', 'DELETE', `/v1/api-keys/${key.id}`);
    await new Promise((later) => setTimeout(later, 10));
    await another();
    await until(async () => (await ask('GET', `/${body.subscription.id}`)).body.state === 'paused');
    expect(got).toEqual([]);
  }, 30_000);

  it('leaves every change on the log, and no secret', async () => {
    const { body } = await create({ filters: [{ exact: { type: 'id.jejak.Promoted.v1' } }] });
    const { id } = body.subscription;
    await ask('PATCH', `/${id}`, { state: 'paused' });
    await ask('POST', `/${id}/rotate`, {});
    await ask('DELETE', `/${id}`);
    const events = await server.record.store.read(`subscription-${id}`);
    expect(events.map(({ data }) => JSON.parse(data).change)).toEqual([
      'created',
      'paused',
      'rotated',
      'deleted',
    ]);
    expect(JSON.stringify(events)).not.toMatch(/whs(ec|k)_|\/hook/);
    expect((await ask('GET', `/${id}`)).status).toBe(404);
  });

  it('goes nowhere inside, and asks for nothing that there is not', async () => {
    for (const bad of [
      { url: 'http://10.0.0.1/x' },
      { url: 'https://user:pw@sink.example/x' },
      { url: 'https://169.254.169.254/latest' },
      { url: 'ftp://x/' },
      { filters: [{ sql: 'x' }] },
      { filters: [{ exact: { type: '' } }] },
      { filters: 'x' },
      { ordering: 'some' },
      { after: 99_999 },
      { signature: 'none' },
      { name: '198501012010011001' },
      { unknown: 1 },
    ]) {
      const { status, headers } = await create(bad);
      expect([bad, status === 400 || status === 422]).toEqual([bad, true]);
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    expect((await ask('GET', '')).body.data).toEqual([]);
  });
});
