import type { CloudEvent as Made } from '@app/delivery';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FeedDouble } from '../../../test/feed-double/index.ts';
import { type ClientOptions, type CloudEvent, indexOf, JejakClient, type Retry } from './index.ts';

// The client's own type is the one that events are made by: `npm run types` says where it is not.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isSameType: Same<CloudEvent, Made> = true;

describe('the client', () => {
  let double: FeedDouble;
  let retries: Retry[];
  let slept: number[];
  const client = (more: Partial<ClientOptions> = {}) =>
    new JejakClient({
      baseUrl: double.url,
      token: double.token,
      onRetry: (retry) => retries.push(retry),
      ...more,
      pace: {
        random: () => 1,
        sleep: async (ms) => {
          slept.push(ms);
        },
        ...more.pace,
      },
    });
  /** The indexes that an iterator tells until there are so many. */
  const first = async (count: number, told: AsyncIterable<{ event?: CloudEvent; after: number }>) => {
    const got: (number | undefined)[] = [];
    for await (const { event } of told) {
      got.push(event && indexOf(event));
      if (got.length === count) break;
    }
    return got;
  };
  /** The next answers, one a request; then all is well. */
  const meet = (...faults: ReturnType<FeedDouble['fault']>[]) => {
    double.fault = () => faults.shift();
  };

  beforeEach(async () => {
    double = await FeedDouble.start(5);
    [retries, slept] = [[], []];
  });
  afterEach(() => double.stop());

  describe('asks for a page', () => {
    it('and is given the events as they are, with how far was looked', async () => {
      expect(isSameType).toBe(true);
      const { events, after, logSize } = await client().page({ after: 1, limit: 2 });
      expect(events).toEqual(double.events.slice(2, 4));
      expect({ after, logSize }).toEqual({ after: 3, logSize: 5 });
      expect(await client().page({ after: 4 })).toEqual({ events: [], after: 4, logSize: 5 });
    });

    it('from the beginning, where it says nothing', async () => {
      expect((await client().page()).events).toHaveLength(5);
      expect(double.asked[0]?.url.search).toBe('');
    });

    it('by types, subjects and classes, under a base with a path, with its token and purpose', async () => {
      await client({ token: async () => 'other', purpose: 'gaji März' })
        .page({
          types: ['Promoted', 'Placed'],
          subjects: ['unit-1'],
          classification: ['public'],
          limit: 7,
          wait: 0,
        })
        .catch(() => undefined);
      const base = new JejakClient({ baseUrl: `${double.url}/jejak`, token: '' });
      await expect(base.page()).rejects.toThrow();
      const [asked, under] = double.asked;
      expect(Object.fromEntries(asked?.url.searchParams ?? [])).toEqual({
        types: 'Promoted,Placed',
        subjects: 'unit-1',
        classification: 'public',
        limit: '7',
        wait: '0',
      });
      expect(asked?.headers).toMatchObject({
        authorization: 'Bearer other',
        'x-purpose': 'gaji%20M%C3%A4rz',
      });
      expect(under?.url.pathname).toBe('/jejak/v1/events');
    });

    it('and is told what is wrong, and what to do', async () => {
      await expect(client({ token: 'no' }).page()).rejects.toMatchObject({
        status: 401,
        isFinal: true,
        message: expect.stringMatching(/^Jejak answered 401; A valid token is needed; .*; check the token/),
        problem: { title: 'A valid token is needed' },
      });
      await expect(client().page({ limit: 5_000 })).rejects.toMatchObject({ status: 400, isFinal: true });
      meet({ status: 301, headers: { location: 'https://jejak.test/v1/events' } });
      await expect(client().page()).rejects.toThrow(
        'it is now at https://jejak.test/v1/events: change baseUrl',
      );
      meet({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' });
      await expect(client().page()).rejects.toThrow(
        'gives text/html and not application/cloudevents-batch+json',
      );
      expect(() => client({ baseUrl: 'jejak.test' })).toThrow('baseUrl is "jejak.test"');
    });

    it('and gives an abort back as it was', async () => {
      await expect(client().page({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
        'enough',
      );
      const later = new AbortController();
      const waiting = client().page({ after: 4, wait: 30, signal: later.signal });
      setImmediate(() => later.abort(new Error('enough now')));
      await expect(waiting).rejects.toThrow('enough now');
    });

    it('and refuses one that is not what the feed promises', async () => {
      const feed = (next: string | undefined, ...indexes: number[]) => ({
        status: 200,
        headers: {
          'content-type': 'application/cloudevents-batch+json',
          'x-log-size': '5',
          ...(next === undefined ? {} : { 'x-next-after': next }),
        },
        body: JSON.stringify(indexes.map((index) => double.events[index])),
      });
      for (const wrong of [feed('3', 1, 2), feed('4', 3, 4, 4), feed('4', 4, 3), feed('3', 3, 4)]) {
        meet(wrong);
        await expect(client().page({ after: 2 })).rejects.toMatchObject({ isFinal: true });
      }
      for (const next of [undefined, 'x', '-2']) {
        meet(feed(next, 3));
        await expect(client().page({ after: 2 })).rejects.toThrow('has no x-next-after');
      }
    });
  });

  it('fetches one event by its id', async () => {
    const { id = '' } = double.events[3] ?? {};
    expect(await client().event(id)).toEqual(double.events[3]);
    await expect(client().event('../../x')).rejects.toMatchObject({ status: 404 });
  });

  describe('follows the feed', () => {
    it('page by page, then as it grows', async () => {
      const told = client().events({ limit: 2 });
      expect(await first(5, client().events({ limit: 2 }))).toEqual([0, 1, 2, 3, 4]);
      for (let n = 0; n < 5; n++) expect((await told.next()).value).toMatchObject({ after: n });
      const next = told.next();
      setTimeout(() => double.append(2), 20);
      expect(await next).toMatchObject({ value: { event: { sequence: '00000000000000000005' }, after: 5 } });
      await told.return();
    });

    it('and says with the last event of a page how far it looked', async () => {
      double.append(4);
      const told = client().events({ types: ['Promoted'], subjects: [double.events[0]?.subject ?? ''] });
      expect(await told.next()).toMatchObject({
        value: { event: { sequence: '00000000000000000000' }, after: 8 },
      });
      await told.return();
    });

    it('and tells of pages without events, for they are progress', async () => {
      const told = client().pages({ types: ['Awarded'] });
      expect(await told.next()).toEqual({ value: { events: [], after: 4, logSize: 5 }, done: false });
      await told.return();
    });

    it('and asks no more than once a second where the server does not let it wait', async () => {
      const stop = new AbortController();
      let asked = 0;
      double.fault = () => {
        if (++asked === 4) stop.abort();
        const headers = {
          'content-type': 'application/cloudevents-batch+json',
          'x-next-after': '4',
          'x-log-size': '5',
        };
        return { status: 200, headers, body: '[]' };
      };
      expect(
        await first(1, client({ pace: { now: () => 0 } }).events({ after: 4, signal: stop.signal })),
      ).toEqual([]);
      expect(slept).toEqual([1_000, 1_000, 1_000]);
    });

    it('and ends at once, without an error, when it is told to', async () => {
      const stop = new AbortController();
      const told = client().events({ signal: stop.signal });
      for (let n = 0; n < 5; n++) await told.next();
      const waiting = told.next();
      setImmediate(() => stop.abort());
      expect(await waiting).toEqual({ value: undefined, done: true });
      expect(await first(1, client().events({ signal: stop.signal }))).toEqual([]);
      const inPage = new AbortController();
      const page = client().events({ signal: inPage.signal });
      await page.next();
      inPage.abort();
      expect((await page.next()).done).toBe(true);
      expect(retries).toEqual([]);
    });
  });

  describe.each(['events', 'stream'] as const)('waits out, in its %s,', (kind) => {
    it('faults of the network and of the server, longer each time, and begins anew when it worked', async () => {
      meet(
        { resetAfter: 0 },
        { resetAfter: 60 },
        { status: 500 },
        { status: 503 },
        { status: 408 },
        undefined,
      );
      const told = client()[kind]();
      expect(await told.next()).toMatchObject({ value: { after: 0 } });
      expect(slept).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
      expect(retries.map(({ failures, pauseMs, cause }) => [failures, pauseMs, cause.status])).toEqual([
        [1, 500, undefined],
        [2, 1_000, undefined],
        [3, 2_000, 500],
        [4, 4_000, 503],
        [5, 8_000, 408],
      ]);
      await told.return();
    });

    it('no longer than half a minute, where nobody asks for more', async () => {
      meet(...Array.from({ length: 9 }, () => ({ status: 502 })));
      expect(await first(1, client({ pace: { random: () => 0 } })[kind]())).toEqual([0]);
      expect(slept).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    });

    it('as long as Retry-After asks, in seconds or until a date, but never more than an hour', async () => {
      const now = Date.parse('2026-01-31T00:00:00Z');
      const after = (value: string) => ({ status: 429, headers: { 'retry-after': value } });
      meet(after('7'), after('Sat, 31 Jan 2026 00:00:09 GMT'), after('99999999'), after('soon'));
      expect(await first(1, client({ pace: { now: () => now } })[kind]())).toEqual([0]);
      expect(slept).toEqual([7_500, 10_000, 3_602_000, 4_000]);
    });

    it.each([400, 401, 403, 404, 410])('but not %d, which is final', async (status) => {
      meet({ status });
      await expect(client()[kind]().next()).rejects.toMatchObject({ status, isFinal: true });
      expect(slept).toEqual([]);
    });

    it('silence', async () => {
      meet('silence', 'silence');
      expect(await first(5, client({ pace: { silenceMs: 50 } })[kind]())).toEqual([0, 1, 2, 3, 4]);
      expect(retries.map(({ cause }) => cause.message)).toEqual(Array(2).fill('nothing came for 50 ms'));
    });

    it('and not what the one who reads does wrong', async () => {
      const reading = async () => {
        for await (const _ of client()[kind]()) throw new Error('mine');
      };
      await expect(reading()).rejects.toThrow('mine');
      expect(slept).toEqual([]);
    });

    it('a pause that an abort ends', async () => {
      const stop = new AbortController();
      meet({ status: 429, headers: { 'retry-after': '3000' } });
      const { PACE } = await import('./pace.ts');
      const told = client({ onRetry: () => setImmediate(() => stop.abort()), pace: { sleep: PACE.sleep } })[
        kind
      ]({
        signal: stop.signal,
      });
      expect(await told.next()).toEqual({ value: undefined, done: true });
    });
  });

  describe('follows the stream', () => {
    it('behind an index, by what it wants, and as it grows', async () => {
      const told = client().stream({ after: 2, types: ['Promoted'] });
      expect(await told.next()).toMatchObject({
        value: { event: { sequence: '00000000000000000004' }, after: 4 },
      });
      const next = told.next();
      setTimeout(() => double.append(3), 20);
      expect(await next).toMatchObject({ value: { event: { sequence: '00000000000000000006' }, after: 6 } });
      expect(double.asked[0]?.url.search).toBe('?after=2&types=Promoted');
      await told.return();
    });

    it('and goes on behind what it was told, events or not, when the connection ends', async () => {
      double.checkpointEvery = 2;
      const told = client().stream({ types: ['Awarded'] });
      expect(await told.next()).toEqual({ value: { after: 1 }, done: false });
      expect(await told.next()).toEqual({ value: { after: 3 }, done: false });
      const next = told.next();
      expect(await next).toEqual({ value: { after: 4 }, done: false });
      const later = told.next();
      setTimeout(() => double.endStreams(), 20);
      setTimeout(() => double.append(2), 40);
      expect(await later).toMatchObject({ value: { after: 6 } });
      expect(double.asked.map(({ url }) => url.searchParams.get('after'))).toEqual(['-1', '4']);
      // As the server told it to, and a little more.
      expect(slept).toEqual([3_500]);
      await told.return();
    });

    it('and gives its connection back when nobody reads any more', async () => {
      let ended = 0;
      const counting: typeof fetch = (url, init) => {
        init?.signal?.addEventListener('abort', () => ended++);
        return fetch(url, init);
      };
      expect(await first(2, client({ fetch: counting }).stream())).toEqual([0, 1]);
      expect(ended).toBe(1);
    });

    it('and passes over what it was told before, and kinds of messages that it does not know', async () => {
      const told = (index: number, event = 'x') =>
        `event: ${event}\ndata: ${JSON.stringify(double.events[index])}\n\n`;
      const stream = (...messages: string[]) => ({
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        body: messages.join(''),
      });
      meet(
        stream(told(0), told(1), told(1), 'event: bye\ndata: {"why":"shutdown"}\n\n'),
        stream(told(0), told(1), 'event: checkpoint\ndata: {"sequence":"00000000000000000001"}\n\n', told(2)),
      );
      expect(await first(5, client().stream())).toEqual([0, 1, 2, 3, 4]);
      meet(stream('data: {\n\n'));
      await expect(client().stream().next()).rejects.toThrow('gives what is not JSON: {');
    });
  });
});
