import type { Access, AccessOutcome } from '@app/ledger';
import { OpenRecord } from '@app/record';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { bearerIn } from './auth.ts';
import { UUID } from './body.ts';
import { Problem } from './problem.ts';

/** What is known of a read besides its request. */
export type Noted = {
  readonly role: string;
  readonly purpose: string;
  readonly what: string;
  /** null: of many, or of nobody who was found. */
  readonly subjects: readonly (string | null)[];
  readonly outcome: AccessOutcome;
};

/** The one way of reads into the access log. */
@Injectable()
export class Accesses {
  readonly #log = new Logger('Accesses');

  constructor(private readonly record: OpenRecord) {}

  /** Enters a read; throws a problem (503) where that cannot be: then it must not be answered. */
  async note(request: FastifyRequest, { subjects, ...read }: Noted): Promise<void> {
    const bearer = bearerIn(request);
    if (!bearer) throw new Error('a read without a bearer');
    try {
      const actor = await this.record.people.account(bearer.issuer, bearer.name);
      await this.record.access.note(subjects.map((subject): Access => ({ ...read, actor, subject })));
    } catch (cause) {
      this.#log.error('a read cannot be entered in the access log, and is not answered', cause);
      const detail = 'this read cannot be entered in the access log now, and so it is not answered';
      throw new Problem(503, { detail }, { 'retry-after': '5' });
    }
  }
}

/** The template of a request's route: the address itself may hold anything. */
export const templateOf = ({ method, routeOptions }: FastifyRequest): string =>
  `${method} ${routeOptions.url}`;

/** Whom a request asks about, as it names them; null: nobody, or what is no id of ours. */
export function subjectNamedIn({ params, query }: FastifyRequest): string | null {
  const { subject } = { ...(query as object), ...(params as object) } as { subject?: unknown };
  return typeof subject === 'string' && new RegExp(UUID).test(subject) ? subject : null;
}
