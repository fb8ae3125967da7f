import { profileAt, profileRow, type TrainingYear, trainingHours, trainingYears } from '@app/projections';
import { OpenRecord } from '@app/record';
import { Query as Asked, Controller, UseInterceptors } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { QuestionDoor } from './answer.ts';
import { AsOfAsked, asOf, type Page, PageAsked, paged, pageOf, rowsOf } from './as-of.ts';
import { WholeAsked } from './body.ts';
import { Linked } from './linked.ts';
import { notFound } from './problem.ts';
import { READERS, READERS_AND_SELF } from './roles.ts';
import { TRAINING_YEARS } from './schemas.ts';
import { Subject } from './subject.ts';

export class TellTrainingHours extends Query<Page<TrainingYear>> {
  constructor(
    readonly subject: string,
    readonly asked: AsOfAsked,
  ) {
    super();
  }
}

@QueryHandler(TellTrainingHours)
export class TellTrainingHoursHandler implements IQueryHandler<TellTrainingHours> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ subject, asked }: TellTrainingHours) {
    const { database } = this.record;
    const at = await asOf(this.record, asked);
    if (!profileAt(await profileRow(database, subject), at))
      throw notFound('nothing was known of this person then');
    return { data: await trainingYears(database, subject, at), ...at };
  }
}

export class YearAsked extends PageAsked {
  @WholeAsked({ min: 1950, max: 2199 })
  year: number;
}

export class ListTrainingHours extends Query<Page<TrainingYear>> {
  constructor(readonly asked: YearAsked) {
    super();
  }
}

@QueryHandler(ListTrainingHours)
export class ListTrainingHoursHandler implements IQueryHandler<ListTrainingHours> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ asked: { year, ...asked } }: ListTrainingHours) {
    const page = await pageOf(this.record, asked, 'string');
    const rows = await trainingHours(this.record.database, { year, ...rowsOf(page) }, page.asOf);
    return paged(rows, page, ({ subject }) => subject);
  }
}

@ApiTags('training-hours')
@Controller('v1')
export class TrainingHoursHttp {
  constructor(private readonly queries: QueryBus) {}

  @QuestionDoor('civil-servants/:subject/training-hours', READERS_AND_SELF, TRAINING_YEARS)
  tell(@Subject() subject: string, @Asked() asked: AsOfAsked) {
    return this.queries.execute(new TellTrainingHours(subject, asked));
  }

  @QuestionDoor('training-hours', READERS, TRAINING_YEARS)
  @UseInterceptors(Linked)
  list(@Asked() asked: YearAsked) {
    return this.queries.execute(new ListTrainingHours(asked));
  }
}
