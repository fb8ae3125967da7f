import { type Asking, uuidv7 } from '@app/event-store';
import type { CommandBus } from '@nestjs/cqrs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UUID } from './body.ts';
import { type JsonLog, type Known, note, within } from './log.ts';
import type { Metrics } from './metrics.ts';
import { inContext, inSpan, type RequestSpan, requestSpan } from './tracing.ts';

export const REQUEST_ID = 'x-request-id';
/** The route of an address that is none. */
const UNMATCHED = 'unmatched';
/** Asked every few seconds by machines. */
const QUIET = ['/livez', '/readyz', '/metrics'];
/** The asker left before there was an answer (nginx has the number). */
const LEFT = 499;

type Begun = { readonly known: Known; readonly span: RequestSpan };
const BEGUN = new WeakMap<object, Begun>();

/** The id of a request: ours, never the asker's. */
export const requestId = (): string => uuidv7();

/**
 * Gives each request an id, a span, and, when it is over, a line in the log and a place in the metrics. Gives what begins
 * one that no hook sees.
 */
export function observe(
  fastify: FastifyInstance,
  log: JsonLog,
  metrics: Metrics,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const begin = (request: FastifyRequest, reply: FastifyReply) => {
    const { method } = request;
    const began = performance.now();
    const span = requestSpan(request.headers, request.id);
    const known = knownOf(request, span);
    BEGUN.set(request, { known, span });
    void reply.header(REQUEST_ID, request.id);
    // 'close' comes after an answer and after an asker who left, and for streams; Fastify's own hook does not.
    reply.raw.once('close', () => {
      const { headersSent, statusCode, writableFinished } = reply.raw;
      const line = {
        method,
        route: request.routeOptions.url ?? UNMATCHED,
        status: headersSent ? statusCode : LEFT,
        ms: Math.round((performance.now() - began) * 1_000) / 1_000,
        ...(writableFinished ? {} : { aborted: true as const }),
      };
      span.end(line);
      metrics.request(line);
      within(known, () => log.request(line, QUIET.includes(line.route)));
    });
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    begin(request, reply);
    inRequest(request, done);
  });
  return begin;
}

/** Does work whose lines and spans belong to a request, wherever it is called from. */
export function inRequest<T>(request: FastifyRequest, work: () => T): T {
  const begun = BEGUN.get(request);
  return begun ? inContext(begun.span.inside, () => within(begun.known, work)) : work();
}

function knownOf(request: FastifyRequest, { traceId }: RequestSpan): Known {
  const correlationId = request.headers['x-correlation-id'];
  const isOne = typeof correlationId === 'string' && new RegExp(UUID).test(correlationId);
  return {
    requestId: request.id,
    ...(isOne ? { correlationId } : {}),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

/** Has every command done in a span of its own, and its ids in the lines that follow. */
export function observeCommands(bus: CommandBus): void {
  const execute = bus.execute.bind(bus) as (command: object, context?: unknown) => Promise<unknown>;
  const observed = (command: object, context?: unknown) => {
    const { commandId, correlationId, causationId } = (command as { asking?: Partial<Asking> }).asking ?? {};
    const ids = defined({ commandId, correlationId, causationId });
    note(ids);
    const about = commandId === undefined ? {} : { 'jejak.command_id': commandId };
    return inSpan(command.constructor.name, about, () => execute(command, context));
  };
  bus.execute = observed as typeof bus.execute;
}

const defined = <T extends object>(some: T) =>
  Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
