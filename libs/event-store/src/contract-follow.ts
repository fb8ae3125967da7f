import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  anEvent,
  everything,
  fill,
  followed,
  idsOf,
  type OpenLog,
  OTHER,
  STREAM,
  someEvents,
} from './contract-log.ts';
import type { EventStore, Position, StoredEvent } from './event-store.ts';

/** What every engine must do for those who follow the log. */
export function describeFollowing(name: string, open: () => Promise<OpenLog>): void {
  describe(`a follower of the log kept in ${name}`, () => {
    let log: OpenLog;
    let store: EventStore;
    beforeEach(async () => {
      log = await open();
      store = log.store;
    });
    afterEach(() => log.remove());

    it('is given what is past and then what is present, without a seam', async () => {
      await store.append(STREAM, 'no-stream', someEvents(3));
      const stop = new AbortController();
      const seen: string[] = [];
      let revision = 2;
      for await (const batch of store.follow(undefined, stop.signal)) {
        seen.push(...idsOf(batch));
        if (seen.length === 20) stop.abort();
        else await store.append(STREAM, revision++, [anEvent()]);
      }
      expect(seen).toEqual(idsOf(await store.read(STREAM)));
    });

    it('is given only what comes after the position it names', async () => {
      await store.append(STREAM, 'no-stream', someEvents(3));
      const [first, ...rest] = await everything(store);
      expect(idsOf(await followed(store, first?.position, 2))).toEqual(idsOf(rest));
    });

    it('waits at the end of the log, and is given what is recorded later', async () => {
      const waiting = followed(store, undefined, 1);
      const event = anEvent();
      await turns(5);
      await store.append(STREAM, 'no-stream', [event]);
      expect(idsOf(await waiting)).toEqual([event.id]);
    });

    it('is given what others recorded who opened the same log', async () => {
      const waiting = followed(store, undefined, 1);
      const event = anEvent();
      const other = await log.openAgain();
      await other.append(STREAM, 'no-stream', [event]);
      expect(idsOf(await waiting)).toEqual([event.id]);
    });

    it('is given every event once and in order while many write, and so is another follower beside it', async () => {
      const followers = [followed(store, undefined, 200), followed(store, undefined, 200)];
      await Promise.all(Array.from({ length: 20 }, (_, n) => writeOneByOne(store, `unit-${n}`, 10)));
      const written = idsOf(await everything(store));
      for (const follower of followers) expect(idsOf(await follower)).toEqual(written);
    });

    it('is given a long past in batches, and is not hurried while it works on one', async () => {
      await fill(store, 5, 500);
      const batches: string[][] = [];
      const stop = new AbortController();
      await drained(store, stop.signal, async (batch) => {
        batches.push(idsOf(batch));
        if (batches.length === 1) await store.append(OTHER, 'no-stream', someEvents(2));
        await turns(5);
        if (batches.flat().length === 2_502) stop.abort();
      });
      expect(batches[0]?.length).toBeLessThan(2_500);
      expect(batches.flat()).toEqual(idsOf(await everything(store)));
    });

    it('comes to an end when it is told to stop: before it begins, while it waits, and between batches', async () => {
      expect(await drained(store, AbortSignal.abort())).toBe(0);
      const stop = new AbortController();
      const waiting = drained(store, stop.signal);
      await turns(5);
      stop.abort();
      expect(await waiting).toBe(0);
      await fill(store, 5, 500);
      const halfway = new AbortController();
      const batches = drained(store, halfway.signal, () => halfway.abort());
      expect(await batches).toBe(1);
    });

    it('misses nothing when it is stopped anywhere and starts again after its last position', async () => {
      await fill(store, 8, 40);
      const written = idsOf(await everything(store));
      const stops = fc.array(fc.integer({ min: 0, max: 319 }), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(stops, async (indexes) => {
          const seen: string[] = [];
          let position: Position | undefined;
          for (const index of [...indexes.sort((a, b) => a - b), 319]) {
            const events = await followed(store, position, 1);
            const kept = events.slice(0, Math.max(index + 1 - seen.length, 0));
            seen.push(...idsOf(kept));
            position = kept.at(-1)?.position ?? position;
            if (seen.length === written.length) break;
          }
          expect(seen).toEqual(written);
        }),
        { seed: 20_250_102, numRuns: 50 },
      );
    });
  });
}

/** How many batches a follower is given, and works on, until it is stopped. */
async function drained(
  store: EventStore,
  signal: AbortSignal,
  work: (batch: StoredEvent[]) => Promise<void> | void = () => {},
): Promise<number> {
  let batches = 0;
  for await (const batch of store.follow(undefined, signal)) {
    batches++;
    await work(batch);
  }
  return batches;
}

async function writeOneByOne(store: EventStore, stream: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await store.append(stream, n === 0 ? 'no-stream' : n - 1, [anEvent()]);
}

/** Lets everything else that is ready have its turn. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
}
