import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeFollowing } from './contract-follow.ts';
import { anEvent, everything, fill, idsOf, type OpenLog, OTHER, STREAM, someEvents } from './contract-log.ts';
import { describeAgainstModel } from './contract-model.ts';
import { describeRaces } from './contract-race.ts';
import { describeTaking } from './contract-take.ts';
import { describeText } from './contract-text.ts';
import { type EventStore, isStale, NotStorable } from './event-store.ts';

export type { OpenLog } from './contract-log.ts';

/** What every engine behind the port must do. */
export function describeEventStore(name: string, open: () => Promise<OpenLog>): void {
  describe(`the log kept in ${name}`, () => {
    let log: OpenLog;
    let store: EventStore;
    beforeEach(async () => {
      log = await open();
      store = log.store;
    });
    afterEach(() => log.remove());

    const idsIn = async (stream: string) => idsOf(await store.read(stream));

    describe('when events are appended', () => {
      it('keeps the events of a new stream and says at which revision it stands', async () => {
        const [a, b, c] = [anEvent(), anEvent(), anEvent()];
        expect(await store.append(STREAM, 'no-stream', [a, b])).toEqual({ revision: 1 });
        expect(await store.append(STREAM, 1, [c])).toEqual({ revision: 2 });
        expect(await store.read(STREAM)).toMatchObject([
          { ...a, stream: STREAM, revision: 0 },
          { ...b, stream: STREAM, revision: 1 },
          { ...c, stream: STREAM, revision: 2 },
        ]);
      });

      it.each([
        ['a new stream where there is one', 'no-stream' as const],
        ['a revision that others have moved past', 0],
        ['a revision that is not reached yet', 2],
        ['a revision that no stream can have', -1],
      ])('refuses %s, says what the stream looks like, and writes nothing', async (_, expected) => {
        const written = someEvents(2);
        await store.append(STREAM, 'no-stream', written);
        expect(await store.append(STREAM, expected, someEvents(2))).toEqual({ stale: true, actual: 1 });
        expect(await idsIn(STREAM)).toEqual(idsOf(written));
      });

      it.each([0, -1])('refuses revision %d of a stream without events', async (expected) => {
        expect(await store.append(STREAM, expected, [anEvent()])).toEqual({
          stale: true,
          actual: 'no-stream',
        });
        expect(await store.readAll(undefined, 10)).toEqual([]);
      });

      it('accepts an append of no events, writes nothing, and says where the stream stands', async () => {
        expect(await store.append(STREAM, 'no-stream', [])).toEqual({ revision: -1 });
        await store.append(STREAM, 'no-stream', someEvents(2));
        expect(await store.append(STREAM, 1, [])).toEqual({ revision: 1 });
        expect(await store.readAll(undefined, 10)).toHaveLength(2);
      });

      it('keeps an append of very many events whole and in order, beside others at the same time', async () => {
        const many = Array.from({ length: 3_000 }, () => anEvent('1'));
        const answers = [
          store.append(STREAM, 'no-stream', many),
          store.append(OTHER, 'no-stream', someEvents(1)),
        ];
        expect(await Promise.all(answers)).toEqual([{ revision: 2_999 }, { revision: 0 }]);
        expect(await idsIn(STREAM)).toEqual(idsOf(many));
      });

      it('answers each of the appends asked for at the same time on its own', async () => {
        const first = anEvent();
        await store.append(OTHER, 'no-stream', [first]);
        const unstorable = expect(store.append('$system', 'no-stream', [anEvent()])).rejects.toThrow(
          NotStorable,
        );
        const answers = await Promise.all([
          store.append(STREAM, 'no-stream', [anEvent()]),
          store.append(OTHER, 7, [anEvent()]),
          store.append(OTHER, 0, [first]),
          store.append(OTHER, 0, [anEvent()]),
        ]);
        await unstorable;
        expect(answers.map(isStale)).toEqual([false, true, true, false]);
        expect(await store.readAll(undefined, 10)).toHaveLength(3);
      });
    });

    describe('when an append is repeated', () => {
      const [a, b, c, d] = [anEvent(), anEvent(), anEvent(), anEvent()];
      beforeEach(async () => {
        await store.append(STREAM, 'no-stream', [a, b]);
        await store.append(STREAM, 1, [c]);
      });

      it.each([
        ['the first append', 'no-stream' as const, [a, b], 1],
        ['a later append', 1, [c], 2],
      ])(
        'takes %s as done and writes nothing, however far the stream has moved on',
        async (_, expected, events, revision) => {
          await store.append(STREAM, 2, someEvents(3));
          expect(await store.append(STREAM, expected, events)).toEqual({ revision });
          expect(await store.readAll(undefined, 10)).toHaveLength(6);
        },
      );

      it('writes it once where both are asked for at the same time', async () => {
        const twice = [store.append(OTHER, 'no-stream', [d]), store.append(OTHER, 'no-stream', [d])];
        expect(await Promise.all(twice)).toEqual([{ revision: 0 }, { revision: 0 }]);
        expect(await idsIn(OTHER)).toEqual([d.id]);
      });

      it('knows it again after the log was closed and opened', async () => {
        store = await log.reopen();
        expect(await store.append(STREAM, 'no-stream', [a, b])).toEqual({ revision: 1 });
        expect(await idsIn(STREAM)).toEqual(idsOf([a, b, c]));
      });

      it.each([
        ['continued by another event', 'no-stream' as const, [a, d]],
        ['in another order', 'no-stream' as const, [b, a]],
        ['with one event more', 'no-stream' as const, [a, b, c, d]],
        ['with an event before it', 'no-stream' as const, [d, a]],
        ['expecting an earlier revision', 0, [c]],
        ['expecting the last revision', 2, [c]],
        ['with a new event, expecting the last revision', 2, [d, a]],
        ['expecting a later revision', 3, [c]],
      ])('refuses it %s, and writes nothing', async (_, expected, events) => {
        expect(await store.append(STREAM, expected, events)).toEqual({ stale: true, actual: 2 });
        expect(await idsIn(STREAM)).toEqual(idsOf([a, b, c]));
      });

      it('takes the same ids in another stream as other events', async () => {
        expect(await store.append(OTHER, 'no-stream', [a, b])).toEqual({ revision: 1 });
        expect(await store.readAll(undefined, 10)).toHaveLength(5);
      });
    });

    describe('when a stream is read', () => {
      it('reads a stream that does not exist as empty', async () => {
        expect(await store.read(STREAM)).toEqual([]);
        expect(await store.read(STREAM, { from: 3, backwards: true, limit: 2 })).toEqual([]);
      });

      it.each([
        ['from its first event', {}, [0, 1, 2, 3, 4]],
        ['from a revision', { from: 3 }, [3, 4]],
        ['from a revision, a few', { from: 1, limit: 2 }, [1, 2]],
        ['from beyond its end', { from: 5 }, []],
        ['no events at all', { limit: 0 }, []],
        ['backwards from its last event', { backwards: true }, [4, 3, 2, 1, 0]],
        ['backwards from its last event, a few', { backwards: true, limit: 2 }, [4, 3]],
        ['backwards from a revision', { backwards: true, from: 2 }, [2, 1, 0]],
        ['backwards from beyond its end', { backwards: true, from: 9, limit: 1 }, [4]],
      ])('reads it %s', async (_, options, revisions) => {
        await store.append(STREAM, 'no-stream', someEvents(5));
        await store.append(OTHER, 'no-stream', someEvents(5));
        const events = await store.read(STREAM, options);
        expect(events.map(({ revision }) => revision)).toEqual(revisions);
        expect(new Set(events.map(({ stream }) => stream)).size).toBe(Math.min(events.length, 1));
      });
    });

    describe('when all streams are read', () => {
      it.each([1, 5, 12, 100])(
        'gives every event once, in the order of the appends, in pages of %d',
        async (size) => {
          const appends = [STREAM, OTHER, STREAM, OTHER].map((stream) => ({ stream, events: someEvents(3) }));
          for (const [n, { stream, events }] of appends.entries())
            await store.append(stream, n < 2 ? 'no-stream' : 2, events);
          const all = await everything(store, size);
          expect(idsOf(all)).toEqual(appends.flatMap(({ events }) => idsOf(events)));
          const positions = all.map(({ position }) => position);
          expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        },
      );

      it('gives nothing after the last position, and nothing where nothing is asked for', async () => {
        await store.append(STREAM, 'no-stream', someEvents(2));
        const [, last] = await store.readAll(undefined, 10);
        expect(await store.readAll(last?.position, 10)).toEqual([]);
        expect(await store.readAll(undefined, 0)).toEqual([]);
      });

      it('writes down in UTC when each event was recorded, and never an earlier time after a later one', async () => {
        await fill(store, 20, 2);
        const times = (await store.readAll(undefined, 100)).map(({ recordedAt }) => recordedAt);
        expect(times).toEqual(times.map((time) => new Date(time).toISOString()).sort());
      });
    });
  });
  describeFollowing(name, open);
  describeText(name, open);
  describeTaking(name, open);
  describeRaces(name, open);
  describeAgainstModel(name, open);
}
