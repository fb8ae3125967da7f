import { applyDecorators, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse } from '@nestjs/swagger';
import { ids, limited, problems, reading } from './answer.ts';
import { FOLLOWERS } from './clearance.ts';
import { OF_PERSONS, type Reads } from './reads.ts';
import { Roles } from './roles.ts';
import { CLOUD_EVENT } from './schemas.ts';

/** The forms that events go out in. */
export const EVENT = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';
export const LINES = 'application/x-ndjson';
export const STREAM = 'text/event-stream';

const TEXT = { type: 'string' };
const SCHEMAS: Readonly<Record<string, object>> = {
  [EVENT]: CLOUD_EVENT,
  [BATCH]: { type: 'array', items: CLOUD_EVENT },
  [LINES]: TEXT,
  [STREAM]: TEXT,
};

/** A door through which events go out, in one of these forms. */
export function EventsDoor(path: string, forms: readonly string[], about: string, reads: Reads = OF_PERSONS) {
  const content = Object.fromEntries(forms.map((form) => [form, { schema: SCHEMAS[form] ?? TEXT }]));
  return applyDecorators(
    Get(path),
    ...reading(reads),
    Roles(...FOLLOWERS),
    ApiBearerAuth(),
    ...ids(path),
    ApiResponse({ status: 200, description: about, content }),
    ...problems(400, 401, 403, 503, ...limited(FOLLOWERS), path.includes(':') ? 404 : 409),
  );
}
