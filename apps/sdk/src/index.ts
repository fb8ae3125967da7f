export { type ClientOptions, JejakClient } from './client.ts';
export { Cursor } from './cursor.ts';
export { JejakError, type Problem } from './error.ts';
export type { PageWanted } from './feed.ts';
export type { Pace, Retry } from './pace.ts';
export { type SseMessage, SseParser } from './sse.ts';
export type { StreamTold } from './stream.ts';
export { type Classification, type CloudEvent, indexOf, type Page, type Told, type Wanted } from './types.ts';
export {
  verifyWebhook,
  type Webhook,
  WebhookError,
  type WebhookFault,
  type WebhookHeaders,
  type WebhookToVerify,
} from './webhook.ts';
