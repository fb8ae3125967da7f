import { FINDINGS, type FindingKind, type FindingRecorded } from '@app/domain/civil-servant';
import { find } from '@app/domain/find';
import type { Asking } from '@app/event-store';
import { type Finding, findings } from '@app/projections';
import { OpenRecord } from '@app/record';
import { Query as Asked, Body, Controller, UseInterceptors } from '@nestjs/common';
import {
  Command,
  CommandBus,
  CommandHandler,
  type ICommandHandler,
  type IQueryHandler,
  Query,
  QueryBus,
  QueryHandler,
} from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor, QuestionDoor } from './answer.ts';
import { type Page, PageAsked, paged, pageOf, rowsOf } from './as-of.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { OneOf, Uuid, Words } from './body.ts';
import { Linked } from './linked.ts';
import { READERS } from './roles.ts';
import { FINDINGS_PAGE } from './schemas.ts';
import { type Outcome, Servants } from './servants.ts';
import { Subject } from './subject.ts';

/** Doubt about who a record is about; the other kinds of findings are made by the import. */
class Doubt {
  @OneOf(['identity-doubtful'])
  kind: 'identity-doubtful';

  @Uuid({ optional: true, about: 'The event that gave rise to it.' })
  about?: string;

  @Words({
    min: 1,
    max: 20,
    pattern: '^[A-Za-z][A-Za-z0-9/-]{0,63}$',
    is: 'names of fields, never their values',
  })
  fields: string[];
}

class DoubtBody extends IntersectionType(Doubt, Accountable) {}

export class RecordFinding extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly finding: FindingRecorded['data'],
  ) {
    super();
  }
}

@CommandHandler(RecordFinding)
export class RecordFindingHandler implements ICommandHandler<RecordFinding> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, finding }: RecordFinding) {
    return this.servants.decide(subject, asking, (servant) => find(finding, servant));
  }
}

export class FindingsAsked extends PageAsked {
  @OneOf(FINDINGS, { optional: true })
  kind?: FindingKind;

  @Uuid({ optional: true })
  subject?: string;
}

export class ListFindings extends Query<Page<Finding>> {
  constructor(readonly asked: FindingsAsked) {
    super();
  }
}

@QueryHandler(ListFindings)
export class ListFindingsHandler implements IQueryHandler<ListFindings> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ asked: { kind, subject, ...asked } }: ListFindings) {
    const page = await pageOf(this.record, asked, 'number');
    const only = { ...(kind ? { kind } : {}), ...(subject ? { subject } : {}) };
    const rows = await findings(this.record.database, { ...only, ...rowsOf(page) }, page.asOf);
    return paged(rows, page, ({ index }) => index);
  }
}

@ApiTags('findings')
@Controller('v1')
export class FindingsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly queries: QueryBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor('civil-servants/:subject/findings', { roles: ['bkpsdm'] })
  async post(@Subject() subject: string, @Body() body: DoubtBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new RecordFinding(subject, asking, factIn(body)));
  }

  @QuestionDoor('findings', READERS, FINDINGS_PAGE)
  @UseInterceptors(Linked)
  list(@Asked() asked: FindingsAsked) {
    return this.queries.execute(new ListFindings(asked));
  }
}
