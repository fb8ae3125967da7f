import { describe, expect, it } from '@jest/globals';
import { GrowingJournal } from '../../../test/delivery/growing-journal.ts';
import type { Clearance } from './cloud-event.ts';
import { feedPage } from './feed.ts';
import { eventStream } from './stream.ts';
import { Tail, type Wanted } from './tail.ts';

const ALL: Clearance = { sees: 'restricted', reads: 'restricted' };
const NEVER = new AbortController().signal;
const EVENTS = 6_000;
const LOOK_MS = 2;

const tailOn = (growing: GrowingJournal) => new Tail(growing.journal, 'https://jejak.test/', LOOK_MS);

/** The same choices in every run (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const idsIn = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
const indexes = Array.from({ length: EVENTS }, (_, n) => n);

/** Lets the journal grow while others read it. */
async function growing(journal: GrowingJournal, random: () => number): Promise<void> {
  while (journal.rows.length < EVENTS) {
    journal.add(Math.min(EVENTS - journal.rows.length, Math.ceil(random() * 40)));
    await new Promise((later) => setTimeout(later, 1));
  }
}

/** What a stream says until it has said so many texts, or all events. */
async function some(tail: Tail, after: number, texts: number, wanted: Wanted = {}, clearance = ALL) {
  const heard: string[] = [];
  const end = new AbortController();
  const pace = { checkMs: 5, heartbeatMs: 5 };
  const asked = { after, wanted, clearance: async () => clearance };
  for await (const text of eventStream(tail, asked, end.signal, pace)) {
    heard.push(text);
    if (heard.length >= texts || text.includes(`id: ${EVENTS - 1}\n`)) end.abort();
  }
  return heard.join('');
}

describe('whoever follows the events', () => {
  it('misses nothing and sees nothing twice by the feed, killed a thousand times while more is written', async () => {
    const random = chance(7);
    const journal = new GrowingJournal().add(1_000);
    const tail = tailOn(journal);
    const grown = growing(journal, random);
    const seen: number[] = [];
    let after = -1;
    let kills = 0;
    while (seen.length < EVENTS || kills < 1_000) {
      const killed = new AbortController();
      const asked = { after, limit: 1 + Math.floor(random() * 12), waitMs: 5, wanted: {} };
      const page = feedPage(tail, asked, ALL, killed.signal);
      if (random() < 0.5) killed.abort();
      const { told, next } = await page;
      // Half of the time the reader dies before it has what it was told, and asks again.
      if (random() < 0.5 && ++kills) continue;
      seen.push(...told.map(({ index }) => index));
      after = next;
    }
    await grown;
    expect(seen).toEqual(indexes);
    expect(kills).toBeGreaterThanOrEqual(1_000);
  });

  it('misses nothing and sees nothing twice by the stream, killed a thousand times while more is written', async () => {
    const random = chance(11);
    const journal = new GrowingJournal().add(1_000);
    const tail = tailOn(journal);
    const grown = growing(journal, random);
    const seen: number[] = [];
    for (let kills = 0; kills < 1_000 || seen.length < EVENTS; kills++) {
      const text = await some(tail, seen.at(-1) ?? -1, 2);
      // The line may break anywhere: what has not come whole has not come.
      const got = text.slice(0, Math.floor(text.length * random() * 1.5));
      seen.push(...idsIn(got.slice(0, got.lastIndexOf('\n\n') + 1)));
    }
    await grown;
    expect(seen).toEqual(indexes);
  });

  it('learns where it is, though its filter lets nothing through', async () => {
    const tail = tailOn(new GrowingJournal().add(EVENTS));
    const wanted: Wanted = { types: ['Awarded'] };
    expect(await some(tail, -1, 2, wanted)).toBe(
      `retry: 3000\n\nid: 5999\nevent: checkpoint\ndata: {"sequence":"00000000000000005999"}\n\n`,
    );
    const page = await feedPage(tail, { after: -1, limit: 10, waitMs: 0, wanted }, ALL, NEVER);
    expect(page).toEqual({ told: [], next: EVENTS - 1, size: EVENTS, isWhole: false });
  });

  it('is given the types, streams and classes that were asked for, from the past and from what comes', async () => {
    const journal = new GrowingJournal().add(3);
    const tail = tailOn(journal);
    const listen = async (wanted: Wanted) =>
      idsIn(await some(tail, -1, 3, wanted)).filter((id) => id < journal.rows.length);
    await tail.beyond(-1, 1_000, NEVER);
    journal.add(1, { type: 'Awarded' }).add(1, { stream: 'unit-u' }).add(1, { type: 'SanctionImposed' });
    expect(await listen({ types: ['Awarded'] })).toContain(3);
    expect(await listen({ streams: ['unit-u'] })).toContain(4);
    expect(await listen({ classes: ['restricted'] })).toContain(5);
    const page = await feedPage(
      tail,
      { after: -1, limit: 9, waitMs: 0, wanted: { types: ['Awarded'] } },
      ALL,
      NEVER,
    );
    expect(page.told.map(({ index }) => index)).toEqual([3]);
  });

  it('is never shown by a replay what may not be seen now', async () => {
    const journal = new GrowingJournal().add(2).add(2, { type: 'SanctionImposed' }).add(2);
    const tail = tailOn(journal);
    const less: Clearance = { sees: 'confidential', reads: 'internal' };
    expect(idsIn(await some(tail, -1, 2))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(idsIn(await some(tail, -1, 2, {}, less))).toEqual([0, 1, 4, 5]);
    await tail.beyond(-1, 1_000, NEVER);
    expect(idsIn(await some(tail, -1, 2, {}, less))).toEqual([0, 1, 4, 5]);
    expect(await some(tail, 1, 2, {}, less)).not.toContain('Sanction');
  });

  it('is told no more as soon as it may be told nothing, or less', async () => {
    const journal = new GrowingJournal().add(1, { type: 'AppraisalScored', data: { predikat: 'Baik' } });
    const tail = tailOn(journal);
    let now: Clearance | undefined = ALL;
    const clearance = async () => {
      if (!now) throw new Error('the key was revoked');
      return now;
    };
    const asked = { after: -1, wanted: {}, clearance };
    const stream = eventStream(tail, asked, NEVER, { checkMs: 5, heartbeatMs: 5_000 });
    await stream.next();
    expect((await stream.next()).value).toContain('"predikat":"Baik"');
    now = { sees: 'restricted', reads: 'internal' };
    await new Promise((later) => setTimeout(later, 10));
    journal.add(1, { type: 'AppraisalScored', data: { predikat: 'Kurang' } });
    const thin = (await stream.next()).value;
    expect(thin).toContain('id: 1\n');
    expect(thin).not.toContain('Kurang');
    now = undefined;
    journal.add(1);
    await new Promise((later) => setTimeout(later, 10));
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  it('costs one batch where it takes nothing', async () => {
    const journal = new GrowingJournal().add(EVENTS);
    const stream = eventStream(tailOn(journal), { after: -1, wanted: {}, clearance: async () => ALL }, NEVER);
    await stream.next();
    const { value } = await stream.next();
    await new Promise((later) => setTimeout(later, 50));
    expect(idsIn(String(value))).toHaveLength(100);
    expect(journal.reads).toBe(1);
  });

  it('hears that the line is open where nothing comes', async () => {
    expect(await some(tailOn(new GrowingJournal()), -1, 3)).toBe('retry: 3000\n\n: hb\n\n: hb\n\n');
  });

  it('waits together with all others: one look serves them all', async () => {
    const journal = new GrowingJournal();
    const tail = new Tail(journal.journal, 'https://jejak.test/', 20);
    const waiting = Promise.all(
      Array.from({ length: 500 }, () => tail.beyond(-1, 5_000, new AbortController().signal)),
    );
    await new Promise((later) => setTimeout(later, 50));
    journal.add(1);
    await waiting;
    expect(journal.looks).toBeLessThan(20);
  });
});
