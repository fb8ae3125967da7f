import { NOBODY } from '@app/domain/civil-servant';
import { isRefusal, type Refusal } from '@app/domain/event';
import { register } from '@app/domain/register';
import type { Asking } from '@app/event-store';
import type { Particulars } from '@app/people';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { Day, Matching, Nested, OneOf, Text } from './body.ts';
import { Registration } from './registration.ts';
import { type Outcome, Servants } from './servants.ts';

/** Who somebody is: kept beside the log, never in it. */
class PersonBody {
  @Matching({ pattern: '^[0-9A-Fa-f]{32}$', is: '32 hexadecimal digits', max: 32, optional: true })
  pnsId?: string;

  @Matching({ pattern: '^[0-9]{18}$', is: '18 digits', max: 18 })
  nip: string;

  @Text({ max: 200 })
  name: string;

  @Text({ max: 50, optional: true })
  gelarDepan?: string;

  @Text({ max: 50, optional: true })
  gelarBelakang?: string;

  @Day()
  born: string;

  @OneOf(['pria', 'wanita'], { optional: true })
  sex?: 'pria' | 'wanita';

  @Matching({ pattern: '^[0-9]{16}$', is: '16 digits', max: 16, optional: true })
  nik?: string;

  @Matching({ pattern: '^[+0-9() -]+$', is: 'a telephone number', max: 30, optional: true })
  phone?: string;

  @Matching({ pattern: '^[^@\\s]+@[^@\\s]+$', is: 'an e-mail address', max: 254, optional: true })
  email?: string;

  @Text({ max: 500, optional: true })
  address?: string;
}

class WithPerson {
  @Nested(() => PersonBody)
  person: PersonBody;
}

class RegistrationBody extends IntersectionType(Registration, WithPerson, Accountable) {}

export class Register extends Command<Outcome> {
  constructor(
    readonly asking: Asking,
    readonly person: Particulars,
    readonly registration: Registration,
  ) {
    super();
  }
}

@CommandHandler(Register)
export class RegisterHandler implements ICommandHandler<Register> {
  constructor(
    private readonly record: OpenRecord,
    private readonly servants: Servants,
  ) {}

  /** The person is entered first, so that nothing in the log is about nobody; and only where the rules allow it. */
  async execute({ asking, person, registration }: Register): Promise<Outcome> {
    const known = await this.#known(person);
    const subject = known ?? (await this.#enterAnew(person, registration, asking.actor));
    if (typeof subject !== 'string') return subject;
    const { born } = person;
    return this.servants.decide(subject, asking, async (servant, context) => {
      const decided = register(registration, servant, { ...context, born });
      if (isRefusal(decided)) return decided;
      const entered = await this.record.people.enter(person, this.record.today());
      return isRefusal(entered) ? inPerson(entered) : decided;
    });
  }

  async #known({ nip, pnsId }: Particulars): Promise<string | undefined> {
    const { people } = this.record;
    const found = (pnsId === null ? null : await people.byPnsId(pnsId)) ?? (await people.byNip(nip));
    return found?.subject;
  }

  async #enterAnew(
    person: Particulars,
    registration: Registration,
    actor: string,
  ): Promise<string | Refusal> {
    const today = this.record.today();
    const context = { subject: '', actor, today, born: person.born, id: () => '' };
    const decided = register(registration, NOBODY, context);
    if (isRefusal(decided)) return decided;
    const entered = await this.record.people.enter(person, today);
    return isRefusal(entered) ? inPerson(entered) : entered.person.subject;
  }
}

const inPerson = (refusal: Refusal): Refusal => ({
  ...refusal,
  ...(refusal.field === undefined ? {} : { field: `person/${refusal.field}` }),
});

const particulars = (person: PersonBody): Particulars => ({
  pnsId: null,
  gelarDepan: null,
  gelarBelakang: null,
  sex: null,
  nik: null,
  phone: null,
  email: null,
  address: null,
  ...person,
});

@ApiTags('civil-servants')
@Controller('v1')
export class CivilServantsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor('civil-servants', { roles: ['bkpsdm'] })
  async post(@Body() body: RegistrationBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, body, ['person']);
    const { person, ...registration } = factIn(body);
    return this.bus.execute(new Register(asking, particulars(person), registration));
  }
}
