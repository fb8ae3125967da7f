import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  StreamableFile,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { catchError, concatMap, type Observable } from 'rxjs';
import { Accesses, type Noted, subjectNamedIn, templateOf } from './accesses.ts';
import { bearerIn } from './auth.ts';
import { Problem } from './problem.ts';
import { missing, OWN, purposeIn } from './purpose.ts';
import { type Reads, readsOf } from './reads.ts';
import { actingRole, isOpen } from './roles.ts';

/**
 * Enters every read of persons' data in the access log, before it is answered; that there is nothing is an answer, too.
 * A request that is not in order is told so, and is no read.
 */
@Injectable()
export class NoteAccess implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly accesses: Accesses,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reads = readsOf(this.reflector, context);
    if (!reads.ofPersons || isOpen(request.routeOptions.url ?? '')) return next.handle();
    const asked = { role: actingRole(request), purpose: purposeOf(request) };
    return next.handle().pipe(
      // Of an answer that comes in parts, the first.
      concatMap((answer, n) => (n === 0 ? this.#answered(request, reads, asked, answer) : [answer])),
      catchError((cause: unknown) => this.#failed(request, asked, cause)),
    );
  }

  async #answered(request: FastifyRequest, reads: Reads, asked: Asked, answer: unknown): Promise<unknown> {
    const found = reads.subjectsIn?.(answer as never) ?? [];
    const subjects = found.length > 0 ? found : [subjectNamedIn(request)];
    try {
      const what = told(request, reads);
      await this.accesses.note(request, { ...asked, what, subjects, outcome: 'answered' });
      return answer;
    } catch (cause) {
      if (answer instanceof StreamableFile) answer.getStream().destroy();
      throw cause;
    }
  }

  async #failed(request: FastifyRequest, asked: Asked, cause: unknown): Promise<never> {
    const outcome = cause instanceof Problem ? OUTCOMES[cause.status] : undefined;
    if (outcome) {
      const read = { what: templateOf(request), subjects: [subjectNamedIn(request)], outcome };
      await this.accesses.note(request, { ...asked, ...read });
    }
    throw cause;
  }
}

type Asked = Pick<Noted, 'role' | 'purpose'>;

const OUTCOMES: Readonly<Record<number, Noted['outcome']>> = {
  403: 'denied',
  404: 'answered',
  410: 'answered',
};

function purposeOf(request: FastifyRequest): string {
  const purpose = purposeIn(request);
  if (purpose !== undefined) return purpose;
  const own = bearerIn(request)?.subject;
  if (own === undefined || own !== subjectNamedIn(request)) throw missing();
  return OWN;
}

/** The names that questions are asked by. Others are left out: a name may be anything. */
const ASKED_BY: readonly string[] = [
  'actor',
  'after',
  'classification',
  'cursor',
  'effectiveOn',
  'kind',
  'knownAt',
  'limit',
  'period',
  'shape',
  'state',
  'subject',
  'subjects',
  'types',
  'unit',
  'year',
];

/** The template of the route, with the names (never the values) of what was asked by. */
function told(request: FastifyRequest, { naming }: Reads): string {
  const template = templateOf(request);
  const value = naming && (request.params as Record<string, string>)[naming];
  const route = value ? template.replace(`:${naming}`, value) : template;
  const names = Object.keys(request.query as object).filter((name) => ASKED_BY.includes(name));
  return names.length > 0 ? `${route}?${names.sort().join('&')}` : route;
}
