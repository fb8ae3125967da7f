import { Courier, CreateJobs1764000000004, Job, Jobs } from '@app/jobs';
import {
  CreateJournal1764000000000,
  CreateLease1764000000003,
  Database,
  Journal,
  JournalEntry,
  Lease,
} from '@app/journal';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Recipient } from '../../../test/delivery/recipient.ts';
import { aSubscription, fill } from '../../../test/delivery/written.ts';
import { aFile, describeDialects, type Place } from '../../../test/engines/databases.ts';
import type { Attempt, Posting } from './outbound.ts';
import type { PumpOptions } from './pump.ts';
import {
  AttemptMade,
  CreateDelivery1764000000010,
  Held,
  type Ordering,
  Subscription,
} from './subscription.ts';
import { Subscriptions } from './subscriptions.ts';
import { Tail } from './tail.ts';
import { wakeDeliveries, webhookJobs } from './webhooks.ts';

const openDatabase = (where: string) =>
  Database.open(where, {
    entities: [JournalEntry, Lease, Job, Subscription, Held, AttemptMade],
    migrations: [
      CreateJournal1764000000000,
      CreateLease1764000000003,
      CreateJobs1764000000004,
      CreateDelivery1764000000010,
    ],
  });

const QUICK: Partial<PumpOptions> = {
  claimMs: 600,
  lingerMs: 50,
  retryMs: (attempts) => Math.min(40, 5 * attempts),
  easeMs: () => 10,
};

/** A process that delivers; killed, it does nothing more: what it had sent is sent, what it had not written is not. */
class Process {
  readonly #stop = new AbortController();
  readonly #courier: Courier;
  #isKilled = false;
  readonly #waking: Promise<void>;

  constructor(database: Database, recipient: Recipient, options: Partial<PumpOptions> = {}) {
    const jobs = new Jobs(dying(database, () => this.#isKilled));
    const tail = new Tail(new Journal(database, undefined as never), 'https://jejak.test/', 5);
    const kind = webhookJobs(
      {
        tail,
        jobs,
        subscriptions: new Subscriptions(dying(database, () => this.#isKilled)),
        outbound: { post: (posting: Posting) => this.#post(recipient, posting) },
        granted: async ({ sees, reads }) => ({ sees, reads }),
        changed: async ({ id }, change) => {
          recipient.changes.push(`${id} ${change}`);
        },
      },
      { ...QUICK, ...options },
    );
    this.#courier = new Courier(jobs, [kind], () => undefined, undefined, { everyMs: 5, atOnce: 8 });
    this.#courier.start();
    this.#waking = wakeDeliveries(tail, jobs, this.#stop.signal, () => undefined);
  }

  async #post(recipient: Recipient, posting: Posting): Promise<Attempt> {
    if (this.#isKilled) throw new Error('dead');
    return recipient.post(posting);
  }

  kill(): void {
    this.#isKilled = true;
    this.#stop.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#courier.stop();
    await this.#waking;
  }
}

/** A database that nothing reaches any more once its process is dead. */
const dying = (database: Database, isDead: () => boolean): Database =>
  new Proxy(database, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'write') return value;
      return (...args: never[]) =>
        isDead()
          ? Promise.reject(new Error('dead'))
          : (value as (...some: never[]) => unknown).apply(target, args);
    },
  });

describeDialects('webhooks', (aPlace) => {
  let place: Place;
  let database: Database;
  let subscriptions: Subscriptions;
  let recipient: Recipient;
  let running: Process[];
  beforeEach(async () => {
    place = await aPlace();
    database = await openDatabase(place.where);
    subscriptions = new Subscriptions(database);
    recipient = new Recipient();
    running = [];
  });
  afterEach(async () => {
    for (const one of running) await one.stop();
    await database.close();
    await place.remove();
  });
  const start = (options?: Partial<PumpOptions>) => {
    const one = new Process(database, recipient, options);
    running.push(one);
    return one;
  };
  const subscribe = (id: string, ordering: Ordering, more: Partial<Subscription> = {}) =>
    subscriptions.add(aSubscription(id, ordering, more));
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    while (!(await isSo())) await new Promise((later) => setTimeout(later, 5));
  };

  it('bring every event once where nothing fails, in order, with a signature, and those that come later', async () => {
    await fill(database, 300, 7);
    for (const ordering of ['none', 'partition', 'total'] as const) await subscribe(ordering, ordering);
    start();
    await until(() => recipient.delivered === 900);
    await fill(database, 50, 7);
    await until(() => recipient.delivered === 1_050);
    expect(recipient.faults).toEqual([]);
    expect(recipient.repeated).toBe(0);
    expect((await subscriptions.attempts('total', 1))[0]).toMatchObject({ status: 200, n: 1, head: 'ok' });
    await until(async () => (await subscriptions.find('none'))?.cursor === 349);
  });

  it('hold back behind a failure only what must not overtake it', async () => {
    await fill(database, 60, 3);
    recipient.refuses = ({ index }) => index === 4;
    for (const ordering of ['none', 'partition', 'total'] as const) await subscribe(ordering, ordering);
    start({ retryMs: () => 100_000 });
    await until(async () => (await subscriptions.find('partition'))?.cursor === 59);
    await until(async () => (await subscriptions.find('none'))?.cursor === 59);
    await until(async () => (await subscriptions.find('total'))?.cursor === 4);
    const got = (id: string) => recipient.indexesOf(id);
    expect(got('none')).toEqual(Array.from({ length: 60 }, (_, n) => n).filter((n) => n !== 4));
    expect(got('partition')).toEqual(
      Array.from({ length: 60 }, (_, n) => n).filter((n) => n < 4 || n % 3 !== 4 % 3),
    );
    expect(got('total')).toEqual([0, 1, 2, 3]);
    expect(await subscriptions.held('none')).toEqual({ count: 1, first: 4 });
    expect((await subscriptions.held('partition')).count).toBe(19);
  });

  it('leave a sink that always fails in peace but for one event at a time, and hurry when it answers again', async () => {
    await fill(database, 200, 50);
    recipient.refuses = () => true;
    await subscribe('partition', 'partition');
    start({ retryMs: () => 100_000, easeMs: () => 20 });
    await until(async () => ((await subscriptions.find('partition'))?.fails ?? 0) >= 8);
    const tried = recipient.attempts;
    expect(tried).toBeLessThan(60);
    recipient.refuses = () => false;
    await until(() => recipient.delivered === 200);
    expect(recipient.faults).toEqual([]);
    expect(await subscriptions.find('partition')).toMatchObject({
      fails: 0,
      failingSince: null,
      state: 'active',
    });
  });

  it('disable a sink that failed for too long, look at it now and then, and heal it', async () => {
    await fill(database, 20, 5);
    recipient.refuses = () => true;
    await subscribe('total', 'total');
    start({ disableAfterMs: 100, probeMs: 30 });
    await until(async () => (await subscriptions.find('total'))?.state === 'disabled');
    expect((await subscriptions.find('total'))?.because).toMatch(/it has failed since 20/);
    recipient.refuses = () => false;
    await until(() => recipient.delivered === 20);
    await until(async () => (await subscriptions.find('total'))?.state === 'active');
    expect(recipient.changes).toEqual(['total disabled', 'total healed']);
    expect(recipient.faults).toEqual([]);
  });

  it('end at a sink that is gone for good, and go on where they were when it is opened again', async () => {
    await fill(database, 20, 5);
    recipient.status = ({ index }) => (index === 7 ? 410 : 200);
    await subscribe('total', 'total');
    start();
    await until(async () => (await subscriptions.find('total'))?.state === 'gone');
    const tried = recipient.attempts;
    await fill(database, 5, 5);
    await new Promise((later) => setTimeout(later, 150));
    expect(recipient.attempts).toBe(tried);
    recipient.status = () => 200;
    await subscriptions.change('total', { state: 'active', because: null, fails: 0, nextAt: 0 });
    await until(() => recipient.delivered === 25);
    expect(recipient.faults).toEqual([]);
  });

  it('rest for as long as a sink asks', async () => {
    await fill(database, 10, 5);
    recipient.status = () => 429;
    recipient.retryAfter = '1';
    await subscribe('total', 'total');
    start();
    await until(() => recipient.attempts === 1);
    await new Promise((later) => setTimeout(later, 300));
    expect(recipient.attempts).toBe(1);
    recipient.status = () => 200;
    await until(() => recipient.delivered === 10);
  });

  it('bring only what the filters let through and the grant lets be told, in the words of now', async () => {
    await fill(database, 12, 3, (n) => (n % 2 === 0 ? 'SanctionImposed' : 'Promoted'));
    await subscribe('thin', 'total', { reads: 'internal' });
    await subscribe('less', 'total', { sees: 'internal', reads: 'internal' });
    await subscribe('some', 'total', {
      filters: JSON.stringify([{ suffix: { type: 'SanctionImposed.v1' } }]),
    });
    start();
    await until(async () => (await subscriptions.find('some'))?.cursor === 11);
    await until(async () => (await subscriptions.find('less'))?.cursor === 11);
    await until(async () => (await subscriptions.find('thin'))?.cursor === 11);
    expect(recipient.indexesOf('less')).toEqual([1, 3, 5, 7, 9, 11]);
    expect(recipient.indexesOf('some')).toEqual([0, 2, 4, 6, 8, 10]);
    expect(recipient.bodyOf('thin', 0)).not.toHaveProperty('data');
    expect(recipient.bodyOf('thin', 1)).toHaveProperty('data');
  });

  it('bring again what is asked for again, in order', async () => {
    await fill(database, 30, 3);
    await subscribe('partition', 'partition');
    start();
    await until(async () => (await subscriptions.find('partition'))?.cursor === 29);
    recipient.forget();
    const rows = [9, 10, 11, 12, 13].map((index) => ({
      subscription: 'partition',
      index,
      lane: `civilServant-${index % 3}`,
      attempts: 0,
      dueAt: 0,
    }));
    await database.write((sql) => subscriptions.recover(sql, 'partition', rows, Date.now()));
    await subscriptions.change('partition', {});
    await until(() => recipient.delivered === 5);
    expect(recipient.indexesOf('partition')).toEqual([9, 10, 11, 12, 13]);
    // From an index on: the cursor is set back.
    recipient.forget();
    await subscriptions.change('partition', { cursor: 19 });
    await until(() => recipient.delivered === 10);
    expect(recipient.indexesOf('partition')).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
  });

  it('never overtake, though every fifth fails and processes are killed', async () => {
    await fill(database, 800, 40);
    recipient.random(0.2);
    for (const ordering of ['none', 'partition', 'total'] as const) await subscribe(ordering, ordering);
    for (let n = 0; n < 4; n++) {
      const one = start();
      start();
      await until(() => recipient.delivered > (n + 1) * 400);
      one.kill();
    }
    await until(() => recipient.delivered === 2_400);
    expect(recipient.faults).toEqual([]);
  }, 60_000);
});

/** 100,000 deliveries; on the embedded database alone, for the time it takes. */
describe('a hundred thousand deliveries', () => {
  it('are each made, none out of order, by two couriers of which one is killed, with a fifth failing', async () => {
    const place = await aFile();
    const database = await openDatabase(place.where);
    const recipient = new Recipient();
    recipient.random(0.2);
    const subscriptions = new Subscriptions(database);
    await fill(database, 32_000, 500);
    for (const [id, ordering, cursor] of [
      ['none', 'none', -1],
      ['partition-1', 'partition', -1],
      ['partition-2', 'partition', -1],
      ['total', 'total', 27_999],
    ] as const)
      await subscriptions.add(aSubscription(id, ordering, { cursor }));
    const quick = { retryMs: () => 1, easeMs: () => 5 };
    const first = new Process(database, recipient, quick);
    const second = new Process(database, recipient, quick);
    while (recipient.delivered < 30_000) await new Promise((later) => setTimeout(later, 20));
    first.kill();
    while (recipient.delivered < 100_000) await new Promise((later) => setTimeout(later, 20));
    await second.stop();
    await first.stop();
    expect(recipient.faults).toEqual([]);
    expect(recipient.delivered).toBe(100_000);
    await database.close();
    await place.remove();
  }, 300_000);
});
