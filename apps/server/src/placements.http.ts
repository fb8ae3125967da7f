import { place } from '@app/domain/place';
import type { Asking } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { Day, Nested } from './body.ts';
import { type Outcome, Servants } from './servants.ts';
import { SkBody, UnitId } from './sk.ts';
import { Subject } from './subject.ts';

/** A placement in a unit kerja (mutasi unor). */
export class Placement {
  @UnitId()
  unit: string;

  @Day({ about: 'Terhitung mulai tanggal: from when it has effect.' })
  tmt: string;

  @Nested(() => SkBody)
  sk: SkBody;
}

class PlacementBody extends IntersectionType(Placement, Accountable) {}

export class Place extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly placement: Placement,
  ) {
    super();
  }
}

@CommandHandler(Place)
export class PlaceHandler implements ICommandHandler<Place> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, placement }: Place) {
    return this.servants.decide(
      subject,
      asking,
      async (servant, context) =>
        (await this.servants.unknownUnit(placement.unit, 'unit')) ?? place(placement, servant, context),
    );
  }
}

@ApiTags('placements')
@Controller('v1/civil-servants')
export class PlacementsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/placements', { roles: ['bkpsdm'] })
  async post(@Subject() subject: string, @Body() body: PlacementBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new Place(subject, asking, factIn(body)));
  }
}
