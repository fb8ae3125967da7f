export { type Clearance, type CloudEvent, cloudEvent, innerType, outerType } from './cloud-event.ts';
export { type FeedAsked, type FeedPage, feedPage } from './feed.ts';
export { eventStream, type StreamAsked, type StreamPace } from './stream.ts';
export { type Some, Tail, type Wanted } from './tail.ts';
export { Told } from './told.ts';
