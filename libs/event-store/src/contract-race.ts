import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anEvent, everything, idsOf, type OpenLog, STREAM } from './contract-log.ts';
import { type EventStore, type Expected, isStale } from './event-store.ts';

/** What every engine must do for those who write at the same time. */
export function describeRaces(name: string, open: () => Promise<OpenLog>): void {
  describe(`writers racing on the log kept in ${name}`, () => {
    let log: OpenLog;
    let store: EventStore;
    beforeEach(async () => {
      log = await open();
      store = log.store;
    });
    afterEach(() => log.remove());

    it.each(['no-stream' as const, 0])(
      'win one at a time: of twenty that expect %s one is accepted, the others are told what the stream looks like',
      async (expected) => {
        if (expected === 0) await store.append(STREAM, 'no-stream', [anEvent()]);
        const again = await log.openAgain();
        const events = Array.from({ length: 20 }, () => anEvent());
        const answers = await Promise.all(
          events.map((event, n) => (n % 2 ? again : store).append(STREAM, expected, [event])),
        );
        const revision = expected === 0 ? 1 : 0;
        expect(answers.filter((answer) => !isStale(answer))).toEqual([{ revision }]);
        expect(answers.filter(isStale)).toEqual(Array(19).fill({ stale: true, actual: revision }));
        const winner = events[answers.findIndex((answer) => !isStale(answer))];
        expect((await store.read(STREAM)).at(-1)?.id).toBe(winner?.id);
      },
    );

    it('all succeed where a thousand write to a thousand streams', async () => {
      const streams = Array.from({ length: 1_000 }, (_, n) => `unit-${n}`);
      const answers = await Promise.all(
        streams.map((stream) => store.append(stream, 'no-stream', [anEvent()])),
      );
      expect(answers).toEqual(Array(1_000).fill({ revision: 0 }));
      const kept = (await everything(store)).map(({ stream }) => stream);
      expect(kept.sort()).toEqual(streams.sort());
    });

    it('lose nothing and write nothing twice when each asks again after it lost', async () => {
      const again = await log.openAgain();
      const writers = fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }), { maxLength: 6 });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(writers, async (all) => {
          const stream = `forum-${run++}`;
          const written = await Promise.all(
            all.map((sizes, n) => persistentWriter(n % 2 ? again : store, stream, sizes)),
          );
          const kept = await store.read(stream);
          expect(kept.map(({ revision }) => revision)).toEqual(kept.map((_, n) => n));
          expect(idsOf(kept).sort()).toEqual(written.flat().sort());
          for (const ids of written) expect(idsOf(kept).filter((id) => ids.includes(id))).toEqual(ids);
        }),
        { seed: 20_250_102, numRuns: 30 },
      );
    });
  });
}

/** Appends so many events at a time, each time until it wins; the ids in the order written. */
async function persistentWriter(
  store: EventStore,
  stream: string,
  sizes: readonly number[],
): Promise<string[]> {
  const written: string[] = [];
  let expected: Expected = 'no-stream';
  for (const size of sizes) {
    const events = Array.from({ length: size }, () => anEvent());
    for (let answer = await store.append(stream, expected, events); ; ) {
      if (!isStale(answer)) {
        expected = answer.revision;
        break;
      }
      expected = answer.actual;
      answer = await store.append(stream, expected, events);
    }
    written.push(...idsOf(events));
  }
  return written;
}
