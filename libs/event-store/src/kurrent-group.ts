import type { Position } from './event-store.ts';

/** A group of consumers of `$all`, to be set up: its place is kept by the server (a persistent subscription). */
export type GroupWanted = {
  readonly name: string;
  /** The streams whose names begin so; none: everything but the server's own events. */
  readonly streams: readonly string[];
  /** Where it begins; a position is inclusive. */
  readonly from: 'start' | 'end' | Position;
};

/** A group as the server tells of it. */
export type Group = {
  readonly name: string;
  /** `Live`, `Behind`, … in the server's words. */
  readonly status: string;
  readonly strategy: string;
  /** Connected now. */
  readonly consumers: number;
  /** Events that were given up on, and wait to be replayed. */
  readonly parked: number;
  /** Up to here everything was dealt with, as far as the server has written it down; undefined: not yet. */
  readonly checkpoint: Position | undefined;
  /** The last event of the group that the server knows of. */
  readonly last: Position | undefined;
};

/**
 * How a group is set up: all of it said, so that nothing hangs on a server's defaults.
 *
 * `Pinned`: the events of one stream go to one consumer as long as it is connected, so that they are dealt with in order by
 * whoever takes them one after the other; with `RoundRobin` two consumers would have events of one person at the same time.
 * No links are resolved: our events are in their own streams. An event that was refused or not answered is sent again ten
 * times, then parked. The place is written down after 2 s and 10 events, or after 1,000: so much comes again after a crash.
 */
export const GROUP_SETTINGS = {
  resolveLinkTos: false,
  extraStatistics: false,
  consumerStrategyName: 'Pinned',
  maxSubscriberCount: 'unbounded',
  messageTimeout: 30_000,
  maxRetryCount: 10,
  checkPointAfter: 2_000,
  checkPointLowerBound: 10,
  checkPointUpperBound: 1_000,
  liveBufferSize: 500,
  readBatchSize: 100,
  historyBufferSize: 500,
} as const;
