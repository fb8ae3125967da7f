import { setImmediate as turn } from 'node:timers/promises';
import type { Appended, Expected, NewEvent, StaleRevision } from './event-store.ts';

/** An append as it was asked for. */
export type Asked = {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly NewEvent[];
};

export type Outcome = Appended | StaleRevision;

/** What one transaction takes at most (one append always fits). */
const MOST_EVENTS = 1_000;
const MOST_CHARACTERS = 4_194_304;

type Waiting = Asked & {
  readonly settle: (outcome: Outcome) => void;
  readonly fail: (error: unknown) => void;
};

/**
 * Commits the appends together that were asked for in one turn of the event loop or while the last batch was under way:
 * one batch at a time, at most one append a stream in it, each answered on its own.
 */
export class GroupCommit {
  #waiting: Waiting[] = [];
  #committing: Promise<void> | undefined;

  /** `commit`: the outcome of each append of a batch, once all are on the device; or throws, and says nothing of any. */
  constructor(private readonly commit: (batch: readonly Asked[]) => Promise<readonly Outcome[]>) {}

  append(asked: Asked): Promise<Outcome> {
    return new Promise((settle, fail) => {
      this.#waiting.push({ ...asked, settle, fail });
      this.#committing ??= this.#commitWaiting();
    });
  }

  /** Settles when everything that was asked for is answered. */
  async idle(): Promise<void> {
    await this.#committing;
  }

  async #commitWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      await turn();
      const { batch, rest } = next(this.#waiting);
      this.#waiting = rest;
      try {
        const outcomes = await this.commit(batch);
        for (const [n, { settle }] of batch.entries()) settle(outcomes[n] as Outcome);
      } catch (error) {
        // Those who wait behind would only learn the same, one batch after the other.
        for (const { fail } of [...batch, ...this.#waiting.splice(0)]) fail(error);
      }
    }
    this.#committing = undefined;
  }
}

/** What one transaction takes of the waiting appends: the first of each stream, as far as they fit. */
function next(waiting: readonly Waiting[]): { batch: Waiting[]; rest: Waiting[] } {
  const streams = new Set<string>();
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  let [events, characters] = [0, 0];
  for (const append of waiting) {
    events += append.events.length;
    for (const { data, metadata } of append.events) characters += data.length + metadata.length;
    const fits = batch.length === 0 || (events <= MOST_EVENTS && characters <= MOST_CHARACTERS);
    if (fits && !streams.has(append.stream)) batch.push(append);
    else rest.push(append);
    streams.add(append.stream);
  }
  return { batch, rest };
}
