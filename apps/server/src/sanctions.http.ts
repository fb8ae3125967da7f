import { type HukumanDisiplin, JENIS_HUKUMAN } from '@app/domain/hukuman-disiplin';
import { imposeSanction, liftSanction } from '@app/domain/sanction';
import type { Asking } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { Day, Nested, OneOf, Text } from './body.ts';
import { type Outcome, Servants } from './servants.ts';
import { SkBody } from './sk.ts';
import { EventId, Subject } from './subject.ts';

/** A hukuman disiplin. Its tingkat follows from its kind, and its end where the kind has a duration. */
export class Sanction {
  @OneOf(JENIS_HUKUMAN)
  jenis: HukumanDisiplin;

  @Day({ about: 'Terhitung mulai tanggal: from when it has effect.' })
  tmt: string;

  @Day({ optional: true, about: 'The first day after it; default: as the kind has it.' })
  until?: string;

  @Nested(() => SkBody)
  sk: SkBody;
}

/** What ends a hukuman before its time. */
export class Lifting {
  @Day({ about: 'The day from which it is lifted.' })
  tmt: string;

  @Nested(() => SkBody)
  sk: SkBody;

  @Text({ max: 1_000 })
  because: string;
}

class SanctionBody extends IntersectionType(Sanction, Accountable) {}
class LiftingBody extends IntersectionType(Lifting, Accountable) {}

export class ImposeSanction extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly sanction: Sanction,
  ) {
    super();
  }
}

@CommandHandler(ImposeSanction)
export class ImposeSanctionHandler implements ICommandHandler<ImposeSanction> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, sanction }: ImposeSanction) {
    return this.servants.decide(subject, asking, (servant, context) =>
      imposeSanction(sanction, servant, context),
    );
  }
}

export class LiftSanction extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly lifting: Lifting & { readonly sanction: string },
  ) {
    super();
  }
}

@CommandHandler(LiftSanction)
export class LiftSanctionHandler implements ICommandHandler<LiftSanction> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, lifting }: LiftSanction) {
    return this.servants.decide(subject, asking, (servant, context) =>
      liftSanction(lifting, servant, context),
    );
  }
}

@ApiTags('sanctions')
@Controller('v1/civil-servants')
export class SanctionsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/sanctions', { roles: ['bkpsdm'] })
  async impose(@Subject() subject: string, @Body() body: SanctionBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new ImposeSanction(subject, asking, factIn(body)));
  }

  @CommandDoor(':subject/sanctions/:event/lifting', { roles: ['bkpsdm'], pointerOf })
  async lift(
    @Subject() subject: string,
    @EventId() sanction: string,
    @Body() body: LiftingBody,
    @Asks() asker: Asker,
  ) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new LiftSanction(subject, asking, { ...factIn(body), sanction }));
  }
}

/** Which sanction is meant stands in the address and not in the body. */
function pointerOf(field: string): string {
  return field === 'sanction' ? '#' : `#/${field}`;
}
