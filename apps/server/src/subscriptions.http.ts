import { checkSink, parseFilters, type SinkPolicy, type Subscription } from '@app/delivery';
import { isPurpose } from '@app/ledger';
import { OpenRecord } from '@app/record';
import { Query as Asked, Body, Controller, Delete, Patch, Req } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { BodyQuestionDoor, CommandDoor, QuestionDoor } from './answer.ts';
import { Asker, Asks } from './asking.ts';
import { bearerIn } from './auth.ts';
import { WholeAsked } from './body.ts';
import { clearanceIn } from './clearance.ts';
import { granting, lower } from './granted.ts';
import { malformed, notFound, Problem } from './problem.ts';
import { OF_NOBODY } from './reads.ts';
import { actingRole } from './roles.ts';
import {
  ATTEMPTS,
  RECOVERED,
  SUBSCRIPTION_RECEIPT,
  SUBSCRIPTION_TOLD,
  SUBSCRIPTIONS,
  TRIED,
} from './schemas.ts';
import { SubscriptionId } from './subject.ts';
import {
  RecoverBody,
  SecretRotationBody,
  SubscriptionBody,
  SubscriptionChangeBody,
} from './subscription-bodies.ts';
import {
  ChangeSubscription,
  CreateSubscription,
  DeleteSubscription,
  ListSubscriptions,
  RecoverDeliveries,
  RotateSubscription,
  SubscriptionDesk,
  TrySubscription,
} from './subscriptions.ts';

/** Where webhooks may go, for the doors. */
export class Sinks {
  constructor(readonly policy: SinkPolicy) {}
}

const HOUR_MS = 3_600_000;
const MANAGERS = ['integrator', 'bkpsdm'] as const;
const LOOKERS = ['integrator', 'bkpsdm', 'inspektorat'] as const;

class AttemptsAsked {
  @WholeAsked({ min: 0, max: 999_999_999_999_999, optional: true, about: 'Of the event at this index.' })
  index?: number;

  @WholeAsked({ min: 1, max: 500, optional: true, about: 'At most so many, the last first; default 50.' })
  limit?: number;
}

/** Who is told of what by webhook. An integrator has to do with the own subscriptions only. */
@ApiTags('subscriptions')
@Controller('v1/subscriptions')
export class SubscriptionsHttp {
  constructor(
    private readonly bus: CommandBus,
    private readonly queries: QueryBus,
    private readonly record: OpenRecord,
    private readonly desk: SubscriptionDesk,
    private readonly sinks: Sinks,
  ) {}

  @CommandDoor('', { roles: MANAGERS, schema: SUBSCRIPTION_RECEIPT })
  async create(@Body() body: SubscriptionBody, @Asks() asker: Asker, @Req() request: FastifyRequest) {
    const asking = await asker.about(this.record, body);
    const { name, ordering = 'partition', filters = [], signature = 'v1', after } = body;
    return this.bus.execute(
      new CreateSubscription(asking, {
        name: named(name),
        owner: asking.actor,
        key: bearerIn(request)?.key ?? null,
        url: this.#sink(body.url),
        filters: filtersIn(filters),
        ordering,
        ...within(request, body),
        signature,
        ...(after === undefined ? {} : { after }),
      }),
    );
  }

  @QuestionDoor('', LOOKERS, SUBSCRIPTIONS, OF_NOBODY)
  async list(@Req() request: FastifyRequest) {
    return this.queries.execute(new ListSubscriptions(await this.#only(request)));
  }

  @QuestionDoor(':subscription', LOOKERS, SUBSCRIPTION_TOLD, OF_NOBODY)
  async tell(@SubscriptionId() id: string, @Req() request: FastifyRequest) {
    return this.desk.told(await this.#known(id, request));
  }

  /** What was attempted last. The answers of sinks are theirs, and may say anything. */
  @QuestionDoor(':subscription/attempts', LOOKERS, ATTEMPTS, OF_NOBODY)
  async attempts(
    @SubscriptionId() id: string,
    @Asked() { index, limit = 50 }: AttemptsAsked,
    @Req() request: FastifyRequest,
  ) {
    await this.#known(id, request);
    const rows = await this.record.subscriptions.attempts(id, limit, index);
    return {
      data: rows.map(({ subscription: _, at, ...row }) => ({ ...row, at: new Date(at).toISOString() })),
    };
  }

  @CommandDoor(':subscription', { roles: MANAGERS, method: Patch, schema: SUBSCRIPTION_RECEIPT })
  async change(
    @SubscriptionId() id: string,
    @Body() body: SubscriptionChangeBody,
    @Asks() asker: Asker,
    @Req() request: FastifyRequest,
  ) {
    const known = await this.#known(id, request);
    const asking = await asker.about(this.record, body);
    await this.#allows(known, body);
    const clearance = body.sees || body.reads ? within(request, { ...known, ...body }) : {};
    return this.bus.execute(new ChangeSubscription(asking, known, { ...this.#changeIn(body), ...clearance }));
  }

  @CommandDoor(':subscription/rotate', { roles: MANAGERS, schema: SUBSCRIPTION_RECEIPT })
  async rotate(
    @SubscriptionId() id: string,
    @Body() body: SecretRotationBody,
    @Asks() asker: Asker,
    @Req() request: FastifyRequest,
  ) {
    const known = await this.#known(id, request);
    const asking = await asker.about(this.record, body);
    return this.bus.execute(new RotateSubscription(asking, known, (body.overlapHours ?? 24) * HOUR_MS));
  }

  @CommandDoor(':subscription', { roles: MANAGERS, method: Delete, schema: SUBSCRIPTION_RECEIPT })
  async delete(@SubscriptionId() id: string, @Asks() asker: Asker, @Req() request: FastifyRequest) {
    const known = await this.#known(id, request);
    return this.bus.execute(new DeleteSubscription(await asker.about(this.record, {}), known));
  }

  /** Has events that were delivered before delivered once more: one by its id, or a range of indexes. */
  @BodyQuestionDoor(':subscription/recover', MANAGERS, RECOVERED, OF_NOBODY)
  async recover(@SubscriptionId() id: string, @Body() body: RecoverBody, @Req() request: FastifyRequest) {
    const known = await this.#known(id, request);
    const clearance = await granting(this.record)(known);
    if (!clearance)
      throw new Problem(409, { detail: 'the key of this subscription is good for nothing any more' });
    return this.bus.execute(new RecoverDeliveries(known, clearance, await this.#range(body)));
  }

  /** Posts a test to the sink, at once, and tells what it answered. */
  @BodyQuestionDoor(':subscription/test', MANAGERS, TRIED, OF_NOBODY)
  async test(@SubscriptionId() id: string, @Req() request: FastifyRequest) {
    return this.bus.execute(new TrySubscription(await this.#known(id, request)));
  }

  async #range({ event, from, to }: RecoverBody): Promise<{ from: number; to: number }> {
    if (event !== undefined) {
      const found = await this.record.journal.find(event);
      if (!found) throw notFound('there is no such event (yet)');
      return { from: found.index, to: found.index };
    }
    if (from === undefined || to === undefined || to < from)
      throw malformed('#', 'names an event, or a range: from, and to that is not before it');
    return { from, to };
  }

  /** Refuses an index that the log does not have, and another ordering while the lanes of the one before are held. */
  async #allows({ id, ordering }: Subscription, asked: SubscriptionChangeBody): Promise<void> {
    const size = await this.record.journal.size();
    if ((asked.after ?? -1) >= size) throw malformed('#/after', `is past the log, which has ${size} events`);
    if ((asked.ordering ?? ordering) === ordering) return;
    const { count } = await this.record.subscriptions.held(id);
    if (count > 0)
      throw new Problem(409, {
        detail: `${count} events are held in the order of before; change the ordering when they are delivered, or make another subscription`,
      });
  }

  #changeIn({ name, url, filters, ordering, state, after }: SubscriptionChangeBody) {
    return {
      ...(name === undefined ? {} : { name: named(name) }),
      ...(url === undefined ? {} : { url: this.#sink(url) }),
      ...(filters === undefined ? {} : { filters: filtersIn(filters) }),
      ...(ordering === undefined ? {} : { ordering }),
      ...(state === undefined ? {} : { state }),
      ...(after === undefined ? {} : { cursor: after }),
    };
  }

  #sink(text: string): string {
    const fault = checkSink(text, this.sinks.policy);
    if (fault !== undefined) throw malformed('#/url', fault);
    return new URL(text).href;
  }

  async #known(id: string, request: FastifyRequest): Promise<Subscription> {
    const [known, only] = [await this.record.subscriptions.find(id), await this.#only(request)];
    if (!known || (only !== undefined && known.owner !== only))
      throw notFound('there is no such subscription');
    return known;
  }

  /** The account whose subscriptions alone the asker has to do with; undefined: with all. */
  async #only(request: FastifyRequest): Promise<string | undefined> {
    if (actingRole(request) !== 'integrator') return undefined;
    const bearer = bearerIn(request);
    return bearer && this.record.people.account(bearer.issuer, bearer.name);
  }
}

/** What stands in the table and in lists names nobody by number. */
function named(name: string): string {
  if (isPurpose(name)) return name;
  throw malformed('#/name', 'is the name of a system, and holds no number of a person');
}

function filtersIn(asked: readonly object[]): string {
  const parsed = parseFilters(asked, '#/filters');
  if ('filters' in parsed) return JSON.stringify(parsed.filters);
  const [first] = parsed.faults;
  throw new Problem(400, { detail: first?.detail ?? '', errors: [...parsed.faults] });
}

/** No more than the asker may be told. */
function within(request: FastifyRequest, { sees, reads }: Partial<Pick<Subscription, 'sees' | 'reads'>>) {
  const own = clearanceIn(request);
  const seen = lower(own.sees, sees ?? own.sees);
  return { sees: seen, reads: lower(seen, lower(own.reads, reads ?? own.reads)) };
}
