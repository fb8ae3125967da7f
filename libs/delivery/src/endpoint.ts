import type { Attempt } from './outbound.ts';
import { parseRetryAfter, verdict } from './schedule.ts';
import type { Subscription } from './subscription.ts';

/** From so many failures in a row on, the sink is the trouble, not the event: one is tried, now and then. */
const TROUBLE = 5;

/** How patient we are with a sink, in ms. */
export type Patience = {
  /** How long a sink that fails again and again is left alone, after so many rounds of failures in a row, from 1. */
  readonly easeMs: (rounds: number) => number;
  /** A sink that failed for so long is disabled: it is tried only every `probeMs`, until it answers. */
  readonly disableAfterMs: number;
  readonly probeMs: number;
};

type State = Pick<Subscription, 'state' | 'because' | 'fails' | 'failingSince' | 'nextAt'>;

/** Whether the failures are the sink's own, not those of an event. */
export const isTroubled = ({ fails }: Pick<Subscription, 'fails'>): boolean => fails >= TROUBLE;
/** Whether anything is sent at all. */
export const isOpen = ({ state }: Pick<Subscription, 'state'>): boolean =>
  state === 'active' || state === 'disabled';

/** What one round of attempts shows of a sink. */
export class Endpoint {
  #fails: number;
  #failingSince: number | null;
  #restUntil = 0;
  #isGone = false;
  #answered = false;

  constructor(
    private readonly before: State,
    private readonly patience: Patience,
  ) {
    this.#fails = before.fails;
    this.#failingSince = before.failingSince;
  }

  /** Whether more may be sent in this round. */
  get goesOn(): boolean {
    const isFirst = this.#fails === this.before.fails && !this.#answered;
    return !this.#isGone && this.#restUntil === 0 && (isFirst || this.#fails < TROUBLE);
  }

  saw(attempt: Attempt, now: number): void {
    const seen = verdict('status' in attempt ? attempt.status : undefined);
    if (seen === 'ok') {
      this.#fails = 0;
      this.#failingSince = null;
      this.#answered = true;
      return;
    }
    // What was under way beside the first that failed says no more than that.
    this.#fails = Math.min(this.#fails + 1, Math.max(TROUBLE, this.before.fails + 1));
    this.#failingSince ??= now;
    this.#isGone ||= seen === 'gone';
    if (seen === 'throttle') this.#restUntil = now + (asked(attempt, now) ?? this.#easeMs);
  }

  get #easeMs(): number {
    return this.patience.easeMs(Math.max(1, this.#fails - TROUBLE + 1));
  }

  /** Whether a sink that was in trouble answers again. */
  get isHealed(): boolean {
    return isTroubled(this.before) && this.#answered;
  }

  /** What is to be remembered. */
  after(now: number): State {
    const { state, because } = this.before;
    const [fails, failingSince] = [this.#fails, this.#failingSince];
    if (this.#isGone)
      return { fails, failingSince, nextAt: 0, state: 'gone', because: 'the sink answered 410 (Gone)' };
    const isLong = failingSince !== null && now - failingSince >= this.patience.disableAfterMs;
    if (isLong)
      return {
        fails,
        failingSince,
        nextAt: now + this.patience.probeMs,
        state: 'disabled',
        because: `it has failed since ${new Date(failingSince).toISOString()}; it is tried once an hour until it answers`,
      };
    const rest = isTroubled({ fails }) ? Math.max(this.#restUntil, now + this.#easeMs) : this.#restUntil;
    return this.#answered && state === 'disabled'
      ? { fails, failingSince, nextAt: rest, state: 'active', because: null }
      : { fails, failingSince, nextAt: rest, state, because };
  }
}

/** For how long the sink asks to be left alone, in ms; undefined: it does not say. */
export const asked = (attempt: Attempt, now: number): number | undefined =>
  'status' in attempt ? parseRetryAfter(attempt.retryAfter, now) : undefined;
