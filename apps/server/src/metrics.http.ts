import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';
import { Problem } from './problem.ts';

const PATH = '/metrics';

/** Whether a route is this door, which has a token of its own. */
export const isMetrics = (path: string): boolean => path === PATH;

/**
 * What Prometheus reads. It wants the token of the settings, and where none is set it is closed to everybody: no route is
 * without authentication, and "from this machine" is no proof, since a proxy on it makes everybody come from there. A
 * token of a person's roles would not do: a scraper has no role about people, and must read while the issuer is away.
 */
export function serveMetrics(fastify: FastifyInstance, metrics: Metrics, token: string | undefined): void {
  fastify.get(PATH, async (request, reply) => {
    const sent = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || sent === undefined || !isSame(sent, token))
      throw new Problem(
        401,
        { detail: 'send Authorization: Bearer <METRICS_TOKEN of the settings>' },
        { 'www-authenticate': 'Bearer realm="jejak metrics"' },
      );
    return reply.type(metrics.contentType).send(await metrics.text());
  });
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** Takes as long for a guess that is nearly right. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
