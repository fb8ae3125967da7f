import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readSettings } from '@app/config';
import { mintLocalToken } from '@app/people';
import { OpenRecord } from '@app/record';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type MessageEvent, Module, Post, Req, Sse } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { interval, map, type Observable, takeUntil } from 'rxjs';
import { type AppOptions, createApp } from '../../apps/server/src/create-app.ts';
import { createLogger } from '../../apps/server/src/log.ts';
import { Metrics, measured } from '../../apps/server/src/metrics.ts';
import { databaseCheck } from '../../apps/server/src/readiness.ts';
import { Roles } from '../../apps/server/src/roles.ts';
import { Stopping } from '../../apps/server/src/stopping.ts';
import { inSpan, startTracing } from '../../apps/server/src/tracing.ts';
import { registration, TODAY } from './server.ts';

const NIP = '198501012010011001';
const NAME = 'Orang Rekaan';
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ID = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
const DIST = resolve(import.meta.dirname, '../../dist/apps/server/src');

/** Doors that do what real ones must not. */
@Controller('trial')
class Trial {
  constructor(
    private readonly record: OpenRecord,
    private readonly stopping: Stopping,
  ) {}

  /** Fails in the database, with particulars among the parameters of the statement. */
  @Post('failing/:subject')
  @Roles('bkpsdm')
  failing(@Req() { body }: FastifyRequest) {
    const parameters = Object.values(body as object);
    return this.record.database.read('SELECT 1 FROM nowhere WHERE a = ? OR b = ?', parameters);
  }

  @Sse('ends')
  @Roles('bkpsdm')
  ends(): Observable<MessageEvent> {
    return ticks().pipe(takeUntil(this.stopping.begun));
  }

  @Sse('endless')
  @Roles('bkpsdm')
  endless(): Observable<MessageEvent> {
    return ticks();
  }

  @Get('slow')
  @Roles('bkpsdm')
  async slow() {
    await wait(500);
    return { done: true };
  }
}

const ticks = () => interval(20).pipe(map((n) => ({ data: { n } })));

@Module({ controllers: [Trial] })
class Trials {}

type Line = Readonly<Record<string, unknown>>;

/** A server of its own, and what it logs. */
class Service {
  readonly lines: Line[] = [];
  readonly metrics = new Metrics();
  readonly #dir = mkdtempSync(join(tmpdir(), 'jejak-operations-'));
  record: OpenRecord;
  app: Awaited<ReturnType<typeof createApp>>;
  url: string;
  token: string;

  static async start(env: Record<string, string> = {}, options: AppOptions = {}): Promise<Service> {
    const service = new Service();
    const destination = { write: (line: string) => service.lines.push(JSON.parse(line) as Line) };
    service.record = await OpenRecord.open(service.#dir, () => TODAY);
    await service.record.catchUp();
    const settings = readSettings({ DATA_DIR: service.#dir, NODE_ENV: 'test', ...env });
    service.app = await createApp(settings, service.record, {
      log: createLogger({ level: 'debug', destination }),
      metrics: service.metrics,
      modules: [Trials],
      ...options,
    });
    await service.app.listen(0, '127.0.0.1');
    service.url = await service.app.getUrl();
    service.token = await mintLocalToken(service.#dir, { role: 'bkpsdm', sub: NIP }, 600);
    running.push(service);
    return service;
  }

  async ask(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  register(headers: Record<string, string> = {}) {
    return this.ask('POST', '/v1/civil-servants', headers, JSON.stringify(registration(1)));
  }

  /** The line of a request that is over; it is written when the answer has left. */
  async line(requestId: string | null): Promise<Line> {
    for (let tries = 0; tries < 500; tries++) {
      const line = this.lines.find((one) => one.requestId === requestId && one.msg === 'request');
      if (line) return line;
      await wait(10);
    }
    throw new Error('the request was not logged');
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.record.close();
    rmSync(this.#dir, { recursive: true });
  }
}

/** Asks by hand, so that the connection is ours to keep or to end. */
function askedByHand(service: Service, path: string): { socket: Socket; heard: () => string } {
  const { socket, heard } = connected(service);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${service.token}\r\n\r\n`);
  return { socket, heard };
}

function connected(service: Service): { socket: Socket; heard: () => string } {
  const { port, hostname } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (part) => {
    text += String(part);
  });
  socket.on('error', () => undefined);
  return { socket, heard: () => text };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries++) await wait(10);
}

const running: Service[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});

describe('the log of requests', () => {
  it('has one line for each, with its template, status, time and ids', async () => {
    const service = await Service.start();
    const { headers } = await service.register({ 'x-correlation-id': ID });
    const requestId = headers.get('x-request-id');
    expect(requestId).toMatch(UUID_V7);
    expect(await service.line(requestId)).toEqual({
      time: expect.any(String),
      level: 'info',
      context: 'Request',
      msg: 'request',
      requestId,
      correlationId: ID,
      commandId: expect.stringMatching(UUID_V7),
      method: 'POST',
      route: '/v1/civil-servants',
      status: 201,
      ms: expect.any(Number),
    });
    const about = await service.ask('GET', `/v1/civil-servants/${ID}?effectiveOn=2024-01-01`);
    expect(await service.line(about.headers.get('x-request-id'))).toMatchObject({
      route: '/v1/civil-servants/:subject',
      status: 404,
    });
    const probe = await service.ask('GET', '/livez');
    expect(await service.line(probe.headers.get('x-request-id'))).toMatchObject({ level: 'debug' });
    expect(service.lines.filter(({ msg }) => msg === 'request')).toHaveLength(3);
  });

  it('knows the command of a request whose body was long in coming', async () => {
    const service = await Service.start();
    const { socket, heard } = connected(service);
    const body = JSON.stringify(registration(1));
    socket.write(
      `POST /v1/civil-servants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${service.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    for (const part of [body.slice(0, 10), body.slice(10)]) {
      await wait(100);
      socket.write(part);
    }
    await until(() => heard() !== '');
    const requestId = /x-request-id: (\S+)/.exec(heard())?.[1] ?? '';
    expect(await service.line(requestId)).toMatchObject({ status: 201, commandId: expect.any(String) });
    socket.destroy();
  });

  it('ties what is written below a door to the request', async () => {
    const service = await Service.start();
    const body = JSON.stringify({ nip: NIP, name: NAME });
    const [first, second] = await Promise.all(
      [1, 2].map(() => service.ask('POST', `/trial/failing/${ID}`, { 'x-correlation-id': ID }, body)),
    );
    expect([first?.status, second?.status]).toEqual([500, 500]);
    for (const { headers } of [first, second] as { headers: Headers }[]) {
      const requestId = headers.get('x-request-id');
      await service.line(requestId);
      const [failure, ...more] = service.lines.filter(
        (line) => line.requestId === requestId && line.level === 'error',
      );
      expect(more).toEqual([]);
      expect(failure).toMatchObject({ correlationId: ID, err: { type: 'QueryFailedError' } });
      expect(failure?.err).toMatchObject({ stack: expect.stringMatching(/^at .*QueryRunner/) });
    }
  });

  it('tells nobody’s particulars and no token, whatever goes wrong', async () => {
    const service = await Service.start();
    const person = JSON.stringify(registration(1));
    const secrets = { 'x-nip': NIP, cookie: `session=${NIP}` };
    const answers = [
      await service.register(),
      await service.ask('POST', '/v1/civil-servants', secrets, person.slice(0, -2)),
      await service.ask('POST', '/v1/civil-servants', secrets, person.replace('pns', NAME)),
      await service.ask('POST', '/v1/civil-servants', secrets, person.replace('2010-01-01', '1980-01-01')),
      await service.ask('POST', '/v1/civil-servants/lookup', secrets, JSON.stringify({ nip: NIP })),
      await service.ask('POST', '/v1/civil-servants', { 'x-correlation-id': NIP }, person),
      await service.ask('POST', '/v1/civil-servants', { 'idempotency-key': `a ${NIP}` }, person),
      await service.ask('POST', '/v1/civil-servants', { authorization: `Bearer ${NIP}` }, person),
      await service.ask('POST', '/v1/civil-servants', { 'content-type': NIP }, person),
      await service.ask('GET', `/v1/nobody/${NIP}?name=${encodeURIComponent(NAME)}`),
      await service.ask('GET', `/v1/civil-servants/${NIP}?nip=${NIP}`),
      await service.ask('GET', `/v1/%zz/${NIP}`),
      await service.ask('POST', `/trial/failing/${NIP}`, secrets, JSON.stringify({ nip: NIP, name: NAME })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([
      201, 400, 400, 422, 200, 400, 400, 401, 415, 404, 404, 400, 500,
    ]);
    for (const { headers } of answers) {
      expect(headers.get('x-request-id')).toMatch(UUID_V7);
      await service.line(headers.get('x-request-id'));
    }
    await service.record.store.close();
    expect((await service.register()).status).toBe(503);
    expect((await service.ask('GET', '/readyz')).status).toBe(503);
    const text = JSON.stringify(service.lines);
    expect(text.match(/QueryFailedError|StoreUnavailable/g)).toHaveLength(3);
    expect(text).not.toMatch(/1985|Rekaan/);
    for (const part of service.token.split('.')) expect(text).not.toContain(part);
  });

  it('says of an asker who left before the end that it was so', async () => {
    const service = await Service.start();
    const { socket } = askedByHand(service, '/trial/slow');
    await wait(200);
    socket.destroy();
    await until(() => service.lines.some(({ aborted }) => aborted));
    expect(service.lines).toContainEqual(
      expect.objectContaining({ route: '/trial/slow', status: 499, aborted: true }),
    );
  });
});

describe('the metrics', () => {
  const token = 'a-token-of-the-scraper';

  it('are for whoever has their token, and nobody else, from this machine or not', async () => {
    const service = await Service.start({ METRICS_TOKEN: token });
    for (const authorization of [
      `Bearer ${service.token}`,
      'Bearer x',
      '',
      `Basic ${token}`,
      `Bearer ${token}x`,
    ])
      expect((await service.ask('GET', '/metrics', { authorization })).status).toBe(401);
    const { status, headers } = await service.ask('GET', '/metrics', { authorization: `Bearer ${token}` });
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
    expect((await service.ask('GET', '/v1/units', { authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it('are closed where no token is set', async () => {
    const service = await Service.start();
    for (const authorization of ['', 'Bearer undefined', `Bearer ${service.token}`])
      expect((await service.ask('GET', '/metrics', { authorization })).status).toBe(401);
  });

  it('count requests by template, and have no id and nobody’s particulars among their labels', async () => {
    const service = await Service.start({ METRICS_TOKEN: token });
    const answers = [
      await service.register(),
      await service.ask('GET', `/v1/civil-servants/${ID}`),
      await service.ask('GET', `/v1/civil-servants/${NIP}`),
      await service.ask('GET', `/nowhere/${NIP}`),
      await service.ask('GET', `/elsewhere/${ID}`),
    ];
    for (const { headers } of answers) await service.line(headers.get('x-request-id'));
    const { text } = await service.ask('GET', '/metrics', { authorization: `Bearer ${token}` });
    const counted = (labels: string) =>
      Number(text.split(`http_request_duration_seconds_count{${labels}} `)[1]?.split('\n')[0]);
    expect(counted('method="POST",route="/v1/civil-servants",status="201"')).toBe(1);
    expect(counted('method="GET",route="/v1/civil-servants/:subject",status="404"')).toBe(2);
    expect(counted('method="GET",route="unmatched",status="404"')).toBe(2);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).not.toMatch(/1985|Rekaan|0b9d6a52/);
  });
});

describe('the open doors', () => {
  it('name each part, and tell the asker that one is away but not why', async () => {
    let away = false;
    const redis = {
      name: 'redis',
      optional: true as const,
      isOk: async () => {
        if (away) throw new Error('connect ECONNREFUSED redis.internal:6379');
        return true;
      },
    };
    const checks: AppOptions['checks'] = [redis];
    const service = await Service.start({}, { checks });
    const names = ['store', 'journal', 'views', 'redis'];
    const first = await service.ask('GET', '/readyz');
    expect([first.status, JSON.parse(first.text)]).toEqual([
      200,
      { status: 'ready', checks: names.map((name) => ({ name, ok: true })) },
    ]);
    away = true;
    await service.record.store.close();
    for (const _ of [1, 2, 3]) {
      const { status, text } = await service.ask('GET', '/readyz');
      expect(status).toBe(503);
      expect(JSON.parse(text)).toEqual({
        status: 'not-ready',
        checks: names.map((name) => ({ name, ok: name !== 'store' && name !== 'redis' })),
      });
    }
    const told = service.lines.filter(({ context }) => context === 'Readiness');
    expect(told.map(({ msg }) => msg).sort()).toEqual(['redis is not there', 'store is not there']);
    expect((await service.ask('GET', '/livez')).status).toBe(200);
  });

  it('tell the database from what is in it', async () => {
    const service = await Service.start();
    const check = databaseCheck(service.record);
    expect([check.name, await check.isOk()]).toEqual(['database', true]);
  });
});

/** A collector of spans on this machine. */
class Collector {
  readonly spans: Line[] = [];
  readonly paths = new Set<string | undefined>();
  text = '';
  readonly server: HttpServer = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      this.text += text;
      this.paths.add(request.url);
      for (const { scopeSpans } of JSON.parse(text).resourceSpans)
        for (const { spans } of scopeSpans) this.spans.push(...spans);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

describe('the traces', () => {
  it('go on from the asker’s, through the command, to the append, and name nobody', async () => {
    const collector = new Collector();
    const tracing = await startTracing({ endpoint: await collector.start(), serviceName: 'jejak-test' });
    try {
      const service = await Service.start();
      const store = measured(service.record.store, service.metrics);
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const { headers } = await service.register({ traceparent });
      const line = await service.line(headers.get('x-request-id'));
      expect(line.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
      await service.ask('POST', `/trial/failing/${NIP}`, {}, JSON.stringify({ nip: NIP, name: NAME }));
      await store.append('unit-a', 'no-stream', []);
    } finally {
      await tracing.shutdown();
      await collector.stop();
    }
    const named = (name: string) => collector.spans.find((span) => span.name === name);
    const [request, command] = [named('POST /v1/civil-servants'), named('Register')];
    expect(request).toMatchObject({
      kind: 2,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    });
    expect(command).toMatchObject({ traceId: request?.traceId, parentSpanId: request?.spanId });
    expect(named('POST /trial/failing/:subject')).toMatchObject({ status: { code: 2 } });
    expect(named('append')).toBeDefined();
    expect([...collector.paths]).toEqual(['/v1/traces']);
    expect(collector.text).toContain('jejak-test');
    expect(collector.text).not.toMatch(/1985|Rekaan/);
  });

  it('keep nobody waiting when the collector does not answer', async () => {
    const deaf = createServer(() => undefined);
    deaf.listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const endpoint = `http://127.0.0.1:${(deaf.address() as { port: number }).port}/`;
    try {
      const tracing = await startTracing({ endpoint, serviceName: 'jejak-test' });
      await inSpan('append', {}, async () => undefined);
      const began = performance.now();
      await tracing.shutdown();
      expect(performance.now() - began).toBeLessThan(4_000);
    } finally {
      deaf.closeAllConnections();
      deaf.close();
    }
  });

  it('load nothing of the SDK where nobody wants them', () => {
    const look = `
      await import(${JSON.stringify(join(DIST, 'create-app.js'))});
      const { startTracing } = await import(${JSON.stringify(join(DIST, 'tracing.js'))});
      const { createRequire } = await import('node:module');
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => /sdk-trace/.test(path)).length;
      const before = loaded();
      const tracing = await startTracing({ endpoint: 'http://127.0.0.1:9', serviceName: 'x' });
      console.log(JSON.stringify({ before, after: loaded() > 0 }));
      await tracing.shutdown();`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', look], {
      encoding: 'utf8',
    });
    expect([stderr, stdout.trim()]).toEqual(['', '{"before":0,"after":true}']);
  });
});

describe('a server that is told to stop', () => {
  async function timeToStop(service: Service): Promise<number> {
    const began = performance.now();
    await service.app.close();
    return performance.now() - began;
  }

  it('ends streams that heed it and idle connections at once, in order', async () => {
    const service = await Service.start();
    const stream = askedByHand(service, '/trial/ends');
    const idle = askedByHand(service, '/livez');
    await until(() => stream.heard() !== '' && idle.heard() !== '');
    expect(stream.heard()).toMatch(/200 OK[\s\S]*text\/event-stream/);
    const closed = once(stream.socket, 'close');
    expect(await timeToStop(service)).toBeLessThan(4_000);
    await closed;
    // The last chunk: the stream was ended, not cut.
    expect(stream.heard()).toMatch(/\r\n0\r\n\r\n$/);
    idle.socket.destroy();
  });

  it('finishes an answer that is under way', async () => {
    const service = await Service.start();
    const asked = service.ask('GET', '/trial/slow');
    await wait(100);
    const stopped = service.app.close();
    expect(await asked).toMatchObject({ status: 200, text: '{"done":true}' });
    await stopped;
  });

  it('is gone within ten seconds though a stream never ends', async () => {
    const service = await Service.start();
    const { socket, heard } = askedByHand(service, '/trial/endless');
    await until(() => heard() !== '');
    expect(await timeToStop(service)).toBeLessThan(10_000);
    socket.destroy();
  });
});
