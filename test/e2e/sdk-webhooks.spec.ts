import { once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readSettings } from '@app/config';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook as Public } from 'standardwebhooks';
import { verifyWebhook } from '../../apps/sdk/src/index.ts';
import { Deliverer } from '../../apps/server/src/deliverer.ts';
import { Example } from './sdk-example.ts';
import { Server } from './server.ts';

const ALLOW = { WEBHOOK_ALLOW: '127.0.0.0/8' };
type Got = { readonly headers: Record<string, string>; readonly body: string };

describe('a webhook that the service sends', () => {
  let server: Server;
  let deliverer: Deliverer;
  let sink: HttpServer;
  let got: Got[] = [];
  let units = 0;

  beforeAll(async () => {
    server = await Server.start(undefined, { env: ALLOW });
    const settings = readSettings({ DATA_DIR: server.dir, NODE_ENV: 'test', ...ALLOW });
    deliverer = new Deliverer(server.record, settings, { error: () => undefined });
    deliverer.start();
    sink = createServer(
      (request, response) => void receive(request).then(() => response.writeHead(204).end()),
    );
    sink.listen(0, '127.0.0.1');
    await once(sink, 'listening');
  });
  afterAll(async () => {
    await deliverer.stop();
    await server.stop();
    sink.close();
  });

  async function receive(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    got.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() });
  }
  const portOf = (of: HttpServer) => (of.address() as AddressInfo).port;
  const ask = (method: string, path: string, body?: unknown) =>
    server.ask('bkpsdm', method, `/v1/subscriptions${path}`, body === undefined ? {} : { body });
  const subscribe = async (port: number, more: object = {}) => {
    const filters = [{ prefix: { subject: 'unit-' } }];
    const { status, body } = await ask('POST', '', {
      name: 'a',
      url: `http://127.0.0.1:${port}/`,
      filters,
      ...more,
    });
    expect(status).toBe(201);
    return body;
  };
  /** Something that is told; gives what was sent of it. */
  const sent = async (): Promise<Got> => {
    got = [];
    await server.unit(`u${units++}`);
    await server.record.catchUp();
    while (got.length === 0) await new Promise((later) => setTimeout(later, 10));
    return got[0] as Got;
  };

  it('is verified by the client and by the public package alike, and so it is while the secret is changed', async () => {
    const { secret, subscription } = await subscribe(portOf(sink));
    const first = await sent();
    const told = verifyWebhook({ ...first, secret });
    expect(told).toMatchObject({
      id: told.event.id,
      event: { subject: 'unit-u0', data: { name: 'Unit u0' } },
    });
    expect(new Public(secret).verify(first.body, first.headers)).toEqual(told.event);
    expect(() => verifyWebhook({ ...first, body: `${first.body} `, secret })).toThrow(
      'no signature (v1) is good',
    );
    const { body } = await ask('POST', `/${subscription.id}/rotate`, {});
    const second = await sent();
    for (const either of [secret, body.secret]) {
      expect(verifyWebhook({ ...second, secret: either }).event.subject).toBe('unit-u1');
      expect(new Public(either).verify(second.body, second.headers)).toMatchObject({ subject: 'unit-u1' });
    }
    await ask('DELETE', `/${subscription.id}`);
  });

  it('is verified by the public key of its subscription, where it is signed with Ed25519', async () => {
    const { subscription } = await subscribe(portOf(sink), { signature: 'v1a' });
    expect(verifyWebhook({ ...(await sent()), secret: subscription.publicKey }).event.type).toBe(
      'id.jejak.UnitRecorded.v1',
    );
    await ask('DELETE', `/${subscription.id}`);
  });

  it('is printed by the example, started as its page says', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const port = portOf(free);
    free.close();
    await once(free, 'close');
    const { secret } = await subscribe(port);
    const example = new Example('verify-webhook', [String(port)], { WEBHOOK_SECRET: secret });
    await once(example.child.stderr as NodeJS.ReadableStream, 'data');
    await server.unit('u9');
    await server.record.catchUp();
    expect(JSON.parse(await example.line())).toMatchObject({ subject: 'unit-u9' });
    await example.end('SIGKILL');
  });
});
