import type { Settings } from '@app/config';
import type { OpenRecord } from '@app/record';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Authenticate, authenticator, remember } from './auth.ts';
import { describeApi } from './document.ts';
import { readJson } from './json.ts';
import { malformed } from './problem.ts';
import { sendProblem } from './problem-filter.ts';
import { isOpen } from './roles.ts';
import { ServerModule } from './server.module.ts';

const BODY_LIMIT_BYTES = 1_048_576;
const REQUEST_TIMEOUT_MS = 30_000;

/** The server on an opened record, not yet listening. Fails where a route does not say who may use it. */
export async function createApp(settings: Settings, record: OpenRecord): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    frameworkErrors: (_: unknown, __: unknown, reply: FastifyReply) =>
      sendProblem(reply, malformed('#', 'is not a well-formed address')),
  });
  const app = await NestFactory.create<NestFastifyApplication>(ServerModule.on(record), adapter, {
    bodyParser: false,
    logger: ['fatal', 'error', 'warn'],
    abortOnError: false,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  readJson(fastify);
  secure(fastify);
  await authenticate(fastify, await authenticator(settings));
  describeApi(app, fastify);
  await app.init();
  await fastify.ready();
  return app;
}

/** Nobody's body is read before it is known who asks. */
async function authenticate(fastify: FastifyInstance, who: Authenticate): Promise<void> {
  fastify.addHook('onRequest', async (request) => {
    const path = request.routeOptions.url;
    if (path === undefined || isOpen(path)) return;
    remember(request, await who(request.headers.authorization));
  });
}

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};
const NOTHING = "default-src 'none'; frame-ancestors 'none'";
const OWN_PAGE = `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'`;

function secure(fastify: FastifyInstance): void {
  fastify.addHook('onSend', async (request, reply) => {
    const isPage = /^\/docs(\/|$)/.test(request.routeOptions.url ?? '');
    void reply.headers({
      ...SECURITY_HEADERS,
      'content-security-policy': isPage ? OWN_PAGE : NOTHING,
      ...(isPage ? {} : { 'cache-control': 'no-store' }),
    });
  });
}
