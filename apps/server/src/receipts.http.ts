import { setTimeout as wait } from 'node:timers/promises';
import { isLed } from '@app/journal';
import { formatTlogProof } from '@app/proof';
import { OpenRecord } from '@app/record';
import { Query as Asked, Controller, Get, Res } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { UUID, WholeAsked } from './body.ts';
import { notFound } from './problem.ts';
import { OF_NOBODY, ReadsOf } from './reads.ts';
import { READERS, Roles } from './roles.ts';
import { PROBLEM } from './schemas.ts';
import { EventId } from './subject.ts';

const LOOK_MS = 100;
const SECOND_MS = 1_000;

class ReceiptAsked {
  @WholeAsked({ min: 0, max: 20, optional: true, about: 'Seconds to wait until it is covered; default 5.' })
  wait?: number;
}

/** A proof in the form of C2SP tlog-proof; undefined: no checkpoint covers the event yet. */
export class TellReceipt extends Query<string | undefined> {
  constructor(
    readonly event: string,
    readonly waitMs: number,
  ) {
    super();
  }
}

@QueryHandler(TellReceipt)
export class TellReceiptHandler implements IQueryHandler<TellReceipt> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ event, waitMs }: TellReceipt): Promise<string | undefined> {
    const { journal, checkpoints, tree, database } = this.record;
    // Where nobody seals, waiting would not help.
    const patience = (await isLed(database, 'sealer')) ? waitMs : 0;
    for (const until = Date.now() + patience; ; await wait(LOOK_MS)) {
      const found = await journal.find(event);
      const covering = found && (await checkpoints.current());
      if (covering && covering.size > found.index) {
        const index = BigInt(found.index);
        const proof = await tree.inclusion(index, BigInt(covering.size));
        return formatTlogProof({ index, proof, checkpoint: covering.note });
      }
      if (Date.now() < until) continue;
      if (!found) throw notFound('the journal has no such event (yet)');
      return undefined;
    }
  }
}

@ApiTags('proofs')
@Controller('v1/receipts')
export class ReceiptsHttp {
  constructor(private readonly queries: QueryBus) {}

  @Get(':event')
  @ReadsOf(OF_NOBODY)
  @Roles(...READERS)
  @ApiBearerAuth()
  @ApiParam({ name: 'event', schema: { type: 'string', format: 'uuid', pattern: UUID } })
  @ApiResponse({
    status: 200,
    description: 'That the event is in the log, as a file that verifies alone (C2SP tlog-proof)',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @ApiResponse({ status: 202, description: 'It is in the log; no checkpoint covers it yet. Ask again' })
  @ApiResponse({ status: 400, content: { 'application/problem+json': { schema: PROBLEM } } })
  @ApiResponse({ status: 401, content: { 'application/problem+json': { schema: PROBLEM } } })
  @ApiResponse({ status: 404, content: { 'application/problem+json': { schema: PROBLEM } } })
  @ApiResponse({ status: 503, content: { 'application/problem+json': { schema: PROBLEM } } })
  async tell(
    @EventId() event: string,
    @Asked() { wait: seconds = 5 }: ReceiptAsked,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const proof = await this.queries.execute(new TellReceipt(event, seconds * SECOND_MS));
    void reply.type('text/plain; charset=utf-8');
    if (proof !== undefined) return proof;
    void reply.code(202).header('retry-after', '1');
    return '';
  }
}
