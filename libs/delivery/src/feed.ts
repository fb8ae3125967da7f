import type { Clearance } from './cloud-event.ts';
import { type Tail, type Wanted, WINDOW } from './tail.ts';
import type { Told } from './told.ts';

/** A page that is asked for: `waitMs`: how long to wait for the first event where there is none yet. */
export type FeedAsked = {
  readonly after: number;
  readonly limit: number;
  readonly waitMs: number;
  readonly wanted: Wanted;
};

/** `next`: the `after` of the next page. `isWhole`: it can never have more, whatever is still to come. */
export type FeedPage = {
  readonly told: readonly Told[];
  readonly next: number;
  readonly size: number;
  readonly isWhole: boolean;
};

/** One page of the feed (proof 3.22). Where a filter lets nothing through for long, it is empty and `next` has moved. */
export async function feedPage(
  tail: Tail,
  { after, limit, waitMs, wanted }: FeedAsked,
  clearance: Clearance,
  signal: AbortSignal,
): Promise<FeedPage> {
  const until = Date.now() + waitMs;
  for (let next = after; ; ) {
    const size = await tail.size();
    const { told, upTo } = await tail.read(next, wanted, clearance, limit);
    const isAtEnd = upTo >= size - 1;
    const isOver = signal.aborted || (Date.now() >= until && (isAtEnd || upTo - after >= WINDOW));
    if (told.length > 0 || isOver)
      return { told, next: upTo, size: Math.max(size, upTo + 1), isWhole: told.length >= limit };
    if (isAtEnd) await tail.beyond(upTo, until - Date.now(), signal);
    next = upTo;
  }
}
