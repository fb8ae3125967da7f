import type { FactEvent } from '@app/domain/civil-servant';
import { correct } from '@app/domain/mend';
import type { Asking } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiExtraModels, ApiTags, IntersectionType } from '@nestjs/swagger';
import { Annulment } from './annulments.http.ts';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { NestedBy } from './body.ts';
import { FACTS, SomeFact } from './facts.ts';
import { type Outcome, Servants } from './servants.ts';
import { Subject } from './subject.ts';

/** Which event is replaced, why, and by what: a fact of the same type. */
export class Correction extends Annulment {
  @NestedBy('type', SomeFact, FACTS)
  fact: FactEvent;
}

@ApiExtraModels(...Object.values(FACTS))
class CorrectionBody extends IntersectionType(Correction, Accountable) {}

export class Correct extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly correction: Correction,
  ) {
    super();
  }
}

@CommandHandler(Correct)
export class CorrectHandler implements ICommandHandler<Correct> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, correction }: Correct) {
    return this.servants.decide(
      subject,
      asking,
      async (servant, context) =>
        (await this.servants.unknownUnit(unitIn(correction.fact), 'unit')) ??
        correct(correction, servant, context),
    );
  }
}

const unitIn = ({ data }: FactEvent): string | undefined => ('unit' in data ? data.unit : undefined);

@ApiTags('corrections')
@Controller('v1/civil-servants')
export class CorrectionsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/corrections', { roles: ['bkpsdm'], pointerOf })
  async post(@Subject() subject: string, @Body() body: CorrectionBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new Correct(subject, asking, factIn(body)));
  }
}

/** Rules of the fact name its fields; the rest are the correction's own. */
function pointerOf(field: string): string {
  return /^(event|fact)(\/|$)/.test(field) ? `#/${field}` : `#/fact/data/${field}`;
}
