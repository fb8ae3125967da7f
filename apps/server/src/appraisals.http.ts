import { appraise } from '@app/domain/appraise';
import type { Penilai, Period } from '@app/domain/civil-servant';
import { RATINGS, type Rating } from '@app/domain/predikat';
import type { Asking } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiExtraModels, ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { Nested, NestedBy, OneOf, Text, Uuid, Whole, YesNo } from './body.ts';
import { Problem } from './problem.ts';
import { type Outcome, Servants } from './servants.ts';
import { UnitId } from './sk.ts';
import { Subject } from './subject.ts';

class SomePeriod {
  @OneOf(['tahunan', 'periodik'])
  kind: string;

  @Whole({ min: 1950, max: 2199 })
  year: number;
}

export class Tahunan extends SomePeriod {
  @OneOf(['tahunan'])
  override kind: 'tahunan';
}

export class Periodik extends SomePeriod {
  @OneOf(['periodik'])
  override kind: 'periodik';

  @Whole({ min: 1, max: 12, about: 'First month.' })
  from: number;

  @Whole({ min: 1, max: 12, about: 'Last month.' })
  to: number;
}

class PenilaiBody implements Penilai {
  @Uuid({ optional: true, about: 'The person of the record who appraised.' })
  subject?: string;

  @Text({ max: 200, optional: true, about: 'The jabatan of somebody outside the record.' })
  jabatan?: string;

  @YesNo()
  asn: boolean;
}

/** An appraisal of a year or a period. The predikat is not stated: it follows. */
export class Appraisal {
  @NestedBy('kind', SomePeriod, { tahunan: Tahunan, periodik: Periodik })
  period: Period;

  @OneOf(RATINGS, { about: 'Hasil kerja.' })
  hasil: Rating;

  @OneOf(RATINGS, { about: 'Perilaku kerja.' })
  perilaku: Rating;

  @Nested(() => PenilaiBody)
  penilai: PenilaiBody;

  @UnitId({ optional: true })
  unit?: string;
}

@ApiExtraModels(Tahunan, Periodik)
class AppraisalBody extends IntersectionType(Appraisal, Accountable) {}

export class ScoreAppraisal extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly appraisal: Appraisal,
  ) {
    super();
  }
}

@CommandHandler(ScoreAppraisal)
export class ScoreAppraisalHandler implements ICommandHandler<ScoreAppraisal> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, appraisal }: ScoreAppraisal) {
    return this.servants.decide(
      subject,
      asking,
      async (servant, context) =>
        (await this.servants.unknownUnit(appraisal.unit, 'unit')) ?? appraise(appraisal, servant, context),
    );
  }
}

@ApiTags('appraisals')
@Controller('v1/civil-servants')
export class AppraisalsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/appraisals', { roles: ['bkpsdm', 'pimpinan'] })
  async post(@Subject() subject: string, @Body() body: AppraisalBody, @Asks() asker: Asker) {
    const own = asker.subject !== undefined && asker.subject === body.penilai.subject;
    if (asker.role === 'pimpinan' && !own)
      throw new Problem(403, { detail: 'a pimpinan records only appraisals of one’s own making' });
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new ScoreAppraisal(subject, asking, factIn(body)));
  }
}
