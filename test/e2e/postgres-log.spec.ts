import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Position,
  PostgresEventStore,
  type StoredEvent,
  StoreUnavailable,
  uuidv7,
} from '@app/event-store';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aSchema, hasPostgres, type Place, run } from '../engines/databases.ts';
import { hasCluster, PostgresCluster } from './postgres-cluster.ts';
import { Wire } from './postgres-wire.ts';
import { type Acknowledged, everything, expectWhole, Writer } from './writer.ts';

const STREAM = 'civilServant-0190f0a0-0000-7000-8000-000000000001';
const anEvent = () => ({ id: uuidv7(), type: 'Placed', data: '{"unit":"dinas-kesehatan"}', metadata: '{}' });

/** Follows the log whatever happens, each time after the last position it saw, as every follower of ours does. */
class Follower {
  readonly seen: StoredEvent[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(private readonly store: PostgresEventStore) {
    this.#ended = this.#follow();
  }

  /** Settles when it has seen so many; fails where it does not in half a minute. */
  async until(count: number): Promise<void> {
    const end = performance.now() + 30_000;
    while (this.seen.length < count && performance.now() < end) await sleep(20);
    expect(this.seen.length).toBeGreaterThanOrEqual(count);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted)
      try {
        const after: Position | undefined = this.seen.at(-1)?.position;
        for await (const batch of this.store.follow(after, this.#stop.signal)) this.seen.push(...batch);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await sleep(20);
      }
  }
}

const idsOf = (events: readonly StoredEvent[]) => events.map(({ id }) => id);

const acknowledgedBy = (writers: readonly Writer[]): Acknowledged[] =>
  writers.flatMap(({ acknowledged }) => acknowledged);

(hasPostgres ? describe : describe.skip)('the log on PostgreSQL, when things go wrong', () => {
  let place: Place;
  let where: string;
  let name: string;
  let writers: Writer[] = [];
  const followers: Follower[] = [];
  const follow = (store: PostgresEventStore) => {
    const follower = new Follower(store);
    followers.push(follower);
    return follower;
  };
  const stores: PostgresEventStore[] = [];
  const open = async (url = where) => {
    const store = await PostgresEventStore.open(url);
    stores.push(store);
    return store;
  };
  beforeEach(async () => {
    place = await aSchema();
    name = `fault-${process.pid}-${Date.now().toString(36)}`;
    where = `${place.where}&application_name=${name}`;
  });
  afterEach(async () => {
    await Promise.all(writers.splice(0).map((writer) => writer.kill()));
    await Promise.all(followers.splice(0).map((follower) => follower.end()));
    await Promise.all(stores.splice(0).map((store) => store.close()));
    // The servers of killed writers may still be at work on their last appends.
    await terminated('%');
    await place.remove();
  });

  const write = (...names: string[]) => {
    writers = names.map((each) => new Writer(where, each));
    return writers;
  };
  const allHave = (count: number) =>
    Promise.all(writers.map((writer) => writer.until((it) => it.acknowledged.length >= count)));
  const killAll = () => Promise.all(writers.map((writer) => writer.kill()));
  const terminated = (role: string) =>
    run(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like '${name} log ${role}'`,
    );

  it('has every acknowledged event once, whichever connections are ended in the middle of whatever they do', async () => {
    const follower = follow(await open());
    const [first] = write('a', 'b');
    await allHave(20);
    for (let round = 0; round < 90; round++) {
      await sleep(Math.random() * 60);
      await terminated(['writer', 'reader', 'listener', '%'][round % 4] as string);
    }
    const since = first?.acknowledged.length ?? 0;
    await first?.until((it) => it.acknowledged.length > since + 20);
    await killAll();
    await expectWhole(where, acknowledgedBy(writers));
    const kept = await everything(await open());
    await follower.until(kept.length);
    expect(idsOf(follower.seen)).toEqual(idsOf(kept));
    // Nobody was even told: what was lost with a connection was asked for again.
    expect(writers.flatMap(({ unavailable }) => unavailable)).toEqual([]);
  });

  it('has every acknowledged event once, and no append by halves, whenever processes are killed that race', async () => {
    const acknowledged: Acknowledged[] = [];
    const follower = follow(await open());
    for (let round = 0; round < 6; round++) {
      const [first, second, third] = write('a', 'b', 'c');
      await allHave(Math.ceil(Math.random() * 200));
      await sleep(Math.random() * 20);
      await Promise.all([first?.kill(), second?.kill()]);
      const since = third?.acknowledged.length ?? 0;
      await third?.until((it) => it.acknowledged.length > since + 20);
      await third?.kill();
      acknowledged.push(...acknowledgedBy(writers));
      expect(writers.flatMap(({ unavailable }) => unavailable)).toEqual([]);
      await expectWhole(where, acknowledged);
    }
    const kept = await everything(await open());
    await follower.until(kept.length);
    expect(idsOf(follower.seen)).toEqual(idsOf(kept));
    expect(new Set(kept.map(({ stream }) => stream)).size).toBe(25);
  });

  it('is made once where several processes open it for the first time at the same time', async () => {
    write('a', 'b', 'c', 'd');
    await allHave(20);
    await killAll();
    await expectWhole(where, acknowledgedBy(writers));
  });

  it('is written by others while one process stands still in the middle of whatever it does', async () => {
    const [first, second] = write('a', 'b');
    await allHave(20);
    for (let round = 0; round < 10; round++) {
      await sleep(Math.random() * 40);
      first?.standStill();
      const since = second?.acknowledged.length ?? 0;
      await second?.until((it) => it.acknowledged.length > since + 50);
      first?.goOn();
    }
    await killAll();
    await expectWhole(where, acknowledgedBy(writers));
    expect(writers.flatMap(({ unavailable }) => unavailable)).toEqual([]);
  });

  it('gives a reader that races with writers every event, in whatever pages it reads', async () => {
    const store = await open();
    write('a', 'b', 'c');
    await allHave(1);
    const seen: StoredEvent[] = [];
    const end = performance.now() + 30_000;
    while (seen.length < 5_000 && performance.now() < end)
      seen.push(...(await store.readAll(seen.at(-1)?.position, 1 + (seen.length % 50))));
    await killAll();
    expect(seen.length).toBeGreaterThanOrEqual(5_000);
    expect(idsOf(seen)).toEqual(idsOf(await everything(store)).slice(0, seen.length));
  });

  it('is followed where nobody tells of what was committed', async () => {
    const follower = follow(await open());
    await sleep(200);
    const untold = `select append_to_log('{unit-a}', '{0}', '{1}', '{1}', '{${uuidv7()}}', '{Placed}', '{1}', '{1}', 'x')`;
    await run(`${searchPathOf(place.where)}; ${untold}`);
    await follower.until(1);
  });

  describe('on the way to the server', () => {
    let wire: Wire;
    beforeEach(async () => {
      wire = await Wire.to(where);
    });
    afterEach(() => wire.close());

    it('takes an append whose answer was lost for done, though the stream has moved on since', async () => {
      const [store, other] = [await open(wire.url), await open()];
      const [mine, theirs] = [[anEvent(), anEvent()], [anEvent()]];
      wire.loseAnswer(async () => {
        expect(await other.append(STREAM, 1, theirs)).toEqual({ revision: 2 });
      });
      expect(await store.append(STREAM, 'no-stream', mine)).toEqual({ revision: 1 });
      expect(await other.read(STREAM)).toMatchObject([...mine, ...theirs]);
    });

    it('asks again where the question was lost, and writes once', async () => {
      const [store, event] = [await open(wire.url), anEvent()];
      wire.loseQuestion();
      expect(await store.append(STREAM, 'no-stream', [event])).toEqual({ revision: 0 });
      expect(await store.read(STREAM)).toMatchObject([event]);
    });

    it('says that it is not available, and not what it does not know, where nothing is answered any more; and goes on once it is', async () => {
      const [store, event] = [await open(wire.url), anEvent()];
      await store.append(STREAM, 'no-stream', [event]);
      wire.freeze();
      const later = anEvent();
      const answers = await Promise.all(
        [
          store.append(STREAM, 0, [later]),
          store.append('unit-a', 'no-stream', [anEvent()]),
          store.read(STREAM),
          PostgresEventStore.open(wire.url),
        ].map((answer) => answer.catch((error: unknown) => error)),
      );
      for (const answer of answers) expect(answer).toBeInstanceOf(StoreUnavailable);
      expect(`${answers[0]}`).toMatch(
        /^Error: The log at 127.0.0.1:\d+\/\w+ is not available: it does not answer in time/,
      );
      wire.thaw();
      expect(await store.append(STREAM, 0, [later])).toEqual({ revision: 1 });
      expect(await store.read(STREAM)).toMatchObject([event, later]);
    });

    it('is closed in good time where nothing is answered any more', async () => {
      const store = await open(wire.url);
      follow(store);
      await store.read(STREAM);
      wire.freeze();
      await store.close();
    });
  });
});

(hasCluster ? describe : describe.skip)('the log on a PostgreSQL server of its own', () => {
  let cluster: PostgresCluster;
  let store: PostgresEventStore;
  let writers: Writer[] = [];
  let follower: Follower;
  beforeEach(async () => {
    cluster = await PostgresCluster.start();
    store = await PostgresEventStore.open(cluster.url);
    follower = new Follower(store);
  });
  afterEach(async () => {
    await Promise.all(writers.splice(0).map((writer) => writer.kill()));
    await follower.end();
    await store.close();
    await cluster.remove();
  });

  it('has every acknowledged event once, and a follower misses none, when the server crashes under load', async () => {
    writers = ['a', 'b'].map((each) => new Writer(cluster.url, each));
    for (let round = 0; round < 4; round++) {
      const since = writers.map(({ acknowledged }) => acknowledged.length);
      await Promise.all(
        writers.map((writer, n) => writer.until((it) => it.acknowledged.length > (since[n] ?? 0) + 100)),
      );
      await sleep(Math.random() * 50);
      await cluster.crashAndRestart();
    }
    const [first] = writers;
    const since = first?.acknowledged.length ?? 0;
    await first?.until((it) => it.acknowledged.length > since + 20);
    await Promise.all(writers.map((writer) => writer.kill()));
    await expectWhole(cluster.url, acknowledgedBy(writers));
    const kept = await everything(store);
    await follower.until(kept.length);
    expect(idsOf(follower.seen)).toEqual(idsOf(kept));
  });

  it('says that it is not available while the server is down, and goes on in the same process once it is up', async () => {
    const events = [anEvent(), anEvent()];
    await store.append(STREAM, 'no-stream', events.slice(0, 1));
    await cluster.stop();
    const asked = [store.append(STREAM, 0, events.slice(1)), store.read(STREAM)];
    for (const answer of await Promise.all(asked.map((each) => each.catch((error: unknown) => error))))
      expect(`${answer}`).toMatch(
        /^Error: The log at .* is not available: no server listens there; start it/,
      );
    await cluster.startAgain();
    expect(await store.append(STREAM, 0, events.slice(1))).toEqual({ revision: 1 });
    expect(await store.read(STREAM)).toMatchObject(events);
  });
});

/** The statement that goes to the schema a URL names. */
const searchPathOf = (url: string): string =>
  `set ${new URL(url).searchParams.get('options')?.replace('-c ', '') ?? ''}`;
