export { type Clearance, type CloudEvent, cloudEvent, innerType, outerType } from './cloud-event.ts';
export type { SinkFault } from './failed.ts';
export { type Filter, type FilterFault, matcher, parseFilters } from './filter.ts';
export { type Attempt, Outbound, type Posting, type Resolve } from './outbound.ts';
export { parseRetryAfter, retryAfter, type Verdict, verdict } from './schedule.ts';
export { newKeyPair, newSecret, type Signed, sign } from './signature.ts';
export { checkSink, type SinkPolicy, sinkPolicy } from './sink.ts';
