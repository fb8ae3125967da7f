import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anEvent, idsOf, type OpenLog } from './contract-log.ts';
import type { EventStore, Expected, NewEvent, Position } from './event-store.ts';

/** A few ids, so that repeats, partial repeats and repeats in another order come by themselves. */
const POOL: readonly NewEvent[] = Array.from({ length: 7 }, () => anEvent());
const STREAMS = ['unit-a', 'unit-b'] as const;

type Append = { kind: 'append'; stream: string; expected: Expected | 'what it is'; events: NewEvent[] };
type Read = { kind: 'read'; stream: string; from?: number; backwards?: boolean; limit?: number };
type Step = Append | Read | { kind: 'repeat'; which: number } | { kind: 'reopen' };

const stream = fc.constantFrom(...STREAMS);
const revision = fc.integer({ min: -1, max: 8 });
const append: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('append'),
  stream,
  expected: fc.oneof(
    { weight: 4, arbitrary: fc.constant('what it is' as const) },
    { weight: 1, arbitrary: fc.constant('no-stream' as const) },
    { weight: 2, arbitrary: revision },
  ),
  events: fc.uniqueArray(fc.constantFrom(...POOL), { maxLength: 3 }),
});
const read: fc.Arbitrary<Step> = fc.record(
  {
    kind: fc.constant('read'),
    stream,
    from: fc.integer({ min: 0, max: 8 }),
    backwards: fc.boolean(),
    limit: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: ['kind', 'stream'] },
);
const repeat: fc.Arbitrary<Step> = fc.record({ kind: fc.constant('repeat'), which: fc.nat(10) });
const reopen: fc.Arbitrary<Step> = fc.constant({ kind: 'reopen' });
const steps = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: append },
    { weight: 4, arbitrary: read },
    { weight: 4, arbitrary: repeat },
    { weight: 1, arbitrary: reopen },
  ),
  { maxLength: 30 },
);

/** The port's MUSTs 1 to 6 in memory. */
class Model {
  readonly order: string[] = [];
  readonly #streams = new Map<string, string[]>();

  append(stream: string, expected: Expected, events: readonly NewEvent[]) {
    const kept = this.ids(stream);
    const ids = idsOf(events);
    if (ids.length === 0) return { revision: kept.length - 1 };
    const first = expected === 'no-stream' ? 0 : expected < 0 ? Number.NaN : expected + 1;
    const appended = { revision: first + ids.length - 1 };
    if (first < kept.length && ids.every((id, n) => kept[first + n] === id)) return appended;
    if (first !== kept.length || ids.some((id) => kept.includes(id)))
      return { stale: true, actual: this.looks(stream) };
    this.#streams.set(stream, [...kept, ...ids]);
    this.order.push(...ids.map((id) => `${stream}/${id}`));
    return appended;
  }

  read({ stream, from, backwards, limit }: Read): string[] {
    const ids = this.ids(stream);
    const chosen = backwards
      ? ids.slice(0, from === undefined ? undefined : from + 1).reverse()
      : ids.slice(from);
    return chosen.slice(0, limit);
  }

  ids(stream: string): string[] {
    return this.#streams.get(stream) ?? [];
  }

  looks(stream: string): Expected {
    const last = this.ids(stream).length - 1;
    return last < 0 ? 'no-stream' : last;
  }
}

/** One history, taken step by step in the log and in the model beside it. */
class History {
  readonly model = new Model();
  readonly #asked: Append[] = [];

  constructor(
    public store: EventStore,
    private readonly log: OpenLog,
    private readonly suffix: number,
  ) {}

  async take(step: Step): Promise<void> {
    if (step.kind === 'append') await this.#append({ ...step, stream: `${step.stream}${this.suffix}` });
    if (step.kind === 'read') await this.#read({ ...step, stream: `${step.stream}${this.suffix}` });
    if (step.kind === 'reopen') this.store = await this.log.reopen();
    const earlier = step.kind === 'repeat' ? this.#asked[step.which % this.#asked.length] : undefined;
    if (earlier) await this.#append(earlier);
  }

  async #append(asked: Append): Promise<void> {
    const { stream, events } = asked;
    const expected = asked.expected === 'what it is' ? this.model.looks(stream) : asked.expected;
    this.#asked.push({ ...asked, expected });
    const answer = await this.store.append(stream, expected, events);
    expect(answer).toEqual(this.model.append(stream, expected, events));
  }

  async #read(asked: Read): Promise<void> {
    expect(idsOf(await this.store.read(asked.stream, asked))).toEqual(this.model.read(asked));
  }
}

/** Any sequence of appends, repeats and reads has the outcomes of the model. */
export function describeAgainstModel(name: string, open: () => Promise<OpenLog>): void {
  describe(`any history of the log kept in ${name}`, () => {
    let log: OpenLog;
    beforeAll(async () => {
      log = await open();
    });
    afterAll(() => log.remove());

    it('is answered and kept as the rules say, whoever repeats, reads or opens it again', async () => {
      let { store } = log;
      let runs = 0;
      let start: Position | undefined;
      const property = fc.asyncProperty(steps, async (taken) => {
        const history = new History(store, log, runs++);
        for (const step of taken) await history.take(step);
        store = history.store;
        const order = await store.readAll(start, 1_000);
        start = order.at(-1)?.position ?? start;
        expect(order.map(({ stream, id }) => `${stream}/${id}`)).toEqual(history.model.order);
      });
      await fc.assert(property, { seed: 20_250_102, numRuns: 300 });
    });
  });
}
