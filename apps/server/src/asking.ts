import { createHash } from 'node:crypto';
import type { Evidence } from '@app/domain/event';
import { type Asking, canonical, commandIdOf, uuidv7 } from '@app/event-store';
import { unknownEvidence } from '@app/ledger';
import type { Role } from '@app/people';
import type { OpenRecord } from '@app/record';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { bearerIn } from './auth.ts';
import { ListOf, Matching, UUID, Uuid, Whole } from './body.ts';
import { malformed, Problem, refused } from './problem.ts';
import { actingRole } from './roles.ts';

/** A document behind a decision: kept before the command, by its content. */
export class EvidenceBody implements Evidence {
  @Matching({ pattern: '^[0-9a-f]{64}$', is: 'SHA-256 in lower-case hex', max: 64 })
  sha256: string;

  @Whole({ min: 1, max: 1_099_511_627_776, about: 'Size in bytes.' })
  size: number;

  @Matching({
    pattern: '^[a-z]+/[a-z0-9][a-z0-9.+-]*$',
    is: 'a media type like application/pdf',
    max: 100,
  })
  mediaType: string;
}

/** What every command may say besides what it asks for: it goes beside the events, not into them. */
export class Accountable {
  @Uuid({ optional: true, about: 'The account for whom this is asked.' })
  onBehalfOf?: string;

  @Uuid({ optional: true, about: 'The event or command that led to this.' })
  causationId?: string;

  @ListOf(() => EvidenceBody, { optional: true, max: 20 })
  evidence?: EvidenceBody[];
}

/** What a command asks for, without what is said beside it. */
export function factIn<B extends Accountable>(body: B): Omit<B, keyof Accountable> {
  const { onBehalfOf: _, causationId: __, evidence: ___, ...fact } = body;
  return fact;
}

/** Who asks, how, and for what revision: the headers of a command, read and checked. */
export class Asker {
  readonly role: Role;
  /** The person of the record that the account belongs to, where the token says so. */
  readonly subject: string | undefined;

  constructor(private readonly request: FastifyRequest) {
    this.role = actingRole(request);
    this.subject = bearerIn(request)?.subject;
  }

  /**
   * What goes beside the events of this body; refuses one that names evidence which is not kept. `personal`: fields of
   * the body that are left out of the fingerprint.
   */
  async about(
    { people, store }: Pick<OpenRecord, 'people' | 'store'>,
    body: Accountable,
    personal: readonly string[] = [],
  ): Promise<Asking> {
    const bearer = bearerIn(this.request);
    if (!bearer) throw new Error('a command without a bearer');
    const ifRevision = this.#ifRevision();
    const key = this.#header('idempotency-key', '^[\\x21-\\x7e]{1,128}$', '1 to 128 visible characters');
    const correlationId = this.#header('x-correlation-id', UUID, 'a UUID in lower case');
    const unknown = await unknownEvidence(store, body.evidence);
    if (unknown) throw refused(unknown);
    const actor = await people.account(bearer.issuer, bearer.name);
    const commandId = key === undefined ? uuidv7() : commandIdOf(actor, key);
    const { onBehalfOf, causationId, evidence } = body;
    return {
      actor,
      role: this.role,
      commandId,
      correlationId: correlationId ?? commandId,
      askedAt: Date.now(),
      ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
      ...(causationId === undefined ? {} : { causationId }),
      ...(evidence === undefined ? {} : { evidence }),
      ...(key === undefined ? {} : { keyed: true, fingerprint: this.#fingerprint(body, personal) }),
      ...(ifRevision === undefined ? {} : { ifRevision }),
    };
  }

  /** The revision in `If-Match`; undefined: any. A command to an existing record must carry the header. */
  #ifRevision(): number | undefined {
    const { subject } = this.request.params as { subject?: string };
    const header = this.request.headers['if-match']?.trim();
    if (subject === undefined || header === '*') return undefined;
    if (header === undefined)
      throw new Problem(428, {
        detail: 'send If-Match with the ETag of the profile that you decided on, or *',
      });
    const revision = /^"(\d{1,9})"$/.exec(header)?.[1];
    if (revision === undefined) throw malformed('If-Match', 'is "<revision>" or *');
    return Number(revision);
  }

  #header(name: string, pattern: string, is: string): string | undefined {
    const value = this.request.headers[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || !new RegExp(pattern).test(value)) throw malformed(name, `is ${is}`);
    return value;
  }

  #fingerprint(body: object, personal: readonly string[]): string {
    const kept = Object.fromEntries(Object.entries(body).filter(([key]) => !personal.includes(key)));
    const asked = { method: this.request.method, path: this.request.url.split('?')[0], body: kept };
    return createHash('sha256').update(canonical(asked)).digest('hex');
  }
}

/** The asker of a command. */
export const Asks = createParamDecorator(
  (_: unknown, context: ExecutionContext) => new Asker(context.switchToHttp().getRequest<FastifyRequest>()),
);
