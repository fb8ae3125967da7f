import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Whether the body of a request is a document, which its door takes as it comes. */
export const takesDocument = ({ routeOptions }: FastifyRequest): boolean =>
  (routeOptions.config as { takesDocument?: unknown } | undefined)?.takesDocument === true;

/**
 * Reads bodies: JSON in UTF-8, and nothing else but where a door takes documents. Text that is not well formed is
 * refused, never mended.
 */
export function readBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(request.headers['content-type'] ?? '')?.[1];
    if (charset !== undefined && charset.toLowerCase() !== 'utf-8')
      return done(new Problem(415, { detail: 'send application/json in UTF-8' }));
    const text = decoded(body as Buffer);
    if (text === undefined) return done(new Problem(400, { detail: 'the body is not well-formed UTF-8' }));
    return parse(request, text, done);
  });
  fastify.addContentTypeParser('*', (request, body, done) => {
    if (request.is404 || takesDocument(request)) return done(null, body);
    return done(new Problem(415, { detail: 'send application/json in UTF-8' }));
  });
}

function decoded(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
