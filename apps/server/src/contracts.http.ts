import { createHash } from 'node:crypto';
import { asyncApi, publishedSchema, publishedSchemas, Tail } from '@app/delivery';
import { applyDecorators, Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limited, problems } from './answer.ts';
import { notFound } from './problem.ts';
import { OF_NOBODY, ReadsOf } from './reads.ts';
import { READERS, Roles } from './roles.ts';
import { SCHEMAS_PUBLISHED } from './schemas.ts';

/** Compatible changes are seen within this time, in seconds; others have a new address. */
const CACHED_S = 3_600;

const ANYTHING = { type: 'object', additionalProperties: true } as const;

/** A door for a document of the contract: its address, what it says, in which media type. */
const ContractDoor = (path: string, description: string, mediaType: string, schema: object = ANYTHING) =>
  applyDecorators(
    Get(path),
    ReadsOf(OF_NOBODY),
    Roles(...READERS),
    ApiBearerAuth(),
    ApiResponse({ status: 200, description, content: { [mediaType]: { schema } } }),
    ApiResponse({ status: 304, description: 'It is as it was (If-None-Match)' }),
    ...problems(401, 403, 503, ...limited(READERS), ...(path.includes(':') ? [404] : [])),
  );

/** What integrators are promised; the same for everybody, and nothing of the record. */
@ApiTags('contracts')
@Controller('v1')
export class ContractsHttp {
  constructor(private readonly tail: Tail) {}

  @ContractDoor('schemas', 'Every version of every type of event', 'application/json', SCHEMAS_PUBLISHED)
  list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return cached({ data: publishedSchemas(this.tail.origin) }, request, reply);
  }

  @ContractDoor('schemas/:type/:version', 'JSON Schema (2020-12) of the data', 'application/schema+json')
  @ApiParam({ name: 'type', schema: { type: 'string', pattern: '^[A-Za-z]+$' } })
  @ApiParam({ name: 'version', schema: { type: 'integer', minimum: 1 } })
  tell(
    @Param('type') type: string,
    @Param('version') version: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const schema = publishedSchema(type, version, this.tail.origin);
    if (!schema) throw notFound('no such version of such a type was ever published; /v1/schemas lists them');
    return cached(schema, request, reply, 'application/schema+json');
  }

  @ContractDoor('asyncapi.json', 'The AsyncAPI 3.0 document of feed, stream and webhooks', 'application/json')
  events(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return cached(asyncApi(this.tail.origin), request, reply);
  }
}

/** The document, or nothing where who asks has it already. */
function cached(
  document: object,
  request: FastifyRequest,
  reply: FastifyReply,
  mediaType = 'application/json',
): object | string {
  const etag = `"${createHash('sha256').update(JSON.stringify(document)).digest('base64url')}"`;
  void reply.headers({ etag, 'cache-control': `private, max-age=${CACHED_S}` });
  if (request.headers['if-none-match'] === etag) {
    void reply.code(304);
    return '';
  }
  void reply.type(`${mediaType}; charset=utf-8`);
  return document;
}
