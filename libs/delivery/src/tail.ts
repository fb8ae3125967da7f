import { setTimeout as wait } from 'node:timers/promises';
import type { Classification } from '@app/domain/classification';
import type { DomainEvent } from '@app/domain/domain-event';
import { storedTypesOf } from '@app/event-store';
import type { Journal } from '@app/journal';
import type { Clearance } from './cloud-event.ts';
import { Told } from './told.ts';

/** Which events a reader wants: of these types, of these streams, of these classes; absent: all. */
export type Wanted = {
  readonly types?: readonly DomainEvent['type'][];
  readonly streams?: readonly string[];
  readonly classes?: readonly Classification[];
};

/** Some events in order, and the index up to which everything was looked at: read on after that. */
export type Some = { readonly told: readonly Told[]; readonly upTo: number };

/** How many entries one reading looks at, at most. */
export const WINDOW = 10_000;
/** How many of the newest are kept for all who follow. */
const KEPT = 2_000;
const LOOK_MS = 100;

/**
 * The journal as those outside follow it. However many wait for something new, one look at the journal serves them all;
 * what is new is read and put into words once. Behind that, everybody reads the journal by index: it is gapless, so
 * there is no seam between what was and what comes.
 */
export class Tail {
  #newest: Told[] = [];
  #size = 0;
  readonly #waiting = new Set<() => void>();
  #looking: Promise<void> | undefined;

  constructor(
    private readonly journal: Journal,
    /** Where the events are from; ends with a slash. */
    readonly origin: string,
    private readonly lookMs = LOOK_MS,
  ) {}

  /** How many entries there are now. */
  async size(): Promise<number> {
    this.#size = Math.max(this.#size, await this.journal.size());
    return this.#size;
  }

  /** What follows an index, at most `limit`; looks at no more than a window of entries, so that it may find nothing. */
  async read(after: number, wanted: Wanted, clearance: Clearance, limit: number): Promise<Some> {
    const some = this.#recent(after, limit) ?? (await this.#passed(after, wanted, limit));
    return { ...some, told: some.told.filter((told) => isWanted(told, wanted, clearance)) };
  }

  /** One entry. Throws where the journal does not have it. */
  async one(index: number): Promise<Told> {
    const recent = this.#newest[index - (this.#newest[0]?.index ?? 0)];
    if (recent?.index === index) return recent;
    const [row] = await this.journal.pass({ after: index - 1, upTo: index, limit: 1 });
    if (!row) throw new Error(`the journal has no entry ${index}`);
    return new Told(row, this.origin);
  }

  /** Ends when there is an entry behind this index, or the time is over, or the signal aborts. */
  async beyond(index: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#size > index + 1 || signal.aborted || ms <= 0) return;
    await new Promise<void>((settle) => {
      const over = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', over);
        this.#waiting.delete(grown);
        settle();
      };
      const grown = () => {
        if (this.#size > index + 1) over();
      };
      const timer = setTimeout(over, ms);
      signal.addEventListener('abort', over);
      this.#waiting.add(grown);
      this.#looking ??= this.#look();
    });
  }

  /** Looks for as long as somebody waits. A fault is left to the next look: who reads will meet it. */
  async #look(): Promise<void> {
    while (this.#waiting.size > 0) {
      await this.#grow().catch(() => undefined);
      for (const grown of [...this.#waiting]) grown();
      await wait(this.lookMs, undefined, { ref: false });
    }
    this.#looking = undefined;
  }

  async #grow(): Promise<void> {
    const size = await this.journal.size();
    if (size <= this.#size && this.#newest.length > 0) return;
    const from = Math.max(this.#newest.at(-1)?.index ?? -1, size - 1 - KEPT);
    const rows = await this.journal.pass({ after: from, upTo: size - 1, limit: KEPT });
    const before = from === this.#newest.at(-1)?.index ? this.#newest : [];
    this.#newest = [...before, ...rows.map((row) => new Told(row, this.origin))].slice(-KEPT);
    this.#size = size;
  }

  /** From what is kept of the newest; undefined: it is not there, or the journal has to be asked for more. */
  #recent(after: number, limit: number): Some | undefined {
    const start = after + 1 - (this.#newest[0]?.index ?? Number.POSITIVE_INFINITY);
    const told = start < 0 ? [] : this.#newest.slice(start, start + limit);
    const last = told.at(-1);
    return last && { told, upTo: last.index };
  }

  async #passed(after: number, { types, streams }: Wanted, limit: number): Promise<Some> {
    const newest = (await this.size()) - 1;
    // Streams are found by their index, so that no window is needed.
    const upTo = streams ? newest : Math.min(newest, after + WINDOW);
    const rows = await this.journal.pass({
      after,
      upTo,
      limit,
      ...(types ? { types: types.flatMap(storedTypesOf) } : {}),
      ...(streams ? { streams } : {}),
    });
    const last = rows.at(-1);
    const told = rows.map((row) => new Told(row, this.origin));
    return { told, upTo: rows.length === limit && last ? last.index : Math.max(after, upTo) };
  }
}

function isWanted(told: Told, { types, streams, classes }: Wanted, clearance: Clearance): boolean {
  const event = told.event(clearance);
  if (!event) return false;
  const [, , type] = event.type.split('.');
  return (
    (types?.includes(type as DomainEvent['type']) ?? true) &&
    (streams?.includes(event.subject) ?? true) &&
    (classes?.includes(event.dataclassification) ?? true)
  );
}
