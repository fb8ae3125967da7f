import { history, type Step } from '@app/projections';
import { OpenRecord } from '@app/record';
import { Query as Asked, Controller, UseInterceptors } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { QuestionDoor } from './answer.ts';
import { type Page, PageAsked, paged, pageOf, rowsOf } from './as-of.ts';
import { Linked } from './linked.ts';
import { notFound } from './problem.ts';
import { READERS_AND_SELF } from './roles.ts';
import { HISTORY } from './schemas.ts';
import { Subject } from './subject.ts';

export class TellHistory extends Query<Page<Step>> {
  constructor(
    readonly subject: string,
    readonly asked: PageAsked,
  ) {
    super();
  }
}

@QueryHandler(TellHistory)
export class TellHistoryHandler implements IQueryHandler<TellHistory> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ subject, asked }: TellHistory) {
    const page = await pageOf(this.record, asked, 'number');
    const steps = await history(this.record.journal, subject, rowsOf(page), page.asOf);
    if (steps.length === 0 && page.after === undefined)
      throw notFound('nothing was known of this person then');
    return paged(steps, page, ({ entry }) => entry.index);
  }
}

@ApiTags('profiles')
@Controller('v1/civil-servants')
export class HistoryHttp {
  constructor(private readonly queries: QueryBus) {}

  @QuestionDoor(':subject/history', READERS_AND_SELF, HISTORY)
  @UseInterceptors(Linked)
  tell(@Subject() subject: string, @Asked() asked: PageAsked) {
    return this.queries.execute(new TellHistory(subject, asked));
  }
}
