import type { Settings } from '@app/config';
import { Outbound, type Subscription, sinkPolicy, Tail, wakeDeliveries, webhookJobs } from '@app/delivery';
import { SUBSCRIPTION, subscriptionStream } from '@app/domain/integration';
import { uuidv7 } from '@app/event-store';
import { bullCarrier, type Carrier, Courier } from '@app/jobs';
import type { OpenRecord } from '@app/record';
import type { Log } from './follower.ts';
import { granting } from './granted.ts';
import { changedTo } from './subscription-told.ts';

/** How many subscriptions are delivered for at the same time, and how often is looked whether one has something. */
const AT_ONCE = 64;
const LOOK_MS = 100;

/** Delivers by webhook, for as long as this process carries. */
export class Deliverer {
  readonly carrier: Carrier | undefined;
  readonly #courier: Courier;
  readonly #outbound: Outbound;
  readonly #tail: Tail;
  readonly #stop = new AbortController();
  #waking: Promise<void> = Promise.resolve();

  constructor(
    private readonly record: OpenRecord,
    { redisUrl, webhookAllow, publicUrl }: Settings,
    private readonly log: Log,
  ) {
    const { jobs, subscriptions, journal } = record;
    this.carrier = redisUrl
      ? bullCarrier(redisUrl, (cause) => this.#failed(cause), 'jejak-webhooks', AT_ONCE)
      : undefined;
    this.#outbound = new Outbound(sinkPolicy(webhookAllow));
    this.#tail = new Tail(journal, publicUrl);
    const kind = webhookJobs({
      tail: this.#tail,
      jobs,
      subscriptions,
      outbound: this.#outbound,
      granted: granting(record),
      changed: (subscription, change) => this.#changed(subscription, change),
    });
    this.#courier = new Courier(jobs, [kind], (cause) => this.#failed(cause), this.carrier, {
      everyMs: LOOK_MS,
      atOnce: AT_ONCE,
    });
  }

  start(): void {
    this.#courier.start();
    this.#waking = wakeDeliveries(this.#tail, this.record.jobs, this.#stop.signal, (cause) =>
      this.#failed(cause),
    );
  }

  /** Ends when nothing of it uses the record any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#courier.stop();
    await this.#waking;
    this.#outbound.close();
  }

  async #changed(subscription: Subscription, change: 'disabled' | 'healed'): Promise<void> {
    const actor = await this.record.people.account('urn:jejak:courier', 'webhooks');
    const commandId = uuidv7();
    const asking = { actor, role: 'operator', commandId, correlationId: commandId, askedAt: Date.now() };
    await this.record.transact(SUBSCRIPTION, subscriptionStream(subscription.id), asking, () => [
      changedTo(subscription, change),
    ]);
  }

  #failed(cause: unknown): void {
    this.log.error('a delivery cannot go on; will try again', cause);
  }
}
