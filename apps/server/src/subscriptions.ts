import {
  type Attempt,
  type Clearance,
  keysOf,
  newKeyPair,
  newSecret,
  Outbound,
  recover,
  type Subscription,
  sign,
  Tail,
} from '@app/delivery';
import { isRefusal, refuse } from '@app/domain/event';
import { SUBSCRIPTION, type SubscriptionChanged, subscriptionStream } from '@app/domain/integration';
import { type Asking, uuidv7 } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Injectable } from '@nestjs/common';
import {
  Command,
  CommandHandler,
  type ICommandHandler,
  type IQueryHandler,
  Query,
  QueryHandler,
} from '@nestjs/cqrs';
import type { Outcome } from './servants.ts';
import { changedTo, type SubscriptionTold, subscriptionTold } from './subscription-told.ts';

/** What is asked for; all that is not said is as the caller of this gives it. */
export type SubscriptionAsked = Pick<
  Subscription,
  'name' | 'owner' | 'key' | 'url' | 'filters' | 'ordering' | 'sees' | 'reads'
> & { readonly signature: 'v1' | 'v1a'; readonly after?: number };
type Change = Partial<
  Pick<Subscription, 'name' | 'url' | 'filters' | 'ordering' | 'sees' | 'reads' | 'state' | 'cursor'>
>;

const newSecretOf = (signature: 'v1' | 'v1a'): string =>
  signature === 'v1a' ? newKeyPair().privateKey : newSecret();

export class CreateSubscription extends Command<Outcome> {
  constructor(
    readonly asking: Asking,
    readonly asked: SubscriptionAsked,
  ) {
    super();
  }
}
export class ChangeSubscription extends Command<Outcome> {
  constructor(
    readonly asking: Asking,
    readonly subscription: Subscription,
    readonly change: Change,
  ) {
    super();
  }
}
export class RotateSubscription extends Command<Outcome> {
  constructor(
    readonly asking: Asking,
    readonly subscription: Subscription,
    readonly overlapMs: number,
  ) {
    super();
  }
}
export class DeleteSubscription extends Command<Outcome> {
  constructor(
    readonly asking: Asking,
    readonly subscription: Subscription,
  ) {
    super();
  }
}
export class RecoverDeliveries extends Command<{ readonly events: number; readonly upTo: number }> {
  constructor(
    readonly subscription: Subscription,
    readonly clearance: Clearance,
    readonly range: { readonly from: number; readonly to: number },
  ) {
    super();
  }
}
export class TrySubscription extends Command<Attempt> {
  constructor(readonly subscription: Subscription) {
    super();
  }
}
export class ListSubscriptions extends Query<{ readonly data: readonly SubscriptionTold[] }> {
  constructor(readonly owner: string | undefined) {
    super();
  }
}

/** The rows of subscriptions, and on the log every change: before what delivers more, after what delivers less. */
@Injectable()
export class SubscriptionDesk {
  constructor(
    private readonly record: OpenRecord,
    private readonly tail: Tail,
  ) {}

  async told(subscription: Subscription): Promise<SubscriptionTold> {
    const { count } = await this.record.subscriptions.held(subscription.id);
    return subscriptionTold(subscription, await this.tail.size(), count);
  }

  note(asking: Asking, subscription: Subscription, change: SubscriptionChanged['data']['change']) {
    return this.record.transact(SUBSCRIPTION, subscriptionStream(subscription.id), asking, () => [
      changedTo(subscription, change),
    ]);
  }

  /** A receipt with the subscription as it is now; `secret`: given out by this very call. */
  async receipt(outcome: Outcome, id: string, secret?: string): Promise<Outcome> {
    if ('moved' in outcome || isRefusal(outcome)) return outcome;
    const now = await this.record.subscriptions.find(id);
    return {
      ...outcome,
      ...(now ? { subscription: await this.told(now) } : {}),
      ...(secret === undefined ? {} : { secret }),
    };
  }
}

/** Asked again under one idempotency key it is one subscription: its id comes from that of the command. */
@CommandHandler(CreateSubscription)
export class CreateSubscriptionHandler implements ICommandHandler<CreateSubscription> {
  constructor(
    private readonly record: OpenRecord,
    private readonly desk: SubscriptionDesk,
    private readonly tail: Tail,
  ) {}

  async execute({ asking, asked: { signature, after, ...asked } }: CreateSubscription): Promise<Outcome> {
    const id = asking.commandId;
    const size = await this.tail.size();
    if (after !== undefined && after >= size)
      return refuse('ahead-of-the-log', `the log has ${size} events`, 'proof 3.22', 'after');
    const secret = newSecretOf(signature);
    const subscription: Subscription = {
      ...asked,
      id,
      secret,
      previousSecret: null,
      previousUntil: null,
      state: 'active',
      because: null,
      cursor: after ?? size - 1,
      fails: 0,
      failingSince: null,
      nextAt: 0,
      createdAt: Date.now(),
    };
    const outcome = await this.desk.note(asking, subscription, 'created');
    if ('moved' in outcome || isRefusal(outcome)) return outcome;
    const isNew = (await this.record.subscriptions.find(id)) === undefined;
    if (isNew) await this.record.subscriptions.add(subscription);
    return this.desk.receipt(outcome, id, isNew && signature === 'v1' ? secret : undefined);
  }
}

@CommandHandler(ChangeSubscription)
export class ChangeSubscriptionHandler implements ICommandHandler<ChangeSubscription> {
  constructor(
    private readonly record: OpenRecord,
    private readonly desk: SubscriptionDesk,
  ) {}

  async execute({ asking, subscription, change }: ChangeSubscription): Promise<Outcome> {
    const { subscriptions } = this.record;
    const opens = change.state === 'active' ? { because: null, fails: 0, failingSince: null, nextAt: 0 } : {};
    const what = change.state === 'paused' ? 'paused' : change.state === 'active' ? 'resumed' : 'changed';
    const isLess = change.state === 'paused';
    if (isLess) await subscriptions.change(subscription.id, change);
    const outcome = await this.desk.note(asking, { ...subscription, ...change }, what);
    if ('moved' in outcome || isRefusal(outcome)) return outcome;
    if (!isLess) await subscriptions.change(subscription.id, { ...change, ...opens });
    return this.desk.receipt(outcome, subscription.id);
  }
}

@CommandHandler(RotateSubscription)
export class RotateSubscriptionHandler implements ICommandHandler<RotateSubscription> {
  constructor(
    private readonly record: OpenRecord,
    private readonly desk: SubscriptionDesk,
  ) {}

  async execute({ asking, subscription, overlapMs }: RotateSubscription): Promise<Outcome> {
    const signature = keysOf(subscription).keys.length > 0 ? 'v1a' : 'v1';
    const secret = newSecretOf(signature);
    const outcome = await this.desk.note(asking, subscription, 'rotated');
    if ('moved' in outcome || isRefusal(outcome) || outcome.events.length === 0) return outcome;
    await this.record.subscriptions.change(subscription.id, {
      secret,
      previousSecret: subscription.secret,
      previousUntil: Date.now() + overlapMs,
    });
    return this.desk.receipt(outcome, subscription.id, signature === 'v1' ? secret : undefined);
  }
}

@CommandHandler(DeleteSubscription)
export class DeleteSubscriptionHandler implements ICommandHandler<DeleteSubscription> {
  constructor(
    private readonly record: OpenRecord,
    private readonly desk: SubscriptionDesk,
  ) {}

  async execute({ asking, subscription }: DeleteSubscription): Promise<Outcome> {
    await this.record.subscriptions.change(subscription.id, {
      state: 'paused',
      because: 'it is being deleted',
    });
    const outcome = await this.desk.note(asking, subscription, 'deleted');
    if ('moved' in outcome || isRefusal(outcome)) return outcome;
    await this.record.subscriptions.remove(subscription.id);
    return outcome;
  }
}

@CommandHandler(RecoverDeliveries)
export class RecoverDeliveriesHandler implements ICommandHandler<RecoverDeliveries> {
  constructor(
    private readonly record: OpenRecord,
    private readonly tail: Tail,
  ) {}

  execute({ subscription, clearance, range }: RecoverDeliveries) {
    return recover(
      { tail: this.tail, subscriptions: this.record.subscriptions },
      subscription,
      clearance,
      range,
    );
  }
}

/** Posts an event that is none, at once; whatever the sink answers is the answer, and nothing is changed by it. */
@CommandHandler(TrySubscription)
export class TrySubscriptionHandler implements ICommandHandler<TrySubscription> {
  constructor(
    private readonly outbound: Outbound,
    private readonly tail: Tail,
  ) {}

  execute({ subscription }: TrySubscription): Promise<Attempt> {
    const id = uuidv7();
    const body = Buffer.from(
      JSON.stringify({
        specversion: '1.0',
        id,
        source: this.tail.origin,
        type: 'id.jejak.Test.v1',
        subject: subscriptionStream(subscription.id),
        time: new Date().toISOString(),
        dataclassification: 'public',
      }),
    );
    const timestamp = Math.floor(Date.now() / 1_000);
    const signature = sign({ id, timestamp, body, ...keysOf(subscription) });
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    };
    return this.outbound.post({ url: subscription.url, headers, body });
  }
}

@QueryHandler(ListSubscriptions)
export class ListSubscriptionsHandler implements IQueryHandler<ListSubscriptions> {
  constructor(
    private readonly record: OpenRecord,
    private readonly desk: SubscriptionDesk,
  ) {}

  async execute({ owner }: ListSubscriptions) {
    const rows = await this.record.subscriptions.list(owner);
    return { data: await Promise.all(rows.map((row) => this.desk.told(row))) };
  }
}

export const SUBSCRIPTION_HANDLERS = [
  SubscriptionDesk,
  CreateSubscriptionHandler,
  ChangeSubscriptionHandler,
  RotateSubscriptionHandler,
  DeleteSubscriptionHandler,
  RecoverDeliveriesHandler,
  TrySubscriptionHandler,
  ListSubscriptionsHandler,
];
