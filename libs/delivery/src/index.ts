export { asyncApi } from './async-api.ts';
export { type Clearance, type CloudEvent, cloudEvent, innerType, outerType } from './cloud-event.ts';
export { type JsonSchema, type Published, publishedSchema, publishedSchemas } from './contracts.ts';
export type { SinkFault } from './failed.ts';
export { type FeedAsked, type FeedPage, feedPage } from './feed.ts';
export { type Filter, type FilterFault, matcher, parseFilters } from './filter.ts';
export { keysOf, laneOf } from './lanes.ts';
export { type Attempt, Outbound, type Posting, type Resolve } from './outbound.ts';
export type { Pumping, PumpOptions } from './pump.ts';
export { MOST_RECOVERED, recover } from './recover.ts';
export { parseRetryAfter, retryAfter, type Verdict, verdict } from './schedule.ts';
export { newKeyPair, newSecret, type Signed, sign } from './signature.ts';
export { checkSink, type SinkPolicy, sinkPolicy } from './sink.ts';
export { eventStream, type StreamAsked, type StreamPace } from './stream.ts';
export {
  AttemptMade,
  BEHIND,
  CreateDelivery1764000000010,
  Held,
  ORDERINGS,
  type Ordering,
  Subscription,
  type SubscriptionState,
} from './subscription.ts';
export { Subscriptions, WEBHOOK } from './subscriptions.ts';
export { type Some, Tail, type Wanted } from './tail.ts';
export { Told } from './told.ts';
export { wakeDeliveries, webhookJobs } from './webhooks.ts';
