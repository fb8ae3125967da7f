import { setTimeout as wait } from 'node:timers/promises';
import type { Done, Job, Jobs } from '@app/jobs';
import type { Sql } from '@app/journal';
import type { Clearance } from './cloud-event.ts';
import { Endpoint, isOpen, isTroubled, type Patience } from './endpoint.ts';
import { type Filter, matcher } from './filter.ts';
import { inLanes, isOurs, keysOf, type Parcel, parcelOf, sendLanes } from './lanes.ts';
import type { Attempt, Outbound } from './outbound.ts';
import { cameOf, type Fresh, type Round } from './round.ts';
import { retryAfter } from './schedule.ts';
import { sign } from './signature.ts';
import { BEHIND, type Held, type Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Tail } from './tail.ts';

/** What a pump works with. */
export type Pumping = {
  readonly tail: Tail;
  readonly jobs: Jobs;
  readonly subscriptions: Subscriptions;
  readonly outbound: Pick<Outbound, 'post'>;
  /** What the sink may be told now; undefined: nothing any more. */
  readonly granted: (subscription: Subscription) => Promise<Clearance | undefined>;
  /** Told when a subscription is disabled by its failures, or heals. */
  readonly changed: (subscription: Subscription, change: 'disabled' | 'healed') => Promise<void>;
  readonly options: PumpOptions;
};

/** All times in ms. */
export type PumpOptions = Patience & {
  /** How long a claim on a subscription lasts; an attempt takes less than half of it. */
  readonly claimMs: number;
  /** How many lanes are sent at the same time, and how many events are read at once. */
  readonly atOnce: number;
  readonly batch: number;
  /** For how long a pump with nothing to do waits for more before it lets go. */
  readonly lingerMs: number;
  /** How long to wait after so many attempts with one event. */
  readonly retryMs: (attempts: number) => number;
};

const HOUR_MS = 3_600_000;
export const PUMP_OPTIONS: PumpOptions = {
  claimMs: 60_000,
  atOnce: 32,
  batch: 256,
  lingerMs: 2_000,
  retryMs: retryAfter,
  easeMs: (rounds) => Math.min(300_000, 1_000 * 2 ** Math.min(rounds, 12)),
  disableAfterMs: 120 * HOUR_MS,
  probeMs: HOUR_MS,
};
const DAY_MS = 24 * HOUR_MS;

/**
 * Delivers for one subscription, from its cursor on, for as long as there is something to do and the claim of its job
 * holds. What came of a round is written in one transaction that makes sure of the claim: after a crash some of a round
 * is delivered again, under the same ids, and never an event before one that it must not overtake.
 */
export class Pump {
  /** The claim is sure for half its time from then on; no attempt begins later. */
  #claimedAt = performance.now();

  constructor(
    private readonly by: Pumping,
    private readonly job: Job,
  ) {}

  /** Ends when there has been nothing to do for a while, and says when there is again. */
  async run(signal: AbortSignal): Promise<Done> {
    while (!signal.aborted) {
      const subscription = await this.by.subscriptions.find(this.job.key);
      if (!subscription) return { outcome: 'the subscription was deleted' };
      const isDue = isOpen(subscription) && subscription.nextAt <= Date.now();
      if (isDue && (await this.#round(subscription, signal))) continue;
      if (!(await this.#lingers(subscription, signal))) return this.#later(subscription.cursor);
    }
    throw new Error('stopped');
  }

  /** Waits a little; whether there is something to do then. */
  async #lingers(subscription: Subscription, signal: AbortSignal): Promise<boolean> {
    const { tail, options } = this.by;
    const dueAt = await this.#dueAt(subscription);
    const ms = Math.min(options.lingerMs, Math.max(0, dueAt - Date.now()));
    const takesNew = await this.#takesNew(subscription);
    if (takesNew) await tail.beyond(subscription.cursor, ms, signal);
    else await wait(ms, undefined, { signal }).catch(() => undefined);
    return dueAt <= Date.now() || (takesNew && (await tail.size()) > subscription.cursor + 1);
  }

  /** When there is something to do again, seen as it settles: at once where there is something new, whoever was told. */
  #later(cursor: number): Done {
    const againAt = async (sql: Sql) => {
      const subscription = await this.by.subscriptions.find(this.job.key, sql);
      if (!subscription) return Date.now();
      const [row] = await sql<{ size: number }>('SELECT COALESCE(MAX(idx) + 1, 0) AS size FROM journal');
      const isBehind = (row?.size ?? 0) > subscription.cursor + 1;
      if (isBehind && (await this.#takesNew(subscription, sql))) return Date.now();
      return this.#dueAt(subscription, sql);
    };
    return { outcome: `up to ${cursor}`, againAt };
  }

  /** When something held may be tried, or the sink again. */
  async #dueAt(subscription: Subscription, sql?: Sql): Promise<number> {
    const never = Date.now() + DAY_MS;
    if (!isOpen(subscription)) return never;
    const held = await this.by.subscriptions.nextDue(subscription.id, sql);
    if (held === undefined) return subscription.nextAt > Date.now() ? subscription.nextAt : never;
    return Math.min(
      never,
      isTroubled(subscription) ? subscription.nextAt : Math.max(held, subscription.nextAt),
    );
  }

  /** Whether new events are sent now: not while the sink rests, nor past what is held where that must not be. */
  async #takesNew(subscription: Subscription, sql?: Sql): Promise<boolean> {
    if (!isOpen(subscription) || subscription.nextAt > Date.now()) return false;
    const mayPass = subscription.ordering !== 'total' && !isTroubled(subscription);
    return mayPass || (await this.by.subscriptions.nextDue(subscription.id, sql)) === undefined;
  }

  /** Sends what is due and what is new; false: there was nothing. */
  async #round(subscription: Subscription, signal: AbortSignal): Promise<boolean> {
    const { subscriptions, options } = this.by;
    await this.#renewClaim();
    const clearance = await this.by.granted(subscription);
    if (!clearance) {
      const because = 'its key is good for nothing any more';
      return subscriptions.change(subscription.id, { state: 'paused', because });
    }
    const most = isTroubled(subscription) ? 1 : options.batch;
    const due = await subscriptions.due(
      subscription.id,
      isTroubled(subscription) ? BEHIND - 1 : Date.now(),
      most,
    );
    const held = await this.#again(subscription, clearance, due);
    const fresh = await this.#fresh(subscription, clearance, most);
    if (due.length === 0 && fresh.upTo === subscription.cursor) return false;
    const endpoint = new Endpoint(subscription, options);
    const post = async (parcel: Parcel) => {
      const attempt = await this.#post(subscription, parcel, signal);
      if (!isOurs(attempt)) endpoint.saw(attempt, Date.now());
      return attempt;
    };
    const goesOn = () => !signal.aborted && this.#isClaimSure() && endpoint.goesOn;
    const lanes = inLanes([...held, ...fresh.parcels]);
    const sent = await sendLanes(lanes, Math.min(most, options.atOnce), post, goesOn);
    await this.#write(subscription, endpoint, { sent, due, fresh });
    return true;
  }

  /** What was held and is due, in words of now; what may not be told any more is left out. */
  async #again(subscription: Subscription, clearance: Clearance, due: readonly Held[]): Promise<Parcel[]> {
    const parcels: Parcel[] = [];
    for (const { index, attempts } of due) {
      const parcel = parcelOf(await this.by.tail.one(index), subscription, clearance, attempts);
      if (parcel) parcels.push(parcel);
    }
    return parcels;
  }

  async #fresh(subscription: Subscription, clearance: Clearance, most: number): Promise<Fresh> {
    const { cursor, id, filters } = subscription;
    if (!(await this.#takesNew(subscription))) return { parcels: [], behind: [], upTo: cursor };
    const { told, upTo } = await this.by.tail.read(cursor, {}, clearance, most);
    const isWanted = matcher(JSON.parse(filters) as Filter[]);
    const wanted = told
      .filter((one) => isWanted(one.event(clearance) ?? {}))
      .flatMap((one) => parcelOf(one, subscription, clearance, 0) ?? []);
    const blocked = await this.by.subscriptions.blocked(id, [...new Set(wanted.map(({ lane }) => lane))]);
    return {
      parcels: wanted.filter(({ lane }) => !blocked.has(lane)),
      behind: wanted.filter(({ lane }) => blocked.has(lane)),
      upTo,
    };
  }

  #post(subscription: Subscription, parcel: Parcel, signal: AbortSignal): Promise<Attempt> {
    const body = Buffer.from(parcel.text);
    const timestamp = Math.floor(Date.now() / 1_000);
    const signing = keysOf(subscription);
    return this.by.outbound.post({
      url: subscription.url,
      headers: {
        'webhook-id': parcel.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': sign({ id: parcel.id, timestamp, body, ...signing }),
      },
      body,
      signal,
    });
  }

  #isClaimSure(): boolean {
    return performance.now() - this.#claimedAt < this.by.options.claimMs / 2;
  }

  async #renewClaim(): Promise<void> {
    if (performance.now() - this.#claimedAt < this.by.options.claimMs / 4) return;
    await this.by.subscriptions.database.write((sql) => this.#claim(sql));
  }

  /** In the transaction of what is written: that it is still ours to write. */
  async #claim(sql: Sql): Promise<void> {
    const at = performance.now();
    const isOurs = await this.by.jobs.holds(sql, this.job, this.by.options.claimMs);
    if (!isOurs) throw new Error('another courier has taken over');
    this.#claimedAt = at;
  }

  async #write(subscription: Subscription, endpoint: Endpoint, round: Round): Promise<void> {
    const { subscriptions, changed } = this.by;
    const { id } = subscription;
    const now = Date.now();
    const { cursor, hold, released, attempts } = cameOf(subscription, round, now, this.by.options.retryMs);
    const after = endpoint.after(now);
    await subscriptions.database.write(async (sql) => {
      await this.#claim(sql);
      const current = await subscriptions.find(id, sql);
      if (!current) return;
      await subscriptions.note(sql, attempts);
      await subscriptions.hold(sql, hold);
      await subscriptions.release(sql, id, released, now);
      if (endpoint.isHealed) await subscriptions.hurry(sql, id, now);
      const { state, because, ...rest } = after;
      // What its owner has said meanwhile stands.
      await subscriptions.write(sql, id, {
        ...rest,
        ...(current.state === subscription.state ? { state, because } : {}),
        ...(current.cursor === subscription.cursor ? { cursor } : {}),
      });
    });
    if (after.state === subscription.state) return;
    if (after.state === 'active') await changed(subscription, 'healed');
    else await changed(subscription, 'disabled');
  }
}
