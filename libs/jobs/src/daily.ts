import type { JobKind, NewJob } from './jobs.ts';

/** A moment of every day, `HH:mm` in a time zone (IANA name). */
export type Daily = { readonly at: string; readonly timeZone: string };

const DAY_MS = 86_400_000;

/** The next such moment after a time: the local day, and the moment in ms. A time that a day skips is taken after it. */
export function nextAfter(now: number, { at, timeZone }: Daily): { day: string; dueAt: number } {
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  for (let days = -1; ; days++) {
    const day = localDay(now + days * DAY_MS, timeZone);
    const wall = Date.parse(`${day}T00:00:00Z`) + (hours * 60 + minutes) * 60_000;
    const dueAt = wall - offsetAt(wall - offsetAt(wall, timeZone), timeZone);
    if (dueAt > now) return { day, dueAt };
  }
}

const localDay = (time: number, timeZone: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(time);

/** How far the clocks of a zone are ahead of UTC, in ms. */
function offsetAt(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(time);
  const part = (type: string) => Number(parts.find((some) => some.type === type)?.value);
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wall - Math.floor(time / 1000) * 1000;
}

/** A work of every day: each day is a job of its own; when it is over, the next day's is entered. */
export function daily(
  name: string,
  when: Daily,
  run: (day: string, signal: AbortSignal) => Promise<string>,
  options: Pick<JobKind, 'attempts' | 'backoffMs' | 'claimMs'>,
  now: () => number = Date.now,
): JobKind & { readonly next: () => NewJob } {
  return {
    ...options,
    name,
    run: async ({ key }, signal) => ({ outcome: await run(key, signal) }),
    next: () => {
      const { day, dueAt } = nextAfter(now(), when);
      return { kind: name, key: `${day}T${when.at}`, dueAt };
    },
  };
}
