import type { Settings } from '@app/config';
import type { OpenRecord } from '@app/record';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Authenticate, authenticator, remember, Who } from './auth.ts';
import { describeApi } from './document.ts';
import { readBodies, takesDocument } from './json.ts';
import { createLogger, type JsonLog } from './log.ts';
import { isLogFile, serveLog } from './log-files.ts';
import { isMetrics, serveMetrics } from './metrics.http.ts';
import { Metrics } from './metrics.ts';
import { malformed, Problem } from './problem.ts';
import { sendProblem } from './problem-filter.ts';
import { limitRates } from './rate-limit.ts';
import { type Check, recordChecks } from './readiness.ts';
import { observe, observeCommands, requestId } from './requests.ts';
import { isOpen } from './roles.ts';
import { ServerModule } from './server.module.ts';
import { Stopping } from './stopping.ts';

const BODY_LIMIT_BYTES = 1_048_576;
/** How long a request may take to come, in ms; its headers and a body of JSON; and a document over a poor line. */
const REQUEST_TIMEOUT_MS = 30_000;
const DOCUMENT_TIMEOUT_MS = 600_000;
/** How long answers that are under way may take when the server stops, in ms. */
const LAST_ANSWERS_MS = 5_000;

export type AppOptions = {
  /** Default: warnings and worse, on standard output. */
  readonly log?: JsonLog;
  readonly metrics?: Metrics;
  /** What `/readyz` looks at besides the record. */
  readonly checks?: readonly Check[];
  /** Modules with more doors. */
  readonly modules?: readonly Type[];
  /** How long a body may take to come that is no document, in ms. */
  readonly bodyWithinMs?: number;
};

/** The server on an opened record, not yet listening. Fails where a route does not say who may use it. */
export async function createApp(
  settings: Settings,
  record: OpenRecord,
  {
    log = createLogger({ level: 'warn' }),
    metrics = new Metrics(),
    checks = [],
    modules = [],
    bodyWithinMs = REQUEST_TIMEOUT_MS,
  }: AppOptions = {},
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: DOCUMENT_TIMEOUT_MS,
    http: { headersTimeout: REQUEST_TIMEOUT_MS },
    forceCloseConnections: 'idle',
    genReqId: requestId,
    frameworkErrors: (_: unknown, request: FastifyRequest, reply: FastifyReply) => {
      begin(request, reply);
      sendProblem(reply, malformed('#', 'is not a well-formed address'));
    },
  });
  const who = new Who(await authenticator(settings, record.apiKeys));
  const module = ServerModule.on(record, {
    settings,
    who,
    checks: [...recordChecks(record), ...checks],
    modules,
    answers: settings.roles.includes('api'),
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: log,
    abortOnError: false,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  const begin = observe(fastify, log, metrics);
  readBodies(fastify);
  bodiesInTime(fastify, bodyWithinMs);
  secure(fastify);
  await record.apiKeys.obey();
  await authenticate(fastify, who.authenticate);
  limitRates(fastify, settings.rateLimit);
  endInTime(fastify, app.get(Stopping, { strict: false }).signal);
  serveMetrics(fastify, metrics, settings.metricsToken);
  if (settings.roles.includes('api')) serveLog(fastify, record, settings.ledger, who.authenticate);
  describeApi(app, fastify);
  await app.init();
  observeCommands(app.get(CommandBus, { strict: false }));
  await fastify.ready();
  return app;
}

/** Nobody keeps a connection by sending a body by the drop; a document has longer than JSON. */
function bodiesInTime(fastify: FastifyInstance, ms: number): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const { raw, headers } = request;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (!hasBody || takesDocument(request)) return;
    const late = setTimeout(
      () =>
        sendProblem(
          reply,
          new Problem(408, { detail: 'the body did not come in time' }, { connection: 'close' }),
        ),
      ms,
    );
    const inTime = () => clearTimeout(late);
    raw.once('end', inTime);
    reply.raw.once('close', inTime);
  });
}

/** Once it stops: no connection outlives its answer, and who still hangs on when the others have theirs is cut off. */
function endInTime(fastify: FastifyInstance, stopping: AbortSignal): void {
  fastify.addHook('onSend', async (_, reply) => {
    if (stopping.aborted) void reply.header('connection', 'close');
  });
  fastify.addHook('preClose', async () => {
    setTimeout(() => fastify.server.closeAllConnections(), LAST_ANSWERS_MS).unref();
  });
}

/** Nobody's body is read before it is known who asks. */
async function authenticate(fastify: FastifyInstance, who: Authenticate): Promise<void> {
  fastify.addHook('onRequest', async (request) => {
    const path = request.routeOptions.url;
    if (path === undefined || isOpen(path) || isMetrics(path) || isLogFile(path)) return;
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
      ...(isPage || reply.hasHeader('cache-control') ? {} : { 'cache-control': 'no-store' }),
    });
  });
}
