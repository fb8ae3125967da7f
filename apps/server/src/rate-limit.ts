import type { FastifyInstance } from 'fastify';
import { type Bearer, bearerIn } from './auth.ts';
import { Problem } from './problem.ts';

/** What came of asking for one request more; times in ms from now. */
export type Taken = {
  readonly allowed: boolean;
  /** How many more are allowed at once. */
  readonly remaining: number;
  /** Until there is one more than that. */
  readonly moreIn: number;
};

const WINDOW_MS = 60_000;
/** So many are kept before those that would say nothing more are let go. */
const MANY = 1_000;
/** Sixtieths and the like do not add up to whole numbers. */
const EPSILON_MS = 1e-6;
const POLICY = 'integrator';
/** RFC 9457 type of draft-ietf-httpapi-ratelimit-headers-10, section 5.1. */
const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/**
 * A bucket of `quota` requests for each name, which fills again within a minute, evenly (a token bucket, kept as the time
 * at which it would be full: the generic cell rate algorithm, ITU-T I.371). In memory, so each process has its own.
 */
export class Buckets {
  readonly #fullAt = new Map<string, number>();
  readonly #every: number;

  constructor(quota: number) {
    this.#every = WINDOW_MS / quota;
  }

  /** Takes one request out of a bucket, if there is one. `now` in ms, never going back. */
  take(name: string, now: number): Taken {
    const fullAt = Math.max(this.#fullAt.get(name) ?? now, now);
    const allowed = fullAt + this.#every <= now + WINDOW_MS + EPSILON_MS;
    const after = allowed ? fullAt + this.#every : fullAt;
    if (allowed) this.#keep(name, after, now);
    const remaining = Math.max(0, Math.floor((now + WINDOW_MS - after + EPSILON_MS) / this.#every));
    return { allowed, remaining, moreIn: after + (remaining + 1) * this.#every - now - WINDOW_MS };
  }

  get size(): number {
    return this.#fullAt.size;
  }

  #keep(name: string, fullAt: number, now: number): void {
    if (this.#fullAt.size >= MANY)
      for (const [other, at] of this.#fullAt) if (at <= now) this.#fullAt.delete(other);
    this.#fullAt.set(name, fullAt);
  }
}

/**
 * Lets each integrator, by key or by account, ask `quota` times a minute, and says how things stand in every answer
 * (draft-ietf-httpapi-ratelimit-headers-10); a stream counts as the one request that it is. People are not limited, nor
 * are the log's files, which are few and stay as they are. Comes after it is known who asks.
 */
export function limitRates(fastify: FastifyInstance, quota: number): void {
  const buckets = new Buckets(quota);
  fastify.addHook('onRequest', async (request, reply) => {
    const bearer = bearerIn(request);
    const name = bearer && limitedAs(bearer);
    if (name === undefined) return;
    const { allowed, remaining, moreIn } = buckets.take(name, performance.now());
    const seconds = Math.ceil(moreIn / 1_000);
    void reply.headers({
      'ratelimit-policy': `"${POLICY}";q=${quota};w=${WINDOW_MS / 1_000}`,
      ratelimit: `"${POLICY}";r=${remaining};t=${seconds}`,
    });
    if (!allowed)
      throw new Problem(
        429,
        {
          type: QUOTA_EXCEEDED,
          detail: `${quota} requests a minute are allowed; ask again in ${seconds} s`,
          'violated-policies': [POLICY],
        },
        { 'retry-after': String(seconds) },
      );
  });
}

/** Whose bucket it is; undefined: nobody who is limited. */
function limitedAs({ key, issuer, name, roles }: Bearer): string | undefined {
  if (key !== undefined) return key;
  return roles.length > 0 && roles.every((role) => role === 'integrator') ? `${issuer} ${name}` : undefined;
}
