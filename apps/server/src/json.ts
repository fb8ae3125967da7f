import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.ts';

/** Reads bodies: JSON in UTF-8 and nothing else. Text that is not well formed is refused, never mended. */
export function readJson(fastify: FastifyInstance): void {
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
}

function decoded(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
