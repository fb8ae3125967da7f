import { NotStorable, StoreUnavailable } from '@app/event-store';
import { isUnavailable } from '@app/journal';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';
import { inRequest } from './requests.ts';

const RETRY_AFTER_SECONDS = '5';

/** Makes a problem of whatever was thrown. What is not meant for the asker goes to the log alone. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger('Problem');

  catch(cause: unknown, host: ArgumentsHost): void {
    const problem = problemOf(cause);
    const http = host.switchToHttp();
    if (problem.status >= 500)
      inRequest(http.getRequest<FastifyRequest>(), () => this.#log.error('a request failed', cause));
    sendProblem(http.getResponse<FastifyReply>(), problem);
  }
}

/** Sends a problem, unless the answer has begun. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (reply.sent) return;
  void reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem.body));
}

function problemOf(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  if (cause instanceof StoreUnavailable || isUnavailable(cause))
    return new Problem(503, {}, { 'retry-after': RETRY_AFTER_SECONDS });
  if (cause instanceof NotStorable)
    return new Problem(422, {
      type: 'urn:jejak:refusal:not-storable',
      detail: cause.message,
      basis: 'proof',
    });
  return new Problem(statusOf(cause), detailOf(cause));
}

/** What the parser or the router says of a request that it could not take. */
function statusOf(cause: unknown): number {
  const status =
    cause instanceof HttpException ? cause.getStatus() : (cause as { statusCode?: unknown })?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

const DETAILS: Readonly<Record<number, string>> = {
  400: 'the body is not JSON in UTF-8, or the address is not well formed',
  413: 'a body may have 1 MiB',
  415: 'send application/json in UTF-8',
};

const detailOf = (cause: unknown): { detail?: string } => {
  const detail = DETAILS[statusOf(cause)];
  return detail === undefined ? {} : { detail };
};
