import { type Clearance } from './cloud-event.ts';
import { type Filter, matcher } from './filter.ts';
import { laneOf } from './lanes.ts';
import { BEHIND, type Held, type Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Tail } from './tail.ts';

/** How many events one call brings again at most; beyond that, set the subscription back to an index. */
export const MOST_RECOVERED = 10_000;

/**
 * Has events delivered once more, those of a range that the subscription is past; each lane goes on only when its own
 * are. Gives how many, and the index up to which it came.
 */
export async function recover(
  { tail, subscriptions }: { readonly tail: Tail; readonly subscriptions: Subscriptions },
  { id, cursor, filters, ordering }: Subscription,
  clearance: Clearance,
  range: { readonly from: number; readonly to: number },
): Promise<{ readonly events: number; readonly upTo: number }> {
  const isWanted = matcher(JSON.parse(filters) as Filter[]);
  const last = Math.min(range.to, cursor);
  const rows: Held[] = [];
  let at = range.from - 1;
  while (at < last && rows.length < MOST_RECOVERED) {
    const { told, upTo } = await tail.read(at, {}, clearance, Math.min(1_000, MOST_RECOVERED - rows.length));
    for (const one of told) {
      const event = one.event(clearance);
      if (event && one.index <= last && isWanted(event))
        rows.push({
          subscription: id,
          index: one.index,
          lane: laneOf(ordering, event),
          attempts: 0,
          dueAt: BEHIND,
        });
    }
    at = Math.min(upTo, last);
  }
  await subscriptions.database.write((sql) => subscriptions.recover(sql, id, rows, Date.now()));
  await subscriptions.change(id, {});
  return { events: rows.length, upTo: Math.max(at, range.from - 1) };
}
