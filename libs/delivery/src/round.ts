import { asked } from './endpoint.ts';
import { isOurs, type Parcel, type Sent } from './lanes.ts';
import { type AttemptMade, BEHIND, type Held, type Subscription } from './subscription.ts';

/** New events: those to be sent, those that must wait behind others, and how far they were looked at. */
export type Fresh = {
  readonly parcels: readonly Parcel[];
  readonly behind: readonly Parcel[];
  readonly upTo: number;
};

/** One round: what was sent, what was held and due before it, and what was new. */
export type Round = { readonly sent: readonly Sent[]; readonly due: readonly Held[]; readonly fresh: Fresh };

/** What came of a round, as it is written: where the cursor is, what is held from now on and what no more. */
export type Came = {
  readonly cursor: number;
  readonly hold: readonly Held[];
  readonly released: readonly Pick<Held, 'index' | 'lane'>[];
  readonly attempts: readonly AttemptMade[];
};

type Of = Pick<Subscription, 'id' | 'ordering'>;

/** What came of a round. Everything new up to the cursor was delivered or is held; nothing held is lost. */
export function cameOf(
  { id, ordering }: Of,
  { sent, due, fresh }: Round,
  now: number,
  retryMs: RetryMs,
): Came {
  const wasHeld = new Set(due.map(({ index }) => index));
  const [again, first] = parted(sent, ({ parcel }) => wasHeld.has(parcel.index));
  const undelivered = new Set(again.filter(isLeft).map(({ parcel }) => parcel.index));
  const left = first.filter(isLeft).sort((a, b) => a.parcel.index - b.parcel.index);
  const holding = (one: Sent, dueAt: number): Held => ({
    subscription: id,
    index: one.parcel.index,
    lane: one.parcel.lane,
    attempts: one.parcel.attempts + (isTried(one) ? 1 : 0),
    dueAt,
  });
  const dueOf = (one: Sent) => holding(one, dueAt(one, now, retryMs));
  // With one lane for all, the cursor stays at the first that is left: nothing after it was sent.
  const cut = ordering === 'total' ? left[0] : undefined;
  const isCutHeld = cut !== undefined && isTried(cut);
  return {
    cursor: cut ? cut.parcel.index - (isCutHeld ? 0 : 1) : fresh.upTo,
    hold: [
      ...again.filter((one) => isLeft(one) && isTried(one)).map(dueOf),
      ...(cut ? (isCutHeld ? [dueOf(cut)] : []) : inOrder(left, dueOf, (one) => holding(one, BEHIND))),
      ...fresh.behind.map((parcel) => holding({ parcel }, BEHIND)),
    ],
    released: due.filter(({ index }) => !undelivered.has(index)),
    attempts: sent.filter(isTried).map((one) => attemptOf(id, one, now)),
  };
}

type RetryMs = (attempts: number) => number;

const isLeft = ({ verdict }: Sent): boolean => verdict !== 'ok';
const isTried = ({ attempt }: Sent): boolean => attempt !== undefined && !isOurs(attempt);

/** What failed is tried again when its time has come, or the sink asks for it; what had no turn, at once. */
function dueAt({ parcel, attempt }: Sent, now: number, retryMs: RetryMs): number {
  if (!attempt || isOurs(attempt)) return now;
  return now + Math.max(retryMs(parcel.attempts + 1), asked(attempt, now) ?? 0);
}

/** The first of each lane by one rule, those after it by the other. */
function inOrder<T>(left: readonly Sent[], first: (one: Sent) => T, after: (one: Sent) => T): T[] {
  const lanes = new Set<string>();
  return left.map((one) => {
    const isFirst = !lanes.has(one.parcel.lane);
    lanes.add(one.parcel.lane);
    return isFirst ? first(one) : after(one);
  });
}

function parted<T>(all: readonly T[], isOne: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isOne), all.filter((one) => !isOne(one))];
}

const attemptOf = (subscription: string, { parcel, attempt }: Sent, at: number): AttemptMade => ({
  subscription,
  index: parcel.index,
  at,
  n: parcel.attempts + 1,
  event: parcel.id,
  status: attempt && 'status' in attempt ? attempt.status : null,
  fault: attempt && 'fault' in attempt ? attempt.fault : null,
  ms: attempt?.ms ?? 0,
  head: attempt ? ('head' in attempt ? attempt.head : attempt.detail) : '',
});
