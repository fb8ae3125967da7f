import { GOLONGAN, type Golongan, JENIS_KENAIKAN_PANGKAT, type KenaikanPangkat } from '@app/domain/golongan';
import { promote } from '@app/domain/promote';
import type { Asking } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { Day, Nested, OneOf } from './body.ts';
import { type Outcome, Servants } from './servants.ts';
import { SkBody } from './sk.ts';
import { Subject } from './subject.ts';

/** A golongan, and the kind of kenaikan pangkat that leads to it. */
export class Promotion {
  @OneOf(GOLONGAN)
  golongan: Golongan;

  @OneOf(JENIS_KENAIKAN_PANGKAT)
  jenis: KenaikanPangkat;

  @Day({ about: 'Terhitung mulai tanggal: from when it has effect.' })
  tmt: string;

  @Nested(() => SkBody)
  sk: SkBody;
}

class PromotionBody extends IntersectionType(Promotion, Accountable) {}

export class Promote extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly promotion: Promotion,
  ) {
    super();
  }
}

@CommandHandler(Promote)
export class PromoteHandler implements ICommandHandler<Promote> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, promotion }: Promote) {
    return this.servants.decide(subject, asking, (servant, context) => promote(promotion, servant, context));
  }
}

@ApiTags('promotions')
@Controller('v1/civil-servants')
export class PromotionsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/promotions', { roles: ['bkpsdm'] })
  async post(@Subject() subject: string, @Body() body: PromotionBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new Promote(subject, asking, factIn(body)));
  }
}
