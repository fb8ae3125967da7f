import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commandIdOf, eventId, uuidv7 } from './ids.ts';

const COMMAND = '0190f0a0-0000-7000-8000-000000000009';
const STREAM = 'unit-one';
/** The time of the UUIDv7 example in RFC 9562, appendix A.6. */
const ASKED_AT = 0x017f22e279b0;
const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe('the id of an event', () => {
  it('is a UUIDv7 that begins with the time, as in RFC 9562 A.6', () => {
    expect(uuidv7(ASKED_AT)).toMatch(/^017f22e2-79b0-7/);
    expect(eventId(COMMAND, ASKED_AT, STREAM, -1, 0)).toMatch(/^017f22e2-79b0-7/);
  });

  it('is always the same for the same attempt, also in years to come', () => {
    expect(eventId(COMMAND, ASKED_AT, STREAM, -1, 0)).toBe('017f22e2-79b0-7bf9-9ff4-0d3b52fb37e0');
    expect(eventId(COMMAND, ASKED_AT, STREAM, 4, 2)).toBe('017f22e2-79b0-73bc-8d73-a3e82d1a586e');
  });

  it('is another for another command, time, revision or place in the decision', () => {
    const ids = [
      eventId(COMMAND, ASKED_AT, STREAM, 1, 0),
      eventId(COMMAND.replace('9', '8'), ASKED_AT, STREAM, 1, 0),
      eventId(COMMAND, ASKED_AT + 1, STREAM, 1, 0),
      eventId(COMMAND, ASKED_AT, 'unit-another', 1, 0),
      eventId(COMMAND, ASKED_AT, STREAM, 2, 0),
      eventId(COMMAND, ASKED_AT, STREAM, 1, 1),
      eventId(COMMAND, ASKED_AT, STREAM, 11, 0),
      eventId(COMMAND, ASKED_AT, STREAM, 1, 10),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is well formed and sorts by time, for any time', () => {
    fc.assert(
      fc.property(time, time, fc.string(), fc.integer(), (a, b, command, revision) => {
        const [first, second] = [
          eventId(command, a, STREAM, revision, 0),
          eventId(command, b, STREAM, revision, 0),
        ];
        expect(first).toMatch(V7);
        expect(uuidv7(a)).toMatch(V7);
        if (a !== b) expect(first < second).toBe(a < b);
      }),
      { seed: 20_250_102 },
    );
  });

  it('is made anew each time where there is no command', () => {
    const ids = Array.from({ length: 1_000 }, () => uuidv7(ASKED_AT));
    expect(new Set(ids).size).toBe(1_000);
  });
});

describe('the id of a command that comes with an idempotency key', () => {
  it('is always the same for one asker and key, also in years to come', () => {
    expect(commandIdOf('a-1', 'key-1')).toBe('df8c5b95-e32c-89d1-834b-b4621f3d799e');
  });

  it('is another for another asker or key', () => {
    const ids = [commandIdOf('a-1', 'key-1'), commandIdOf('a-2', 'key-1'), commandIdOf('a-1', 'key-2')];
    expect(new Set(ids).size).toBe(3);
  });

  it('is a well-formed UUIDv8, whatever the key', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (asker, key) => expect(commandIdOf(asker, key)).toMatch(V8)),
      { seed: 20_250_102 },
    );
  });
});
