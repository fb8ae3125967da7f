import { createHash, type Hash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { EventStore, Position, StoredEvent } from '@app/event-store';
import { leafOf } from '@app/journal';
import { leafHash } from '@app/proof';

/** Events of both logs, and the SHA-256 over all their leaf hashes in order, in hex. */
export type Copied = {
  readonly events: number;
  /** How many of them were there already. */
  readonly found: number;
  readonly from: string;
  readonly to: string;
  /** There is more to copy. */
  readonly stopped: boolean;
};

/** The logs do not agree; nothing was written after that was seen. */
export class LogsDiffer extends Error {}

const PAGE = 1_000;
/** What one transaction of the target takes at most (one event always fits). */
const MOST_CHARACTERS = 4_194_304;

/**
 * Makes `target` have all that `source` has. Both are read in lockstep: what the target has must be the same, and where
 * it ends, the rest is taken and read back. So it can be stopped anywhere and begun again. Throws `LogsDiffer`.
 */
export async function copyLog(
  source: EventStore,
  target: EventStore,
  progress: (events: number) => void,
  signal: AbortSignal,
): Promise<Copied> {
  const [from, to] = [new Side(source), new Side(target)];
  let found = 0;
  while (!signal.aborted) {
    const page = await from.next(PAGE);
    if (page.length === 0) break;
    const there = await to.next(page.length);
    assertSame(page, there);
    found += there.length;
    await takeAll(page.slice(there.length), target, to, signal);
    progress(to.events);
    // A signal is heard between turns only.
    await turn();
  }
  const stopped = signal.aborted;
  const [extra] = stopped ? [] : await to.next(1);
  if (extra) throw new LogsDiffer(`the target has what the source has not: ${nameOf(extra)}`);
  return { events: to.events, found, from: from.digest(), to: to.digest(), stopped };
}

/** Batch by batch, each read back. */
async function takeAll(
  events: readonly StoredEvent[],
  target: EventStore,
  to: Side,
  signal: AbortSignal,
): Promise<void> {
  for (const batch of batches(events)) {
    if (signal.aborted) return;
    await target.take(batch);
    const back = await to.next(batch.length);
    assertSame(batch, back);
    if (back.length < batch.length)
      throw new LogsDiffer('what was written to the target cannot be read there; run it again');
  }
}

/** A log read from its beginning, hashed on the way. */
class Side {
  #at: Position | undefined;
  #hash: Hash = createHash('sha256');
  events = 0;

  constructor(private readonly store: EventStore) {}

  async next(limit: number): Promise<StoredEvent[]> {
    const page = await this.store.readAll(this.#at, limit);
    this.#at = page.at(-1)?.position ?? this.#at;
    this.events += page.length;
    for (const event of page) this.#hash.update(leafHash(leafOf(event)));
    return page;
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Compares as many as the target has. */
function assertSame(source: readonly StoredEvent[], target: readonly StoredEvent[]): void {
  for (const [n, is] of target.entries()) {
    const due = source[n];
    if (due && leafOf(due) === leafOf(is)) continue;
    throw new LogsDiffer(
      `the target is another log: where the source has ${due ? nameOf(due) : 'nothing'}, it has ${nameOf(is)}`,
    );
  }
}

const nameOf = (event: StoredEvent): string =>
  `${event.stream}/${event.revision} (id ${event.id}, hash ${leafHash(leafOf(event)).toString('hex')})`;

function batches(events: readonly StoredEvent[]): StoredEvent[][] {
  const all: StoredEvent[][] = [];
  let characters = MOST_CHARACTERS;
  for (const event of events) {
    const more = event.data.length + event.metadata.length;
    characters += more;
    if (characters > MOST_CHARACTERS) {
      all.push([]);
      characters = more;
    }
    all.at(-1)?.push(event);
  }
  return all;
}
