import { CLASSIFICATIONS } from '@app/domain/classification';
import type { DomainEvent } from '@app/domain/domain-event';
import { outerType } from './cloud-event.ts';
import { currentSchemas, ENVELOPE, type JsonSchema, schemaUrl } from './contracts.ts';

type Some = Readonly<Record<string, unknown>>;

const ABOUT = `Every event of the record, once, in one gapless order: pulled, streamed, or sent to a webhook. Each is a
CloudEvent whose \`sequence\` is its place in that order; who knows the last one goes on from it, from any of the three.
An event that its reader is not cleared for comes without \`data\`. Readers pass over properties that they do not know.`;

const text = { type: 'string' };
const ref = (to: string): Some => ({ $ref: `#/${to}` });
const inComponents = (part: string, names: readonly string[]): Some =>
  Object.fromEntries(names.map((name) => [name, ref(`components/${part}/${name}`)]));

/**
 * The AsyncAPI 3.0 document: the three ways events leave by, and what they say; nothing in it is to be looked up
 * elsewhere. `origin`: of the service, with a slash at its end.
 */
export function asyncApi(origin: string): Some {
  const schemas = currentSchemas();
  const types = Object.keys(schemas) as DomainEvent['type'][];
  const { host, pathname, protocol } = new URL(origin);
  return {
    asyncapi: '3.0.0',
    info: { title: 'Jejak', version: '1', description: ABOUT },
    defaultContentType: 'application/cloudevents+json',
    servers: {
      jejak: {
        host,
        pathname,
        protocol: protocol.slice(0, -1),
        security: [ref('components/securitySchemes/bearer')],
      },
    },
    channels: channels(types),
    operations: OPERATIONS,
    components: {
      messages: { ...Object.fromEntries(types.map((type) => [type, message(type)])), ...MESSAGES },
      schemas: {
        CloudEvent: ENVELOPE,
        AnyEvent: { anyOf: types.map((type) => ref(`components/schemas/${eventOf(type)}`)) },
        WebhookHeaders: WEBHOOK_HEADERS,
        ...schemas,
        ...Object.fromEntries(types.map((type) => [eventOf(type), eventSchema(type, schemas[type], origin)])),
      },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of the issuer, or an integrator’s key',
        },
      },
    },
  };
}

const eventOf = (type: string): string => `${type}Event`;

/** The envelope, of this type, around its data. */
const eventSchema = (type: DomainEvent['type'], schema: JsonSchema | undefined, origin: string): Some => ({
  allOf: [
    ref('components/schemas/CloudEvent'),
    {
      type: 'object',
      properties: {
        type: { const: outerType(type) },
        dataschema: { const: schemaUrl(type, outerType(type).split('.v')[1] ?? '', origin) },
        data: ref(`components/schemas/${type}`),
      },
    },
  ],
  description: schema?.description,
});

function message(type: DomainEvent['type']): Some {
  return {
    name: outerType(type),
    title: type,
    contentType: 'application/cloudevents+json',
    payload: ref(`components/schemas/${eventOf(type)}`),
  };
}

/** Messages that are no single event. */
const MESSAGES = {
  progress: {
    name: 'checkpoint',
    title: 'Progress',
    summary:
      'How far the stream is, for a reader whose filter lets little through: an id, and nothing to keep',
    contentType: 'application/json',
    payload: {},
  },
  batch: {
    name: 'batch',
    title: 'A page',
    contentType: 'application/cloudevents-batch+json',
    payload: { type: 'array', items: ref('components/schemas/AnyEvent') },
  },
  delivery: {
    name: 'delivery',
    title: 'A delivery',
    summary: 'One event, signed as Standard Webhooks are',
    contentType: 'application/cloudevents+json',
    headers: ref('components/schemas/WebhookHeaders'),
    payload: ref('components/schemas/AnyEvent'),
  },
};

const WEBHOOK_HEADERS = {
  type: 'object',
  properties: {
    'webhook-id': { ...text, description: 'The id of the event, the same in every attempt' },
    'webhook-timestamp': { ...text, description: 'When this attempt was made, in seconds since 1970' },
    'webhook-signature': {
      ...text,
      description: '`v1,<base64>` (HMAC-SHA256) or `v1a,<base64>` (Ed25519), or several',
    },
  },
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
};

const channels = (types: readonly string[]): Some => ({
  events: {
    title: 'Stream',
    address: '/v1/events/stream',
    description:
      'Server-sent events: `id` is the index in the journal, `event` the type, `data` the CloudEvent',
    messages: inComponents('messages', [...types, 'progress']),
  },
  feed: {
    title: 'Feed',
    address: '/v1/events',
    description: 'Pages of events, or a wait for the next ones',
    messages: inComponents('messages', ['batch']),
  },
  webhooks: {
    title: 'Webhooks',
    address: null,
    description: 'The URL of a subscription',
    messages: inComponents('messages', ['delivery']),
  },
});

const FILTERS = {
  types: { ...text, description: 'Types, with commas between; in either form' },
  subjects: { ...text, description: 'Subjects (streams), with commas between' },
  classification: { ...text, enum: [...CLASSIFICATIONS], description: 'No event that is held closer' },
};
const whole = (minimum: number, maximum?: number): Some => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});
const http = (method: string, properties?: Some): Some => ({
  http: {
    method,
    ...(properties ? { query: { type: 'object', properties } } : {}),
    bindingVersion: '0.3.0',
  },
});

const OPERATIONS = {
  streamEvents: {
    action: 'send',
    channel: ref('channels/events'),
    summary: 'Tells events as they come, after the one in `Last-Event-ID` or `lastEventId`',
    bindings: http('GET', { lastEventId: whole(0), ...FILTERS }),
  },
  pageEvents: {
    action: 'send',
    channel: ref('channels/feed'),
    summary: 'Tells the events after an index; waits for them up to `wait` seconds',
    bindings: http('GET', { after: whole(-1), limit: whole(1, 1000), wait: whole(0, 30), ...FILTERS }),
  },
  deliverEvent: {
    action: 'send',
    channel: ref('channels/webhooks'),
    summary: 'Delivers an event to who subscribed, at least once; any 2xx is taken as received',
    bindings: http('POST'),
  },
};
