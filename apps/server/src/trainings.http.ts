import { completeTraining } from '@app/domain/complete-training';
import { JENIS_PELATIHAN, type TrainingForm } from '@app/domain/training';
import type { Asking } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { Day, OneOf, Text, Whole } from './body.ts';
import { type Outcome, Servants } from './servants.ts';
import { Subject } from './subject.ts';

/** A training that was completed. */
export class Training {
  @Text({ max: 300 })
  name: string;

  @OneOf(JENIS_PELATIHAN)
  form: TrainingForm;

  @Text({ max: 200 })
  organiser: string;

  @Text({ max: 100, optional: true, about: 'Number of the certificate.' })
  certificate?: string;

  @Day()
  from: string;

  @Day()
  to: string;

  @Whole({ min: 1950, max: 2199, about: 'The year that the hours count for.' })
  year: number;

  @Whole({ min: 1, max: 2_000, about: 'Hours of 45 minutes that are claimed.' })
  jpClaimed: number;

  @Whole({ min: 0, max: 2_000, optional: true, about: 'Hours that are granted; default: all.' })
  jpRecognised?: number;
}

class TrainingBody extends IntersectionType(Training, Accountable) {}

export class CompleteTraining extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly training: Training,
  ) {
    super();
  }
}

@CommandHandler(CompleteTraining)
export class CompleteTrainingHandler implements ICommandHandler<CompleteTraining> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, training }: CompleteTraining) {
    return this.servants.decide(subject, asking, (servant, context) =>
      completeTraining(training, servant, context),
    );
  }
}

@ApiTags('trainings')
@Controller('v1/civil-servants')
export class TrainingsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/trainings', { roles: ['bkpsdm'] })
  async post(@Subject() subject: string, @Body() body: TrainingBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new CompleteTraining(subject, asking, factIn(body)));
  }
}
