import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anEvent, everything, type OpenLog, STREAM } from './contract-log.ts';
import {
  type EventStore,
  MAX_APPEND_BYTES,
  MAX_NAME_BYTES,
  type NewEvent,
  NotStorable,
} from './event-store.ts';

const LONE = '\ud800';
/** A name of as many bytes as allowed, which no compression makes shorter. */
const longest = randomBytes(MAX_NAME_BYTES / 2).toString('hex');

/** What every engine must do with the text it is given. */
export function describeText(name: string, open: () => Promise<OpenLog>): void {
  describe(`the text in the log kept in ${name}`, () => {
    let log: OpenLog;
    let store: EventStore;
    let streams = 0;
    beforeAll(async () => {
      log = await open();
      store = log.store;
    });
    afterAll(() => log.remove());
    const fresh = () => `complaint-${streams++}`;

    it.each([
      ['spaces and numbers as they were written', '{ "kredit" : 12.50, "lama":1e2 , "jauh":-0 }'],
      ['accents as they were composed', '{"a":"Sibolga é e\u0301 \u{1F600} \u2028","\u00e9":1}'],
      ['escapes as they were escaped', '{"a":"\\u0000\\u00e9\\ud83d\\ude00\\n\\/"}'],
      ['numbers beyond 2^53', '[9007199254740993,1e400]'],
      ['keys in the order they came, twice the same', '{"b":1,"a":2,"b":3}'],
      ['plain values', '"teks"'],
    ])('gives back %s', async (_, text) => {
      const [stream, event] = [fresh(), { ...anEvent(text), metadata: text }];
      await store.append(stream, 'no-stream', [event]);
      expect(await store.read(stream)).toMatchObject([event]);
      expect((await everything(store)).at(-1)).toMatchObject(event);
    });

    it('gives back any text, under any name of stream and type', async () => {
      const name = fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
        .filter((s) => !s.startsWith('$'));
      const json = fc.json({ stringUnit: 'grapheme' });
      await fc.assert(
        fc.asyncProperty(name, name, json, json, async (suffix, type, data, metadata) => {
          const [stream, event] = [`${fresh()}${suffix}`, { ...anEvent(data, type), metadata }];
          await store.append(stream, 'no-stream', [event]);
          expect(await store.read(stream)).toMatchObject([{ ...event, stream }]);
        }),
        { seed: 20_250_102, numRuns: 100 },
      );
    });

    it('keeps streams apart whose names differ only in case or in how an accent is composed', async () => {
      const names = ['unit-é', 'unit-e\u0301', 'unit-É', 'UNIT-é', 'unit-é '];
      for (const name of names)
        expect(await store.append(name, 'no-stream', [anEvent()])).toEqual({ revision: 0 });
    });

    it('accepts an append as large as allowed, and gives it back', async () => {
      const [stream, events] = [fresh(), largest()];
      expect(await store.append(stream, 'no-stream', events)).toEqual({ revision: 1 });
      expect(await store.read(stream)).toMatchObject(events);
    });

    it('accepts names as long as allowed, and gives them back', async () => {
      const event = anEvent('1', longest);
      expect(await store.append(longest, 'no-stream', [event])).toEqual({ revision: 0 });
      expect(await store.read(longest)).toMatchObject([{ ...event, stream: longest }]);
    });

    it.each([
      ['an append of one byte more than allowed', STREAM, largest(1)],
      ['data that is not JSON', STREAM, [anEvent('{')]],
      ['metadata that is not JSON', STREAM, [{ ...anEvent(), metadata: 'undefined' }]],
      ['half a character in data', STREAM, [anEvent(`"${LONE}"`)]],
      ['half a character in metadata', STREAM, [{ ...anEvent(), metadata: `"${LONE}"` }]],
      ['half a character in a type', STREAM, [anEvent('1', LONE)]],
      ['half a character in the name of a stream', `a${LONE}`, [anEvent()]],
      ['a type that starts with $', STREAM, [anEvent('1', '$Placed')]],
      ['a stream that starts with $', '$all', [anEvent()]],
      ['NUL in a type', STREAM, [anEvent('1', 'Placed\0')]],
      ['NUL in the name of a stream', 'unit-\0', [anEvent()]],
      ['a type with a name longer than allowed', STREAM, [anEvent('1', `${longest}P`)]],
      ['a stream with a name longer than allowed', `${longest}s`, [anEvent()]],
      ['a type without a name', STREAM, [anEvent('1', '')]],
      ['a stream without a name', '', [anEvent()]],
      ['an id in capitals', STREAM, [{ ...anEvent(), id: '0190F0A0-0000-7000-8000-000000000001' }]],
      ['a good event beside one that may not be kept', STREAM, [anEvent(), anEvent('{')]],
    ])('refuses %s, and writes nothing', async (_, stream, events) => {
      const before = await everything(store);
      await expect(store.append(stream, 'no-stream', events)).rejects.toThrow(NotStorable);
      expect(await everything(store)).toEqual(before);
    });
  });
}

/** Two events that take all the bytes one append may have, and so many more. */
function largest(more = 0): NewEvent[] {
  const half = (letter: string, bytes: number) => {
    const frame = '""{}'.length;
    const letters = letter.repeat((bytes - frame) / Buffer.byteLength(letter));
    return { ...anEvent(`"${letters}"`), metadata: '{}' };
  };
  return [half('a', MAX_APPEND_BYTES / 2 + more), half('é', MAX_APPEND_BYTES / 2)];
}
