import { liftHold, placeHold } from '@app/domain/erase';
import type { Asking } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { Text, Uuid } from './body.ts';
import { type Outcome, Servants } from './servants.ts';
import { Subject } from './subject.ts';

/** Why nothing of a record is destroyed, whatever the schedule says. */
class Hold {
  @Text({ max: 500, about: 'The legal basis of the hold.' })
  basis: string;

  @Text({ max: 1_000 })
  because: string;
}

class HoldLifting {
  @Uuid({ about: 'The event that placed it.' })
  hold: string;

  @Text({ max: 1_000 })
  because: string;
}

class HoldBody extends IntersectionType(Hold, Accountable) {}
class HoldLiftingBody extends IntersectionType(HoldLifting, Accountable) {}

export class PlaceHold extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly hold: Hold,
  ) {
    super();
  }
}

@CommandHandler(PlaceHold)
export class PlaceHoldHandler implements ICommandHandler<PlaceHold> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, hold }: PlaceHold) {
    return this.servants.decide(subject, asking, (servant, context) => placeHold(hold, servant, context));
  }
}

export class LiftHold extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly lifting: HoldLifting,
  ) {
    super();
  }
}

@CommandHandler(LiftHold)
export class LiftHoldHandler implements ICommandHandler<LiftHold> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, lifting }: LiftHold) {
    return this.servants.decide(subject, asking, (servant, context) => liftHold(lifting, servant, context));
  }
}

@ApiTags('legal-holds')
@Controller('v1/civil-servants')
export class LegalHoldsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/legal-holds', { roles: ['inspektorat'] })
  async place(@Subject() subject: string, @Body() body: HoldBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new PlaceHold(subject, asking, factIn(body)));
  }

  @CommandDoor(':subject/legal-hold-liftings', { roles: ['inspektorat'] })
  async lift(@Subject() subject: string, @Body() body: HoldLiftingBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new LiftHold(subject, asking, factIn(body)));
  }
}
