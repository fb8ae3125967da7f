/**
 * Appends to the log at argv[2] (a file, or a URL of PostgreSQL) until it is killed: eight writers on streams of their
 * own (argv[3] names them) and two that race with other processes for one stream. Says on stdout, a JSON line each,
 * what was acknowledged, at once, and what was refused because the log was not available; the same events are then
 * asked for again. Ends where it is told that a stream of its own has moved without it.
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresEventStore, SqliteEventStore, uuidv7 } from '../../../dist/libs/event-store/src/index.js';

const [, , where, name] = process.argv;
const store = where.includes('://') ? await PostgresEventStore.open(where) : new SqliteEventStore(where);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

const SHARED = 'forum-shared';
const streams = Array.from({ length: 8 }, (_, n) => `unit-${name}-${n}`);
await Promise.all([...streams, SHARED, SHARED].map(write));

async function write(stream) {
  const [last] = await store.read(stream, { backwards: true, limit: 1 });
  let expected = last ? last.revision : 'no-stream';
  for (let n = 0; ; n++) {
    const events = someEvents(1 + (n % 3));
    // The first may come after what a server still finishes for a process that was killed.
    const isAlone = n > 0 && stream !== SHARED;
    expected = await insist(stream, expected, events, isAlone);
    say({ stream, revision: expected, ids: events.map(({ id }) => id) });
  }
}

/** Appends, again and again until it is acknowledged; the revision of the last event. */
async function insist(stream, expected, events, isAlone) {
  try {
    const answer = await store.append(stream, expected, events);
    if (!('stale' in answer)) return answer.revision;
    if (isAlone) endSaying(`${stream} moved from ${expected} to ${answer.actual} without its only writer`);
    return insist(stream, answer.actual, events, isAlone);
  } catch (error) {
    say({ unavailable: `${error.name}: ${error.message}` });
    await sleep(20);
    return insist(stream, expected, events, isAlone);
  }
}

function endSaying(what) {
  process.stderr.write(what);
  process.exit(1);
}

function someEvents(count) {
  const ids = Array.from({ length: count }, () => uuidv7());
  const metadata = JSON.stringify({ append: ids[0], of: count });
  return ids.map((id) => ({ id, type: 'Placed', data: JSON.stringify('x'.repeat(1_000)), metadata }));
}
