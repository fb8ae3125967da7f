import { applyDecorators, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiParam, ApiResponse } from '@nestjs/swagger';
import { UUID } from './body.ts';
import { FOLLOWERS } from './clearance.ts';
import { PURPOSE } from './purpose.ts';
import { OF_PERSONS, type Reads, ReadsOf } from './reads.ts';
import { Roles } from './roles.ts';
import { CLOUD_EVENT, PROBLEM } from './schemas.ts';

/** A door through which events go out, in one of these forms. */
export function EventsDoor(path: string, forms: readonly string[], about: string, reads: Reads = OF_PERSONS) {
  const content = Object.fromEntries(
    forms.map((form) => [
      form,
      {
        schema: /batch/.test(form)
          ? { type: 'array', items: CLOUD_EVENT }
          : form.endsWith('json') && !/nd/.test(form)
            ? CLOUD_EVENT
            : { type: 'string' },
      },
    ]),
  );
  const problems = [400, 401, 403, 409, 429, 503, ...(path.includes(':') ? [404] : [])];
  return applyDecorators(
    Get(path),
    ReadsOf(reads),
    Roles(...FOLLOWERS),
    ApiBearerAuth(),
    ApiHeader({
      name: PURPOSE,
      required: false,
      description: 'What the events are read for, kept in the access log; a key has its own',
      schema: { type: 'string', minLength: 1, maxLength: 200 },
    }),
    ...(path.includes(':event')
      ? [ApiParam({ name: 'event', schema: { type: 'string', format: 'uuid', pattern: UUID } })]
      : []),
    ApiResponse({ status: 200, description: about, content } as never),
    ...problems.map((status) =>
      ApiResponse({
        status,
        description: 'Problem (RFC 9457)',
        content: { 'application/problem+json': { schema: PROBLEM } },
      }),
    ),
  );
}
