import { type AsOf, type UnitThen, units } from '@app/projections';
import { OpenRecord } from '@app/record';
import { Query as Asked, Controller } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { QuestionDoor } from './answer.ts';
import { AsOfAsked, asOf } from './as-of.ts';
import { OF_NOBODY } from './reads.ts';
import { READERS } from './roles.ts';
import { UNITS } from './schemas.ts';

export class ListUnits extends Query<AsOf & { readonly data: readonly UnitThen[] }> {
  constructor(readonly asked: AsOfAsked) {
    super();
  }
}

@QueryHandler(ListUnits)
export class ListUnitsHandler implements IQueryHandler<ListUnits> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ asked }: ListUnits) {
    const at = await asOf(this.record, asked);
    return { data: await units(this.record.database, at), ...at };
  }
}

@ApiTags('units')
@Controller('v1')
export class UnitsHttp {
  constructor(private readonly queries: QueryBus) {}

  /** Who leads a unit is told by an opaque id; an office is no secret. */
  @QuestionDoor('units', READERS, UNITS, OF_NOBODY)
  list(@Asked() asked: AsOfAsked) {
    return this.queries.execute(new ListUnits(asked));
  }
}
