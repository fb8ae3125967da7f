import type { LedgerSettings } from '@app/config';
import { subjectOf } from '@app/domain/civil-servant';
import type { Asking } from '@app/event-store';
import { isLed } from '@app/journal';
import {
  contentOf,
  EvidenceStore,
  makeBundle,
  NoBundle,
  NotSealed,
  policyOf,
  policyText,
  type Scope,
  sealedBy,
  verifierFiles,
} from '@app/ledger';
import { OpenRecord } from '@app/record';
import { Body, Controller, HttpCode, Post, Req, StreamableFile } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiExtraModels, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Accesses, templateOf } from './accesses.ts';
import { Asker, Asks } from './asking.ts';
import { Text, Uuid } from './body.ts';
import { malformed, Problem } from './problem.ts';
import { OF_NOBODY, ReadsOf } from './reads.ts';
import { Roles } from './roles.ts';
import { PROBLEM } from './schemas.ts';

const SEALING_MS = 10_000;

/** From `dist/apps/server/src`. */
const VERIFIERS = new URL('../../../../apps/verify/', import.meta.url);

/** Where the log's policy is. */
export class LogPolicy {
  constructor(readonly settings: LedgerSettings) {}
}

class BundleBody {
  @Uuid({ optional: true, about: 'The person all of whose events are wanted; or:' })
  subject?: string;

  @Uuid({ optional: true, about: 'the event of the one decision that is wanted.' })
  event?: string;

  @Text({ max: 200, about: 'For what. It is recorded for ever, and must not name anybody.' })
  purpose: string;
}

export class IssueBundle extends Command<Buffer> {
  constructor(
    readonly asking: Asking,
    readonly scope: Scope,
    readonly purpose: string,
  ) {
    super();
  }
}

@CommandHandler(IssueBundle)
export class IssueBundleHandler implements ICommandHandler<IssueBundle> {
  constructor(
    private readonly record: OpenRecord,
    private readonly documents: EvidenceStore,
    private readonly policy: LogPolicy,
  ) {}

  async execute({ asking, scope, purpose }: IssueBundle): Promise<Buffer> {
    const { record, documents } = this;
    const { database, journal, transact, tree, checkpoints, store, people } = record;
    const { text } = await policyOf(journal, policyText(this.policy.settings));
    const person = scope.kind === 'person' ? ((await people.find(scope.subject)) ?? undefined) : undefined;
    try {
      const sources = {
        database,
        journal,
        transact,
        tree,
        checkpoints,
        policy: text,
        more: await verifierFiles(VERIFIERS),
        // Where nobody seals, waiting would not help.
        covered: async (size: number) =>
          sealedBy(checkpoints, size, (await isLed(database, 'sealer')) ? SEALING_MS : 0),
        evidence: (sha256: string) => contentOf(store, documents, sha256),
      };
      return (await makeBundle({ scope, purpose, person }, sources, asking)).bytes;
    } catch (cause) {
      if (cause instanceof NotSealed)
        throw new Problem(503, { detail: cause.message }, { 'retry-after': '2' });
      if (cause instanceof NoBundle)
        throw new Problem(422, {
          type: 'urn:jejak:refusal:no-bundle',
          detail: cause.message,
          basis: 'docs/bundle.md',
        });
      throw cause;
    }
  }
}

const problem = (status: number) =>
  ApiResponse({
    status,
    description: 'Problem (RFC 9457)',
    content: { 'application/problem+json': { schema: PROBLEM } },
  });

@ApiTags('proofs')
@Controller('v1/bundles')
export class BundlesHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
    private readonly accesses: Accesses,
  ) {}

  @Post()
  @ApiExtraModels(BundleBody)
  @ApiBody({ schema: { allOf: [{ $ref: getSchemaPath(BundleBody) }], minProperties: 2, maxProperties: 2 } })
  @HttpCode(200)
  // It enters the access log itself: the purpose is in the body.
  @ReadsOf(OF_NOBODY)
  @Roles('inspektorat', 'bkpsdm')
  @ApiBearerAuth()
  @ApiResponse({
    status: 200,
    description: 'An evidence bundle (docs/bundle.md)',
    content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
  })
  @problem(400)
  @problem(401)
  @problem(403)
  @problem(413)
  @problem(415)
  @problem(422)
  @problem(503)
  async issue(
    @Body() { subject, event, purpose }: BundleBody,
    @Asks() asker: Asker,
    @Req() request: FastifyRequest,
  ): Promise<StreamableFile> {
    const scope = scopeOf(subject, event);
    const { keyed: _, fingerprint: __, ...asking } = await asker.about(this.record, {});
    const { role } = asking;
    const subjects = [await this.#subjectOf(scope)];
    await this.accesses.note(request, {
      role,
      purpose,
      what: templateOf(request),
      subjects,
      outcome: 'answered',
    });
    const bytes = await this.bus.execute(new IssueBundle(asking, scope, purpose));
    return new StreamableFile(bytes, {
      type: 'application/zip',
      length: bytes.length,
      disposition: `attachment; filename="jejak-${subject ?? event}.zip"`,
    });
  }

  async #subjectOf(scope: Scope): Promise<string | null> {
    if (scope.kind === 'person') return scope.subject;
    const found = await this.record.journal.find(scope.event);
    return (found && subjectOf(found.stream)) ?? null;
  }
}

function scopeOf(subject: string | undefined, event: string | undefined): Scope {
  if (subject !== undefined && event === undefined) return { kind: 'person', subject };
  if (event !== undefined && subject === undefined) return { kind: 'decision', event };
  throw malformed('#', 'must have one of subject, event');
}
