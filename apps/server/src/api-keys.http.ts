import { MOST_KEY_DAYS } from '@app/domain/api-key';
import { CLASSIFICATIONS, type Classification } from '@app/domain/classification';
import type { Asking } from '@app/event-store';
import { isPurpose, PURPOSE_IS } from '@app/ledger';
import { KEY_DAYS, type KeyTold, MOST_OVERLAP_HOURS, OVERLAP_HOURS, type TermsAsked } from '@app/people';
import { OpenRecord } from '@app/record';
import { Body, Controller, Delete, Param, Patch } from '@nestjs/common';
import {
  Command,
  CommandBus,
  CommandHandler,
  type ICommandHandler,
  type IQueryHandler,
  Query,
  QueryBus,
  QueryHandler,
} from '@nestjs/cqrs';
import { ApiTags, IntersectionType } from '@nestjs/swagger';
import { CommandDoor, QuestionDoor } from './answer.ts';
import { Accountable, Asker, Asks, factIn } from './asking.ts';
import { OneOf, Text, Whole } from './body.ts';
import { malformed, notFound } from './problem.ts';
import { OF_NOBODY } from './reads.ts';
import { API_KEY_RECEIPT, API_KEY_TOLD, API_KEYS } from './schemas.ts';
import type { Outcome } from './servants.ts';

const HOUR_MS = 3_600_000;

class Named {
  @Text({ max: 100, about: 'Whose key it is: a system, not a person.' })
  name: string;

  @Text({ max: 200, about: 'What its reads are for, kept in the access log where a read does not say it.' })
  purpose: string;
}

class Renamed {
  @Text({ max: 100, optional: true })
  name?: string;

  @Text({ max: 200, optional: true })
  purpose?: string;
}

class Allowed {
  @OneOf(CLASSIFICATIONS, { optional: true, about: 'Events up to this class are told of; restricted.' })
  sees?: Classification;

  @OneOf(CLASSIFICATIONS, { optional: true, about: 'Data up to this class are given; internal.' })
  reads?: Classification;

  @Whole({ min: 1, max: MOST_KEY_DAYS, optional: true, about: `How long from now; ${KEY_DAYS}.` })
  days?: number;
}

class Overlap {
  @Whole({
    min: 0,
    max: MOST_OVERLAP_HOURS,
    optional: true,
    about: `How long the secret before stays good; ${OVERLAP_HOURS}.`,
  })
  overlapHours?: number;
}

class IssueBody extends IntersectionType(Named, Allowed, Accountable) {}
class ChangeBody extends IntersectionType(Renamed, Allowed, Accountable) {}
class RotateBody extends IntersectionType(Overlap, Accountable) {}

export class IssueApiKey extends Command<Outcome> {
  constructor(
    readonly asking: Asking,
    readonly terms: TermsAsked,
  ) {
    super();
  }
}

@CommandHandler(IssueApiKey)
export class IssueApiKeyHandler implements ICommandHandler<IssueApiKey> {
  constructor(private readonly record: OpenRecord) {}

  execute({ asking, terms }: IssueApiKey) {
    return this.record.apiKeys.issue(terms, asking);
  }
}

export class ChangeApiKey extends Command<Outcome> {
  constructor(
    readonly key: string,
    readonly asking: Asking,
    readonly terms: Partial<TermsAsked>,
  ) {
    super();
  }
}

@CommandHandler(ChangeApiKey)
export class ChangeApiKeyHandler implements ICommandHandler<ChangeApiKey> {
  constructor(private readonly record: OpenRecord) {}

  execute({ key, asking, terms }: ChangeApiKey) {
    return this.record.apiKeys.change(key, terms, asking);
  }
}

export class RotateApiKey extends Command<Outcome> {
  constructor(
    readonly key: string,
    readonly asking: Asking,
    readonly overlapMs: number,
  ) {
    super();
  }
}

@CommandHandler(RotateApiKey)
export class RotateApiKeyHandler implements ICommandHandler<RotateApiKey> {
  constructor(private readonly record: OpenRecord) {}

  execute({ key, asking, overlapMs }: RotateApiKey) {
    return this.record.apiKeys.rotate(key, overlapMs, asking);
  }
}

export class RevokeApiKey extends Command<Outcome> {
  constructor(
    readonly key: string,
    readonly asking: Asking,
  ) {
    super();
  }
}

@CommandHandler(RevokeApiKey)
export class RevokeApiKeyHandler implements ICommandHandler<RevokeApiKey> {
  constructor(private readonly record: OpenRecord) {}

  execute({ key, asking }: RevokeApiKey) {
    return this.record.apiKeys.revoke(key, asking);
  }
}

export class ListApiKeys extends Query<{ readonly data: readonly KeyTold[] }> {}

@QueryHandler(ListApiKeys)
export class ListApiKeysHandler implements IQueryHandler<ListApiKeys> {
  constructor(private readonly record: OpenRecord) {}

  async execute() {
    return { data: await this.record.apiKeys.list() };
  }
}

export class TellApiKey extends Query<KeyTold | undefined> {
  constructor(readonly key: string) {
    super();
  }
}

@QueryHandler(TellApiKey)
export class TellApiKeyHandler implements IQueryHandler<TellApiKey> {
  constructor(private readonly record: OpenRecord) {}

  execute({ key }: TellApiKey) {
    return this.record.apiKeys.find(key);
  }
}

/** Keys are the administration's; auditors see which there are. No answer is kept by anybody on the way (`no-store`). */
@ApiTags('api-keys')
@Controller('v1/api-keys')
export class ApiKeysHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly queries: QueryBus,
    private readonly record: OpenRecord,
  ) {}

  @CommandDoor('', { roles: ['bkpsdm'], schema: API_KEY_RECEIPT })
  async issue(@Body() body: IssueBody, @Asks() asker: Asker) {
    const asking = await asker.about(this.record, namingNobody(body));
    const { sees = 'restricted', reads = 'internal', days = KEY_DAYS, name, purpose } = body;
    return this.bus.execute(new IssueApiKey(asking, { name, purpose, sees, reads, days }));
  }

  @QuestionDoor('', ['bkpsdm', 'inspektorat'], API_KEYS, OF_NOBODY)
  list() {
    return this.queries.execute(new ListApiKeys());
  }

  @QuestionDoor(':key', ['bkpsdm', 'inspektorat'], API_KEY_TOLD, OF_NOBODY)
  tell(@Param('key') key: string) {
    return this.#known(key);
  }

  @CommandDoor(':key', { roles: ['bkpsdm'], method: Patch, schema: API_KEY_RECEIPT })
  async change(@Param('key') key: string, @Body() body: ChangeBody, @Asks() asker: Asker) {
    await this.#known(key);
    const asking = await asker.about(this.record, namingNobody(body));
    return this.bus.execute(new ChangeApiKey(key, asking, factIn(body)));
  }

  @CommandDoor(':key/rotate', { roles: ['bkpsdm'], schema: API_KEY_RECEIPT })
  async rotate(@Param('key') key: string, @Body() body: RotateBody, @Asks() asker: Asker) {
    await this.#known(key);
    const asking = await asker.about(this.record, body);
    const { overlapHours = OVERLAP_HOURS } = body;
    return this.bus.execute(new RotateApiKey(key, asking, overlapHours * HOUR_MS));
  }

  @CommandDoor(':key', { roles: ['bkpsdm'], method: Delete, schema: API_KEY_RECEIPT })
  async revoke(@Param('key') key: string, @Asks() asker: Asker) {
    await this.#known(key);
    return this.bus.execute(new RevokeApiKey(key, await asker.about(this.record, {})));
  }

  async #known(key: string): Promise<KeyTold> {
    const known = await this.queries.execute(new TellApiKey(key));
    if (!known) throw notFound('there is no such key');
    return known;
  }
}

/** What stays on the log and in the access log names nobody by number. */
function namingNobody<B extends { readonly name?: string; readonly purpose?: string }>(body: B): B {
  for (const field of ['name', 'purpose'] as const)
    if (body[field] !== undefined && !isPurpose(body[field]))
      throw malformed(`#/${field}`, `is ${PURPOSE_IS}`);
  return body;
}
