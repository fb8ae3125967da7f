import { type AsOf, type Distribution, distribution } from '@app/projections';
import { OpenRecord } from '@app/record';
import { Query as Asked, Controller } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { QuestionDoor } from './answer.ts';
import { AsOfAsked, asOf } from './as-of.ts';
import { Matching } from './body.ts';
import { OF_NOBODY } from './reads.ts';
import { READERS } from './roles.ts';
import { DISTRIBUTION } from './schemas.ts';
import { UnitId } from './sk.ts';

export class DistributionAsked extends AsOfAsked {
  @Matching({
    pattern: '^[0-9]{4}(-[0-9]{2}\\.\\.[0-9]{2})?$',
    is: 'a year (2025), or months of one (2025-01..03)',
    max: 11,
  })
  period: string;

  @UnitId({ optional: true })
  unit?: string;
}

export class TellDistribution extends Query<AsOf & { readonly data: readonly Distribution[] }> {
  constructor(readonly asked: DistributionAsked) {
    super();
  }
}

@QueryHandler(TellDistribution)
export class TellDistributionHandler implements IQueryHandler<TellDistribution> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ asked: { period, unit, ...asked } }: TellDistribution) {
    const at = await asOf(this.record, asked);
    const of = { period, ...(unit === undefined ? {} : { unit }) };
    return { data: await distribution(this.record.database, of, at), ...at };
  }
}

@ApiTags('predikat-distribution')
@Controller('v1')
export class PredikatDistributionHttp {
  constructor(private readonly queries: QueryBus) {}

  /** Counts, which name nobody. */
  @QuestionDoor('predikat-distribution', READERS, DISTRIBUTION, OF_NOBODY)
  tell(@Asked() asked: DistributionAsked) {
    return this.queries.execute(new TellDistribution(asked));
  }
}
