import type { Asking } from '@app/event-store';
import { OUTBOX_KINDS, OUTBOX_STATES, type OutboxState, outbox, type SiasnOutboxRow } from '@app/projections';
import { OpenRecord } from '@app/record';
import { confirm, type Prepared, prepare, release, withdraw } from '@app/siasn';
import { Query as Asked, Body, Controller } from '@nestjs/common';
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
import { byIndex, type IndexPage } from './as-of.ts';
import { Accountable, Asker, Asks } from './asking.ts';
import { Matching, OneOf, Text, WholeAsked } from './body.ts';
import { notFound } from './problem.ts';
import type { Reads } from './reads.ts';
import { OUTBOX_ITEM, OUTBOX_PAGE } from './schemas.ts';
import type { Outcome } from './servants.ts';
import { Codes } from './siasn-codes.ts';
import { EventId } from './subject.ts';

const DEFAULT_LIMIT = 50;
const READERS = ['bkpsdm', 'inspektorat'] as const;

class OutboxAsked {
  @OneOf(OUTBOX_STATES, { optional: true })
  state?: OutboxState;

  @OneOf(OUTBOX_KINDS, { optional: true })
  kind?: SiasnOutboxRow['kind'];

  @WholeAsked({ min: 0, max: 999_999_999_999_999, optional: true, about: 'The `next` of the page before.' })
  after?: number;

  @WholeAsked({ min: 1, max: 200, optional: true, about: 'Rows of a page; default 50.' })
  limit?: number;
}

class Withdrawal {
  @Text({ max: 500, about: 'Why SIASN is not told. It must not name anybody.' })
  because: string;
}
class Confirmation {
  @Matching({
    pattern: '^[A-Za-z0-9-]{1,64}$',
    is: 'the id of a row in SIASN',
    max: 64,
    about: 'The id of the row, as SIASN shows it.',
  })
  siasnId: string;
}
class WithdrawalBody extends IntersectionType(Withdrawal, Accountable) {}
class ConfirmationBody extends IntersectionType(Confirmation, Accountable) {}

type OutboxPage = IndexPage<OutboxItem>;
type OutboxItem = Omit<SiasnOutboxRow, 'submission' | 'undone' | 'release'>;

/** An item with what SIASN would be told now, or what that lacks. */
type ItemTold = Pick<Prepared, 'lacks' | 'task' | 'subjects'> & {
  readonly item: OutboxItem;
  readonly service?: string;
  readonly body?: object;
};

const itemOf = ({ submission: _, undone: __, release: ___, ...item }: SiasnOutboxRow): OutboxItem => item;

export class ListOutbox extends Query<OutboxPage> {
  constructor(readonly asked: OutboxAsked) {
    super();
  }
}

@QueryHandler(ListOutbox)
export class ListOutboxHandler implements IQueryHandler<ListOutbox> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ asked: { limit = DEFAULT_LIMIT, ...asked } }: ListOutbox): Promise<OutboxPage> {
    const rows = await outbox(this.record.database, { ...asked, limit: limit + 1 });
    return byIndex(rows.map(itemOf), limit);
  }
}

export class TellSubmission extends Query<ItemTold | undefined> {
  constructor(readonly event: string) {
    super();
  }
}

@QueryHandler(TellSubmission)
export class TellSubmissionHandler implements IQueryHandler<TellSubmission> {
  constructor(
    private readonly record: OpenRecord,
    private readonly codes: Codes,
  ) {}

  async execute({ event }: TellSubmission): Promise<ItemTold | undefined> {
    const prepared = await prepare(this.record, await this.codes.read(), event);
    if (!prepared) return undefined;
    const { row, payload, lacks, task, subjects } = prepared;
    return {
      item: itemOf(row),
      ...(payload ? { service: payload.service, body: payload.body } : {}),
      ...(lacks ? { lacks } : {}),
      ...(task ? { task } : {}),
      subjects,
    };
  }
}

export class ReleaseSubmission extends Command<Outcome> {
  constructor(
    readonly event: string,
    readonly asking: Asking,
  ) {
    super();
  }
}

@CommandHandler(ReleaseSubmission)
export class ReleaseSubmissionHandler implements ICommandHandler<ReleaseSubmission> {
  constructor(
    private readonly record: OpenRecord,
    private readonly codes: Codes,
  ) {}

  async execute({ event, asking }: ReleaseSubmission): Promise<Outcome> {
    return release(this.record, await this.codes.read(), event, asking);
  }
}

export class WithdrawSubmission extends Command<Outcome> {
  constructor(
    readonly event: string,
    readonly asking: Asking,
    readonly because: string,
  ) {
    super();
  }
}

@CommandHandler(WithdrawSubmission)
export class WithdrawSubmissionHandler implements ICommandHandler<WithdrawSubmission> {
  constructor(private readonly record: OpenRecord) {}

  execute({ event, asking, because }: WithdrawSubmission): Promise<Outcome> {
    return withdraw(this.record, { event, because }, asking);
  }
}

export class ConfirmSubmission extends Command<Outcome> {
  constructor(
    readonly event: string,
    readonly asking: Asking,
    readonly siasnId: string,
  ) {
    super();
  }
}

@CommandHandler(ConfirmSubmission)
export class ConfirmSubmissionHandler implements ICommandHandler<ConfirmSubmission> {
  constructor(private readonly record: OpenRecord) {}

  execute({ event, asking, siasnId }: ConfirmSubmission): Promise<Outcome> {
    return confirm(this.record, { event, siasnId }, asking);
  }
}

/** A payload tells of who it is about, and of who rated. */
const TOLD: Reads = { ofPersons: true, subjectsIn: ({ subjects }: ItemTold) => subjects };

/** What SIASN is to be told: looked at, released by another official than who recorded it, withdrawn, confirmed. */
@ApiTags('siasn-outbox')
@Controller('v1')
export class SiasnOutboxHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly queries: QueryBus,
    private readonly record: OpenRecord,
  ) {}

  @QuestionDoor('siasn-outbox', READERS, OUTBOX_PAGE)
  list(@Asked() asked: OutboxAsked) {
    return this.queries.execute(new ListOutbox({ ...asked }));
  }

  @QuestionDoor('siasn-outbox/:event', READERS, OUTBOX_ITEM, TOLD)
  async tell(@EventId() event: string): Promise<ItemTold> {
    const told = await this.queries.execute(new TellSubmission(event));
    if (!told) throw notFound('SIASN is not told of such an event');
    return told;
  }

  @CommandDoor('siasn-outbox/:event/release', { roles: ['bkpsdm'] })
  async release(@EventId() event: string, @Body() body: Accountable, @Asks() asker: Asker) {
    return this.bus.execute(new ReleaseSubmission(event, await asker.about(this.record, body)));
  }

  @CommandDoor('siasn-outbox/:event/withdraw', { roles: ['bkpsdm'] })
  async withdraw(@EventId() event: string, @Body() body: WithdrawalBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new WithdrawSubmission(event, asking, body.because));
  }

  @CommandDoor('siasn-outbox/:event/confirm', { roles: ['bkpsdm'] })
  async confirm(@EventId() event: string, @Body() body: ConfirmationBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new ConfirmSubmission(event, asking, body.siasnId));
  }
}
