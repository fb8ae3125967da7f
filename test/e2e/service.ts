import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readSettings } from '@app/config';
import { mintLocalToken } from '@app/people';
import { OpenRecord } from '@app/record';
import { Controller, Get, type MessageEvent, Module, Post, Req, Sse } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { interval, map, type Observable, takeUntil } from 'rxjs';
import { type AppOptions, createApp } from '../../apps/server/src/create-app.ts';
import { createLogger } from '../../apps/server/src/log.ts';
import { Metrics } from '../../apps/server/src/metrics.ts';
import { Roles } from '../../apps/server/src/roles.ts';
import { Stopping } from '../../apps/server/src/stopping.ts';
import { registration, TODAY } from './server.ts';

export const NIP = '198501012010011001';
export const NAME = 'Orang Rekaan';
export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const ID = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';

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

export type Line = Readonly<Record<string, unknown>>;

/** A server of its own, and what it logs. */
export class Service {
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
        'x-purpose': 'uji',
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
export function askedByHand(service: Service, path: string): { socket: Socket; heard: () => string } {
  const { socket, heard } = connected(service);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${service.token}\r\nX-Purpose: uji\r\n\r\n`,
  );
  return { socket, heard };
}

export function connected(service: Service): { socket: Socket; heard: () => string } {
  const { port, hostname } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (part) => {
    text += String(part);
  });
  socket.on('error', () => undefined);
  return { socket, heard: () => text };
}

export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries++) await wait(10);
}

const running: Service[] = [];
/** Stops every service that a test started. */
export async function stopAll(): Promise<void> {
  for (const service of running.splice(0)) await service.stop();
}
