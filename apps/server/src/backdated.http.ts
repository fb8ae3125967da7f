import { BACKDATED_DAYS } from '@app/domain/backdated';
import { type Backdated, backdatedAt } from '@app/projections';
import { OpenRecord } from '@app/record';
import { Query as Asked, Controller, UseInterceptors } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { QuestionDoor } from './answer.ts';
import { type Page, PageAsked, paged, pageOf, rowsOf } from './as-of.ts';
import { WholeAsked } from './body.ts';
import { Linked } from './linked.ts';
import { BACKDATED_PAGE } from './schemas.ts';

export class BackdatedAsked extends PageAsked {
  @WholeAsked({
    min: BACKDATED_DAYS,
    max: 99_999,
    optional: true,
    about: `Only what was recorded more than so many days after its TMT; default ${BACKDATED_DAYS}.`,
  })
  days?: number;
}

export class ListBackdated extends Query<Page<Backdated>> {
  constructor(readonly asked: BackdatedAsked) {
    super();
  }
}

@QueryHandler(ListBackdated)
export class ListBackdatedHandler implements IQueryHandler<ListBackdated> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ asked: { days = BACKDATED_DAYS, ...asked } }: ListBackdated) {
    const page = await pageOf(this.record, asked, 'number');
    const rows = await backdatedAt(this.record.database, { days, ...rowsOf(page) }, page.asOf);
    return paged(rows, page, ({ index }) => index);
  }
}

/** What was recorded long after its TMT ("dicatat mundur"), of all people. */
@ApiTags('backdated')
@Controller('v1')
export class BackdatedHttp {
  constructor(private readonly queries: QueryBus) {}

  @QuestionDoor('backdated', ['inspektorat'], BACKDATED_PAGE)
  @UseInterceptors(Linked)
  list(@Asked() asked: BackdatedAsked) {
    return this.queries.execute(new ListBackdated(asked));
  }
}
