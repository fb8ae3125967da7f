import { Bell } from './bell.ts';
import type { Listening } from './kurrent-client.ts';

/** So many rings that nobody waits for, and the subscription is given up until somebody waits again. */
const MOST_UNHEARD = 1_000;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;

/** Opens a subscription: `ring` when it is open and at every event, `lost` once when it is no more. */
export type Listen = (ring: () => void, lost: () => void) => Listening;

/**
 * Tells all followers of a store that there may be something new: one subscription, whose events are thrown away, so that
 * it can be lost at any time, in any way, without harm. Whoever waits is woken after `pollMs` at the latest.
 */
export class KurrentBell {
  readonly #bell = new Bell();
  #unheard = 0;
  #line: Listening | undefined;
  #failures = 0;
  #notBefore = 0;

  constructor(
    private readonly listen: Listen,
    private readonly pollMs: number,
  ) {}

  get rings(): number {
    return this.#bell.rings;
  }

  ring(): void {
    this.#bell.ring();
  }

  /** Whether it rang since `rings` was taken; false: it was time to look without, or the signal aborted. */
  async next(rings: number, signal: AbortSignal): Promise<boolean> {
    this.#unheard = 0;
    this.#pickUp();
    await this.#bell.next(rings, this.pollMs, signal);
    return this.rings !== rings;
  }

  /** Gives up the subscription; the next who waits opens another. */
  hangUp(): void {
    this.#line?.hangUp();
  }

  #pickUp(): void {
    if (this.#line !== undefined || performance.now() < this.#notBefore) return;
    const line = this.listen(
      () => this.#heard(),
      () => this.#lost(),
    );
    this.#line = line;
  }

  /** What was recorded before the subscription was open is not told by it: so its opening rings, too. */
  #heard(): void {
    this.#failures = 0;
    this.ring();
    if (++this.#unheard > MOST_UNHEARD) this.hangUp();
  }

  #lost(): void {
    this.#line = undefined;
    const pause = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++);
    this.#notBefore = performance.now() + pause;
  }
}
