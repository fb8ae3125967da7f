const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long to wait before the nth attempt (Standard Webhooks, after Svix): the last is 75:35:05 after the first. */
const WAITS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  DAY,
];
const JITTER = 0.1;

/**
 * How long to wait when so many attempts have been made, in ms: at once where there was none, then longer and longer,
 * in the end every 24 hours; up to a tenth more by chance, so that not all come back at once. `random`: in [0, 1).
 */
export function retryAfter(attempts: number, random: () => number = Math.random): number {
  const wait = WAITS[attempts] ?? DAY;
  return Math.round(wait * (1 + JITTER * random()));
}

/**
 * For how long a receiver asks to be left alone by its `Retry-After`, in ms: seconds, or a date of HTTP (RFC 9110 5.6.7
 * and 10.2.3); at most 24 hours. undefined: it says nothing that can be understood. `now` in ms.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  const wait = /^\d+$/.test(text) ? Number(text) * SECOND : dateOf(text) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), DAY);
}

const DATES = [
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
];

/** NaN: not a date. The last of the three forms does not say that it is in GMT. */
function dateOf(text: string): number {
  if (!DATES.some((form) => form.test(text))) return Number.NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}

/** What an attempt comes to: delivered, to be tried again, the same but with all the endpoint slowed, or over for good. */
export type Verdict = 'ok' | 'retry' | 'throttle' | 'gone';

/** By the status of the answer, or by there being none. A redirect is a failure, and is not followed. */
export function verdict(status: number | undefined): Verdict {
  if (status === undefined) return 'retry';
  if (status >= 200 && status <= 299) return 'ok';
  if (status === 410) return 'gone';
  return THROTTLED.has(status) ? 'throttle' : 'retry';
}

const THROTTLED: ReadonlySet<number> = new Set([429, 502, 504]);
