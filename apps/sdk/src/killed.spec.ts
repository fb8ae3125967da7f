import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Fault, FeedDouble } from '../../../test/feed-double/index.ts';
import { indexOf, JejakClient, type StreamTold, type Wanted } from './index.ts';

/** So often the reader or its connection comes to an end. */
const DEATHS = 1_000;

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What the connections of a bad network meet: cut anywhere in the answer, refused, or well. */
function badly(random: () => number): Fault | undefined {
  const lot = random();
  if (lot < 0.35) return { resetAfter: Math.floor(random() * 12_000) };
  if (lot < 0.4) return { status: 503, headers: { 'retry-after': '1' } };
  return lot < 0.43 ? { status: 429 } : undefined;
}

/** Kills while it connects, or when an answer begins, at times. */
function fetchUntil(kill: () => void, random: () => number): typeof fetch {
  return async (url, init) => {
    const lot = random();
    if (lot < 0.1) setImmediate(kill);
    const response = await fetch(url, init);
    if (lot > 0.9) setImmediate(kill);
    return response;
  };
}

describe('a reader that is killed a thousand times, over a network that fails', () => {
  let double: FeedDouble;

  beforeEach(async () => {
    double = await FeedDouble.start();
  });
  afterEach(() => double.stop());

  /** One life: reads behind `after` until its time has come or there is no more, and hands on what it was told. */
  async function live(
    read: (client: JejakClient, wanted: Wanted) => AsyncIterable<StreamTold>,
    after: number,
    random: () => number,
    keep: (told: StreamTold) => void,
  ): Promise<void> {
    const killed = new AbortController();
    const kill = () => killed.abort();
    const client = new JejakClient({
      baseUrl: double.url,
      token: double.token,
      fetch: fetchUntil(kill, random),
      pace: { random, sleep: async () => turn() },
    });
    let left = Math.floor(random() * 30);
    const hasTimeAt = (place: number) => left-- > 0 && place < double.events.length - 1;
    for await (const told of read(client, { after, signal: killed.signal })) {
      keep(told);
      if (hasTimeAt(told.after)) continue;
      if (random() < 0.5) break;
      kill();
    }
  }

  it.each([
    ['feed', 1, (client: JejakClient, wanted: Wanted) => client.events({ ...wanted, limit: 7 })],
    ['stream', 2, (client: JejakClient, wanted: Wanted) => client.stream(wanted)],
    [
      'stream of some',
      3,
      (client: JejakClient, wanted: Wanted) => client.stream({ ...wanted, types: ['Placed'] }),
    ],
  ] as const)('sees on the %s every event once, in order', async (_, seed, read) => {
    const random = chance(seed);
    const seen: number[] = [];
    let [after, faults, lives] = [-1, 0, 0];
    double.checkpointEvery = 3;
    double.fault = () => {
      const fault = faults + lives < DEATHS ? badly(random) : undefined;
      if (fault) faults++;
      return fault;
    };
    while (faults + lives < DEATHS || after < double.events.length - 1) {
      if (faults + lives++ < DEATHS) double.append(1 + Math.floor(random() * 15));
      await live(read, after, random, (told) => {
        if (told.event) seen.push(indexOf(told.event));
        after = told.after;
      });
    }
    const wanted = double.events.filter(({ type }) => seed !== 3 || type.includes('Placed'));
    expect(seen).toEqual(wanted.map(indexOf));
    expect(wanted.length).toBeGreaterThan(DEATHS);
    expect(Math.min(faults, lives)).toBeGreaterThan(DEATHS / 4);
  });
});
