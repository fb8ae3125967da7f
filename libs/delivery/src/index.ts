export { type Clearance, type CloudEvent, cloudEvent, innerType, outerType } from './cloud-event.ts';
export { type FeedAsked, type FeedPage, feedPage } from './feed.ts';
export { type Filter, type FilterFault, matcher, parseFilters } from './filter.ts';
export { parseRetryAfter, retryAfter, type Verdict, verdict } from './schedule.ts';
export { newKeyPair, newSecret, type Signed, sign } from './signature.ts';
export { eventStream, type StreamAsked, type StreamPace } from './stream.ts';
export { type Some, Tail, type Wanted } from './tail.ts';
export { Told } from './told.ts';
