import type { Clearance, CloudEvent } from './cloud-event.ts';
import type { Attempt } from './outbound.ts';
import { type Verdict, verdict } from './schedule.ts';
import type { Ordering, Subscription } from './subscription.ts';
import type { Told } from './told.ts';

/** An event on its way to one sink: its text, and how often it was tried. */
export type Parcel = {
  readonly index: number;
  readonly lane: string;
  readonly attempts: number;
  readonly id: string;
  readonly text: string;
};

/** What came of a parcel; without an attempt: it was not its turn. */
export type Sent = { readonly parcel: Parcel; readonly attempt?: Attempt; readonly verdict?: Verdict };

/** The lane of an event: what must not overtake one another is in one. */
export const laneOf = (ordering: Ordering, { id, subject }: Pick<CloudEvent, 'id' | 'subject'>): string =>
  ({ none: id, partition: subject, total: '' })[ordering];

/** An event as a parcel for a sink; undefined: it may not be told of it. */
export function parcelOf(
  told: Told,
  { ordering }: Pick<Subscription, 'ordering'>,
  clearance: Clearance,
  attempts: number,
): Parcel | undefined {
  const event = told.event(clearance);
  const text = told.text(clearance);
  if (!event || text === undefined) return undefined;
  return { index: told.index, lane: laneOf(ordering, event), attempts, id: event.id, text };
}

/** The keys that a subscription signs with now: for a while the one before, too. */
export function keysOf({ secret, previousSecret, previousUntil }: Subscription, now = Date.now()) {
  const both = [secret, ...(previousSecret !== null && (previousUntil ?? 0) > now ? [previousSecret] : [])];
  return {
    secrets: both.filter((one) => one.startsWith('whsec_')),
    keys: both.filter((one) => one.startsWith('whsk_')),
  };
}

/** Whether it was given up from our side: that says nothing of the sink. */
export const isOurs = (attempt: Attempt): boolean => 'fault' in attempt && attempt.fault === 'aborted';

/** Lanes with their parcels, in order. */
export function inLanes(parcels: readonly Parcel[]): Parcel[][] {
  const lanes = new Map<string, Parcel[]>();
  for (const parcel of parcels) {
    const lane = lanes.get(parcel.lane);
    if (lane) lane.push(parcel);
    else lanes.set(parcel.lane, [parcel]);
  }
  return [...lanes.values()];
}

/**
 * Sends the lanes side by side, at most `atOnce` at a time; each in order, up to the first that fails. `goesOn` is asked
 * before every attempt.
 */
export async function sendLanes(
  lanes: readonly (readonly Parcel[])[],
  atOnce: number,
  post: (parcel: Parcel) => Promise<Attempt>,
  goesOn: () => boolean,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const waiting = [...lanes];
  const send = async (lane: readonly Parcel[]) => {
    for (const [n, parcel] of lane.entries()) {
      const done: Sent = goesOn() ? attempted(parcel, await post(parcel)) : { parcel };
      sent.push(done);
      if (done.verdict === 'ok') continue;
      sent.push(...lane.slice(n + 1).map((later) => ({ parcel: later })));
      return;
    }
  };
  const worker = async () => {
    for (let lane = waiting.shift(); lane; lane = waiting.shift()) await send(lane);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, lanes.length) }, worker));
  return sent;
}

const attempted = (parcel: Parcel, attempt: Attempt): Sent => ({
  parcel,
  attempt,
  verdict: verdict('status' in attempt ? attempt.status : undefined),
});
