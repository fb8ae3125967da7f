import { award } from '@app/domain/award';
import { JENIS_PENGHARGAAN, type Penghargaan } from '@app/domain/penghargaan';
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
import { Subject } from './subject.ts';

/** A penghargaan. */
export class Award {
  @OneOf(JENIS_PENGHARGAAN)
  jenis: Penghargaan;

  @Text({ max: 200, optional: true })
  name?: string;

  @Day({ about: 'Terhitung mulai tanggal: from when it has effect.' })
  tmt: string;

  @Nested(() => SkBody)
  sk: SkBody;
}

class AwardBody extends IntersectionType(Award, Accountable) {}

export class GiveAward extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly awarded: Award,
  ) {
    super();
  }
}

@CommandHandler(GiveAward)
export class GiveAwardHandler implements ICommandHandler<GiveAward> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, awarded }: GiveAward) {
    return this.servants.decide(subject, asking, (servant, context) => award(awarded, servant, context));
  }
}

@ApiTags('awards')
@Controller('v1/civil-servants')
export class AwardsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/awards', { roles: ['bkpsdm'] })
  async post(@Subject() subject: string, @Body() body: AwardBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new GiveAward(subject, asking, factIn(body)));
  }
}
