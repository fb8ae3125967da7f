import { approveErasure, type ProposeErasure, proposeErasure, refuseErasure } from '@app/domain/erase';
import type { Asking } from '@app/event-store';
import { unkeptDocument } from '@app/ledger';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { Day, Nested, Text, Uuid, Words } from './body.ts';
import { type Outcome, Servants } from './servants.ts';
import { SkBody } from './sk.ts';
import { Subject } from './subject.ts';

/** What is to be destroyed besides who the record is about, and by which entry of the schedule. None names anybody. */
class Proposal {
  @Text({ max: 500, about: 'The legal basis of the erasure.' })
  basis: string;

  @Text({ max: 500, about: 'The entry of the Jadwal Retensi Arsip.' })
  jra: string;

  @Day({ about: 'The last day that it has to be kept.' })
  retainedUntil: string;

  @Nested(() => SkBody)
  beritaAcara: SkBody;

  @Words({ max: 500, pattern: '^[0-9a-f]{64}$', is: 'SHA-256 in lower-case hex of documents to destroy' })
  destroys: string[];
}

class Approval {
  @Uuid({ about: 'The event that proposed it.' })
  proposal: string;
}

class Refused extends Approval {
  @Text({ max: 1_000 })
  because: string;
}

class ProposalBody extends IntersectionType(Proposal, Accountable) {}
class ApprovalBody extends IntersectionType(Approval, Accountable) {}
class RefusalBody extends IntersectionType(Refused, Accountable) {}

export class ProposeToErase extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly proposal: ProposeErasure,
  ) {
    super();
  }
}

@CommandHandler(ProposeToErase)
export class ProposeToEraseHandler implements ICommandHandler<ProposeToErase> {
  constructor(
    private readonly servants: Servants,
    private readonly record: OpenRecord,
  ) {}

  execute({ subject, asking, proposal }: ProposeToErase) {
    return this.servants.decide(
      subject,
      asking,
      async (servant, context) =>
        (await unkeptDocument(this.record.store, proposal.evidence)) ??
        proposeErasure(proposal, servant, context),
    );
  }
}

export class ApproveErasure extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly approval: Approval,
  ) {
    super();
  }
}

@CommandHandler(ApproveErasure)
export class ApproveErasureHandler implements ICommandHandler<ApproveErasure> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, approval }: ApproveErasure) {
    return this.servants.decide(subject, asking, (servant, context) =>
      approveErasure(approval, servant, context),
    );
  }
}

export class RefuseErasure extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly refusal: Refused,
  ) {
    super();
  }
}

@CommandHandler(RefuseErasure)
export class RefuseErasureHandler implements ICommandHandler<RefuseErasure> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, refusal }: RefuseErasure) {
    return this.servants.decide(subject, asking, (servant, context) =>
      refuseErasure(refusal, servant, context),
    );
  }
}

@ApiTags('erasures')
@Controller('v1/civil-servants')
export class ErasuresHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/erasure-proposals', { roles: ['bkpsdm'], pointerOf })
  async propose(@Subject() subject: string, @Body() body: ProposalBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    const { destroys: evidence, ...proposal } = factIn(body);
    return this.bus.execute(new ProposeToErase(subject, asking, { ...proposal, evidence }));
  }

  @CommandDoor(':subject/erasure-approvals', { roles: ['bkpsdm'] })
  async approve(@Subject() subject: string, @Body() body: ApprovalBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new ApproveErasure(subject, asking, factIn(body)));
  }

  @CommandDoor(':subject/erasure-refusals', { roles: ['bkpsdm'] })
  async refuse(@Subject() subject: string, @Body() body: RefusalBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new RefuseErasure(subject, asking, factIn(body)));
  }
}

/** In a body, `evidence` is what a command rests on; the documents that are to go are what it `destroys`. */
function pointerOf(field: string): string {
  return `#/${field.replace(/^evidence(?=\/|$)/, 'destroys')}`;
}
