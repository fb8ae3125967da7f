import { appoint } from '@app/domain/appoint';
import {
  ESELON,
  type JenisJabatan,
  KINDS_OF_JABATAN,
  KINDS_OF_PENUGASAN,
  type Penugasan,
} from '@app/domain/jabatan';
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

/** A jabatan, and how it is held. */
export class Appointment {
  @Text({ max: 200 })
  jabatan: string;

  @OneOf(KINDS_OF_JABATAN)
  jenis: JenisJabatan;

  @OneOf(Object.values(ESELON), { optional: true })
  eselon?: string;

  @OneOf(KINDS_OF_PENUGASAN)
  penugasan: Penugasan;

  @Day({ about: 'Terhitung mulai tanggal: from when it has effect.' })
  tmt: string;

  @Nested(() => SkBody)
  sk: SkBody;
}

class AppointmentBody extends IntersectionType(Appointment, Accountable) {}

export class Appoint extends Command<Outcome> {
  constructor(
    readonly subject: string,
    readonly asking: Asking,
    readonly appointment: Appointment,
  ) {
    super();
  }
}

@CommandHandler(Appoint)
export class AppointHandler implements ICommandHandler<Appoint> {
  constructor(private readonly servants: Servants) {}

  execute({ subject, asking, appointment }: Appoint) {
    return this.servants.decide(subject, asking, (servant, context) =>
      appoint(appointment, servant, context),
    );
  }
}

@ApiTags('appointments')
@Controller('v1/civil-servants')
export class AppointmentsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor(':subject/appointments', { roles: ['bkpsdm'] })
  async post(@Subject() subject: string, @Body() body: AppointmentBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new Appoint(subject, asking, factIn(body)));
  }
}
