import { annul } from '@app/domain/mend';
import type { Asking } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { Nested, Text, Uuid } from './body.ts';
import { type Outcome, Servants } from './servants.ts';
import { SkBody } from './sk.ts';
import { Subject } from './subject.ts';

/** Which event is undone, and why. */
export class Annulment {
  @Uuid()
  event: string;

  @Text({ max: 1_000 })
  because: string;

  @Nested(() => SkBody, { optional: true })
  sk?: SkBody;
}

class AnnulmentBody extends IntersectionType(Annulment, Accountable) {}

export class Annul extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly annulment: Annulment,
  ) {
    super();
  }
}

@CommandHandler(Annul)
export class AnnulHandler implements ICommandHandler<Annul> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, annulment }: Annul) {
    return this.servants.decide(subject, asking, (servant) => annul(annulment, servant));
  }
}

@ApiTags('annulments')
@Controller('v1/civil-servants')
export class AnnulmentsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/annulments', { roles: ['bkpsdm'] })
  async post(@Subject() subject: string, @Body() body: AnnulmentBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new Annul(subject, asking, factIn(body)));
  }
}
