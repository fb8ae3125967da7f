import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anEvent, everything, followed, type OpenLog, OTHER, STREAM } from './contract-log.ts';
import { type EventStore, NotStorable, type StoredEvent, TAKEN } from './event-store.ts';

const BEGAN = Date.UTC(2024, 4, 6);

/** Events as another log had them, a second apart; `places`: stream and revision of each. */
const ofAnotherLog = (...places: readonly (readonly [stream: string, revision: number])[]): StoredEvent[] =>
  places.map(([stream, revision], n) => ({
    ...anEvent(`{"10":1.50,"n":${n}}`),
    stream,
    revision,
    position: 7_000 + 13 * n,
    recordedAt: new Date(BEGAN + 1_000 * n).toISOString(),
  }));

const butPositions = (events: readonly StoredEvent[]) => events.map((event) => ({ ...event, position: 0 }));

/** What every engine must do with the events of another log. */
export function describeTaking(name: string, open: () => Promise<OpenLog>): void {
  describe(`events of another log, taken into the one kept in ${name}`, () => {
    let log: OpenLog;
    let store: EventStore;
    let taken: StoredEvent[];
    beforeEach(async () => {
      log = await open();
      store = log.store;
      taken = ofAnotherLog([STREAM, 0], [STREAM, 1], [OTHER, 0], [STREAM, 2], [OTHER, 1]);
    });
    afterEach(() => log.remove());

    it('are what they were but for their positions, however they are read', async () => {
      const odd = taken.map((event, n) => ({
        ...event,
        metadata: ['{}', '[ 1.0]', '{"2":1,"1":"é"}'][n % 3] ?? '',
      }));
      await store.take(odd.slice(0, 3));
      await store.take(odd.slice(3));
      store = await log.reopen();
      const all = await everything(store, 2);
      expect(butPositions(all)).toEqual(butPositions(odd));
      expect(all.map(({ position }) => position)).toEqual(
        [...new Set(all.map(({ position }) => position))].sort((a, b) => a - b),
      );
      const ofStream = butPositions(odd.filter(({ stream }) => stream === STREAM));
      expect(butPositions(await store.read(STREAM))).toEqual(ofStream);
      expect(butPositions(await store.read(STREAM, { backwards: true, from: 1 }))).toEqual(
        ofStream.slice(0, 2).reverse(),
      );
      expect(butPositions(await followed(store, undefined, 5))).toEqual(butPositions(odd));
    });

    it('reach those who follow already', async () => {
      const following = followed(store, undefined, 5);
      await store.take(taken);
      expect(butPositions(await following)).toEqual(butPositions(taken));
    });

    it('are continued by what is appended, which is not recorded earlier', async () => {
      await store.take(taken);
      const [next, first] = [anEvent(), anEvent()];
      expect(await store.append(STREAM, 1, [next])).toEqual({ stale: true, actual: 2 });
      expect(await store.append(STREAM, 2, [next])).toEqual({ revision: 3 });
      expect(await store.append('unit-new', 'no-stream', [first])).toEqual({ revision: 0 });
      const all = await everything(store);
      expect(all.slice(5)).toMatchObject([next, first]);
      const times = all.map(({ recordedAt }) => recordedAt);
      expect(times).toEqual([...times].sort());
    });

    it('are known again when an append that wrote them is repeated', async () => {
      await store.take(taken);
      const [a, b] = taken as [StoredEvent, StoredEvent];
      expect(await store.append(STREAM, 'no-stream', [a, b])).toEqual({ revision: 1 });
      expect(await everything(store)).toHaveLength(5);
    });

    it('are taken in any number', async () => {
      const many = ofAnotherLog(
        ...Array.from({ length: 2_500 }, (_, n) => [`unit-${n % 40}`, Math.floor(n / 40)] as const),
      );
      await store.take(many);
      expect(butPositions(await everything(store))).toEqual(butPositions(many));
      await store.take([]);
      expect(await everything(store)).toHaveLength(2_500);
    });

    it.each([
      ['that are there already', (events: StoredEvent[]) => events],
      ['that leave a gap in a stream', () => ofAnotherLog([STREAM, 4]).map(later)],
      ['that begin a stream anew', () => ofAnotherLog([STREAM, 0]).map(later)],
      ['of a stream that does not begin', () => ofAnotherLog(['unit-9', 1]).map(later)],
      [
        'that leave a gap among themselves',
        () => ofAnotherLog(['unit-9', 0], [STREAM, 3], ['unit-9', 2]).map(later),
      ],
      ['recorded before the last one', () => ofAnotherLog([STREAM, 3])],
      ['whose times go back', () => ofAnotherLog([STREAM, 3], [STREAM, 4]).map(later).map(swapped)],
      [
        'without a time',
        () => ofAnotherLog([STREAM, 3]).map((event) => ({ ...event, recordedAt: '2031-02-30' })),
      ],
      [
        'with an id the stream has',
        ([a]: StoredEvent[]) =>
          ofAnotherLog([OTHER, 2], [STREAM, 3])
            .map(later)
            .map((event, n) => (n ? { ...event, id: a?.id ?? '' } : event)),
      ],
      [
        'with an id twice',
        ([a]: StoredEvent[]) =>
          ofAnotherLog(['unit-9', 0], ['unit-9', 1])
            .map(later)
            .map((event) => ({ ...event, id: a?.id ?? '' })),
      ],
      [
        'that may not be kept',
        () =>
          ofAnotherLog([STREAM, 3], [STREAM, 4])
            .map(later)
            .map((event, n) => (n ? { ...event, data: '{' } : event)),
      ],
    ])('are refused %s, and nothing of the batch is written', async (_, batch) => {
      await store.take(taken);
      const before = await everything(store);
      await expect(store.take(batch(taken))).rejects.toThrow(NotStorable);
      expect(await everything(store)).toEqual(before);
      await store.take(ofAnotherLog([STREAM, 3]).map(later));
      expect(await store.read(STREAM)).toHaveLength(4);
    });

    it('cannot be feigned by an append', async () => {
      const event = { ...anEvent(), metadata: `${TAKEN}"2024-05-06T00:00:00.000Z","$metadata":{}}` };
      await expect(store.append(STREAM, 'no-stream', [event])).rejects.toThrow(NotStorable);
      expect(await everything(store)).toEqual([]);
    });
  });
}

/** A day after the first batch. */
function later(event: StoredEvent): StoredEvent {
  return { ...event, recordedAt: new Date(Date.parse(event.recordedAt) + 86_400_000).toISOString() };
}

const swapped = (event: StoredEvent, n: number): StoredEvent =>
  n === 0 ? { ...event, recordedAt: new Date(Date.parse(event.recordedAt) + 5_000).toISOString() } : event;
