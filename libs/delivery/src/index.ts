export { type Clearance, type CloudEvent, cloudEvent, innerType, outerType } from './cloud-event.ts';
