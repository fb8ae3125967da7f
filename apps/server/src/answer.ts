import { isRefusal } from '@app/domain/event';
import type { Role } from '@app/people';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Get,
  HttpCode,
  type NestInterceptor,
  Post,
  Put,
  UseInterceptors,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiHeader, ApiParam, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { UUID } from './body.ts';
import { Problem, refused } from './problem.ts';
import { PURPOSE } from './purpose.ts';
import { OF_NOBODY, OF_PERSONS, type Reads, ReadsOf } from './reads.ts';
import { Roles } from './roles.ts';
import { PROBLEM, RECEIPT } from './schemas.ts';
import type { Outcome } from './servants.ts';

/** A receipt as 201, or 200 where nothing was written; a refusal as 422; 412 where the record has moved on. */
class Answering implements NestInterceptor<Outcome> {
  constructor(private readonly pointerOf?: (field: string) => string) {}

  intercept(context: ExecutionContext, next: CallHandler<Outcome>): Observable<Outcome> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(map((outcome) => answered(outcome, reply, this.pointerOf)));
  }
}

function answered(outcome: Outcome, reply: FastifyReply, pointerOf?: (field: string) => string): Outcome {
  if ('moved' in outcome)
    throw new Problem(412, { detail: `the record is at revision ${outcome.actual}` }, etag(outcome.actual));
  if (isRefusal(outcome)) throw refused(outcome, pointerOf);
  void reply.code(outcome.events.length > 0 ? 201 : 200).headers(etag(outcome.revision));
  return outcome;
}

/** The revision of a record as an ETag. */
export const etag = (revision: number): Record<string, string> =>
  revision < 0 ? {} : { etag: `"${revision}"` };

/** What a door answers where it cannot do what is asked. */
export const problems = (...statuses: number[]) =>
  statuses.map((status) =>
    ApiResponse({
      status,
      description: 'Problem (RFC 9457)',
      content: { 'application/problem+json': { schema: PROBLEM } },
    }),
  );

const UUID_ID = { type: 'string', format: 'uuid', pattern: UUID } as const;
/** The ids in addresses that are no UUID. */
const IDS: Readonly<Record<string, typeof UUID_ID | { type: 'string'; pattern: string }>> = {
  sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  key: { type: 'string', pattern: '^[0-9a-v]{16}$' },
};
/** The ids in an address. */
export const ids = (path: string) =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ApiParam({ name, schema: IDS[name] ?? UUID_ID }));

const header = (name: string, required: boolean, description: string, pattern: string) =>
  ApiHeader({ name, required, description, schema: { type: 'string', pattern } });

/** Of those who may use a door, integrators may not as often as they like. */
export const limited = (roles: readonly Role[]) => (roles.includes('integrator') ? [429] : []);

/** Of whom a door tells; where it is somebody, it asks what for. */
export const reading = (reads: Reads) => [
  ReadsOf(reads),
  ...(reads.ofPersons
    ? [
        ApiHeader({
          name: PURPOSE,
          required: false,
          description:
            'What the data are read for, kept in the access log; percent-encoded where it is not ASCII. Needed but for the own record',
          schema: { type: 'string', minLength: 1, maxLength: 200 },
        }),
      ]
    : []),
];

type Door = {
  readonly roles: readonly Role[];
  /** Default: POST. */
  readonly method?: (path: string) => MethodDecorator;
  /** The shape of the answer; default: a receipt. */
  readonly schema?: object;
  /** Where in the body a field stands that a refusal names; a pointer. */
  readonly pointerOf?: (field: string) => string;
};

/** A door for a command: its address, who may use it, and everything it can answer. */
export function CommandDoor(path: string, { roles, pointerOf, method = Post, schema = RECEIPT }: Door) {
  const onRecord = path.includes(':subject');
  return applyDecorators(
    method(path),
    ReadsOf(OF_NOBODY),
    Roles(...roles),
    UseInterceptors(new Answering(pointerOf)),
    ApiBearerAuth(),
    ...ids(path),
    ...(onRecord
      ? [header('If-Match', true, 'ETag of the profile decided on, or *', '^("[0-9]{1,9}"|\\*)$')]
      : []),
    header(
      'Idempotency-Key',
      false,
      'Asked again under the same key, nothing is done twice',
      '^[!-~]{1,128}$',
    ),
    header('X-Correlation-Id', false, 'Ties together what belongs together', UUID),
    ApiResponse({ status: 201, description: 'Written', schema }),
    ApiResponse({ status: 200, description: 'It was so already; nothing was written', schema }),
    ...problems(400, 401, 403, 413, 415, 422, 503),
    ...problems(...(path.includes(':') ? [404] : []), ...(onRecord ? [412, 428] : [])),
  );
}

type Upload = {
  readonly roles: readonly Role[];
  readonly mediaTypes: readonly string[];
  /** The shape of the answer. */
  readonly schema: object;
};

/** A door for a document, which comes as it is: its address, who may bring it, and of which types. */
export function DocumentDoor(path: string, { roles, mediaTypes, schema }: Upload) {
  return applyDecorators(
    Put(path),
    ReadsOf(OF_NOBODY),
    RouteConfig({ takesDocument: true }),
    Roles(...roles),
    UseInterceptors(new Answering()),
    ApiBearerAuth(),
    ApiConsumes(...mediaTypes),
    ApiBody({ schema: { type: 'string', format: 'binary' } }),
    header(
      'Content-Digest',
      false,
      'SHA-256 that the content must have (RFC 9530)',
      '^sha-256=:[A-Za-z0-9+/]{43}=:$',
    ),
    header('X-Correlation-Id', false, 'Ties together what belongs together', UUID),
    ApiResponse({ status: 201, description: 'Kept', schema }),
    ApiResponse({ status: 200, description: 'It was kept already', schema }),
    ...problems(400, 401, 403, 408, 413, 415, 422, 503),
  );
}

/**
 * A door for a question: its address, who may ask, the shape of the answer, and of whom it tells: of persons, unless it
 * says otherwise, and then the access log has it.
 */
export function QuestionDoor(
  path: string,
  roles: readonly Role[],
  schema: object,
  reads: Reads = OF_PERSONS,
) {
  return applyDecorators(
    Get(path),
    ...reading(reads),
    Roles(...roles),
    ApiBearerAuth(),
    ...ids(path),
    ApiResponse({ status: 200, description: 'The answer', schema }),
    ...problems(400, 401, 403, 503, ...(path.includes(':') ? [404] : []), ...limited(roles)),
  );
}

/** A door that gives a file out. `reads`: what it tells, of whom. */
export function FileDoor(path: string, roles: readonly Role[], reads: Reads = OF_PERSONS) {
  const file = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } as const;
  return applyDecorators(
    Get(path),
    ...reading(reads),
    Roles(...roles),
    ApiBearerAuth(),
    ...ids(path),
    ApiResponse({ status: 200, description: 'The file, of its own media type', content: file }),
    ...problems(400, 401, 403, 404, 410, 503),
  );
}

/** A door for a question whose words must not stand in an address. */
export function BodyQuestionDoor(
  path: string,
  roles: readonly Role[],
  schema: object,
  reads: Reads = OF_PERSONS,
) {
  return applyDecorators(
    Post(path),
    HttpCode(200),
    ...reading(reads),
    Roles(...roles),
    ApiBearerAuth(),
    ...ids(path),
    ApiResponse({ status: 200, description: 'The answer', schema }),
    ...problems(400, 401, 403, 413, 415, 503, ...limited(roles)),
  );
}

/** A door that is open to anybody. */
export const OpenDoor = (path: string, schema: object) =>
  applyDecorators(Get(path), ApiResponse({ status: 200, description: 'In order', schema }), ...problems(503));
