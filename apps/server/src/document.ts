import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';

const ABOUT = `The performance record of civil servants (ASN): every decision an event, every answer at two times.

Every question takes \`effectiveOn\` (the day whose state is asked for) and \`knownAt\` (what was known), and answers with
both. Commands to a record carry \`If-Match\` with the ETag of its profile. A refusal names its legal basis.`;

/** The description of the API, at `/docs/openapi.json`, and a page to read it with; both from this machine alone. */
export function describeApi(app: NestFastifyApplication, fastify: FastifyInstance): void {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Jejak')
    .setDescription(ABOUT)
    .setVersion('1')
    .addBearerAuth()
    .build();
  const document: OpenAPIObject = SwaggerModule.createDocument(app, config);
  fastify.get('/docs/openapi.json', (_, reply) => reply.send(document));
  fastify.get('/docs', (_, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  fastify.get('/docs/start.js', (_, reply) => reply.type('text/javascript; charset=utf-8').send(START));
  for (const [file, type] of ASSETS)
    fastify.get(`/docs/${file}`, async (_, reply) => reply.type(type).send(await readFile(join(UI, file))));
}

const UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const ASSETS = [
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
] as const;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Jejak API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const START = `SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#ui', deepLinking: true });\n`;
