export { asyncApi } from './async-api.ts';
export { type Clearance, type CloudEvent, cloudEvent, innerType, outerType } from './cloud-event.ts';
export { type JsonSchema, type Published, publishedSchema, publishedSchemas } from './contracts.ts';
