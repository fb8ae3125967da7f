export { type Clearance, type CloudEvent, cloudEvent, innerType, outerType } from './cloud-event.ts';
export { type Filter, type FilterFault, matcher, parseFilters } from './filter.ts';
export { newKeyPair, newSecret, type Signed, sign } from './signature.ts';
