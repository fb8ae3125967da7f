import { ORDERINGS } from '@app/delivery';
import { FINDINGS } from '@app/domain/civil-servant';
import { CLASSIFICATIONS } from '@app/domain/classification';
import { PREDIKAT } from '@app/domain/predikat';
import { OUTBOX_KINDS, OUTBOX_STATES } from '@app/projections';
import type { SchemaObject } from '@nestjs/swagger';

type Shape = SchemaObject;

const text: Shape = { type: 'string' };
const day: Shape = { type: 'string', format: 'date' };
const id: Shape = { type: 'string', format: 'uuid' };
const whole: Shape = { type: 'integer' };
const yes: Shape = { type: 'boolean' };
const anything: Shape = { type: 'object', additionalProperties: true };
const listOf = (items: Shape): Shape => ({ type: 'array', items });
const orNull = (shape: Shape): Shape => ({ ...shape, nullable: true });

/** An object; the names that end in `?` may be absent. */
function object(fields: Readonly<Record<string, Shape>>): Shape {
  const properties = Object.entries(fields).map(([name, shape]) => [name.replace('?', ''), shape] as const);
  const required = Object.keys(fields).filter((name) => !name.endsWith('?'));
  return { type: 'object', properties: Object.fromEntries(properties), required };
}

export const PROBLEM = object({
  type: text,
  title: text,
  judul: text,
  status: whole,
  'detail?': text,
  'basis?': text,
  'errors?': listOf(object({ pointer: text, detail: text })),
  'violated-policies?': listOf(text),
});

const receipt = { stream: text, revision: whole, events: listOf(object({ id, type: text })) };
export const RECEIPT = object(receipt);

export const DOCUMENT_KEPT = object({
  sha256: text,
  size: whole,
  mediaType: text,
  ...receipt,
});

const at = { effectiveOn: day, knownAt: whole };
const page = (of: Shape): Shape => object({ data: listOf(of), 'next?': text, ...at });

const person = orNull(
  object({ name: text, nip: text, 'gelarDepan?': orNull(text), 'gelarBelakang?': orNull(text) }),
);
const profile = object({
  'registered?': anything,
  'promotion?': anything,
  'placement?': anything,
  'appointment?': anything,
  besides: listOf(anything),
  predikat: listOf(object({ year: whole, predikat: { type: 'string', enum: [...PREDIKAT] }, event: id })),
  training: listOf(object({ year: whole, jpClaimed: whole, jpRecognised: whole })),
  serving: listOf(anything),
  sanctions: whole,
  awards: listOf(anything),
  upcoming: listOf(anything),
});

export const PROFILE = object({
  subject: id,
  revision: whole,
  person,
  profile,
  'stoppedAt?': whole,
  ...at,
});
export const PROFILES = page(object({ subject: id, revision: whole, person, profile }));
export const PEOPLE_FOUND = object({
  data: listOf(object({ subject: id, name: text, nip: text, pnsId: orNull(text) })),
});
export const HISTORY = page(object({ entry: anything, effective: yes, 'undoneBy?': id }));

const trainingYear = object({
  subject: id,
  year: whole,
  trainings: whole,
  jpClaimed: whole,
  jpRecognised: whole,
  duty: whole,
  short: whole,
  verified: yes,
});
export const TRAINING_YEARS = page(trainingYear);
export const UNITS = page(
  object({ unit: text, name: text, 'parent?': text, 'leader?': text, 'jabatan?': text, 'eselon?': text }),
);
export const DISTRIBUTION = page(
  object({
    unit: orNull(text),
    period: text,
    appraised: whole,
    counts: object(Object.fromEntries(PREDIKAT.map((predikat) => [predikat, whole]))),
  }),
);
export const FINDINGS_PAGE = page(
  object({
    event: id,
    index: whole,
    subject: id,
    kind: { type: 'string', enum: [...FINDINGS] },
    about: orNull(id),
    recordedOn: day,
    fields: listOf(text),
    before: orNull(anything),
    after: orNull(anything),
    source: orNull(anything),
  }),
);
export const BACKDATED_PAGE = page(
  object({
    event: id,
    index: whole,
    subject: id,
    type: text,
    tmt: day,
    recordedOn: day,
    days: whole,
    actor: id,
    source: orNull(anything),
  }),
);
export const ACCESS_PAGE = object({
  data: listOf(
    object({
      index: whole,
      at: text,
      actor: id,
      role: text,
      purpose: text,
      what: text,
      subject: orNull(id),
      outcome: { type: 'string', enum: ['answered', 'denied'] },
    }),
  ),
  'next?': whole,
});
/** CloudEvents 1.0 with the extensions of proof 3.20. */
export const CLOUD_EVENT = object({
  specversion: { type: 'string', enum: ['1.0'] },
  id,
  source: text,
  type: text,
  subject: text,
  time: text,
  recordedtime: text,
  sequence: { type: 'string', pattern: '^[0-9]{20}$' },
  partitionkey: text,
  correlationid: text,
  'causationid?': text,
  authtype: { type: 'string', enum: ['user', 'service_account', 'system'] },
  authid: text,
  dataclassification: { type: 'string', enum: [...CLASSIFICATIONS] },
  dataregulation: text,
  dataschema: text,
  dataref: text,
  leafhash: text,
  'datacontenttype?': text,
  'data?': anything,
});
const outboxItem = object({
  event: id,
  index: whole,
  subject: id,
  actor: text,
  kind: { type: 'string', enum: [...OUTBOX_KINDS] },
  state: { type: 'string', enum: [...OUTBOX_STATES] },
  releasedBy: orNull(id),
  releasedAt: orNull(text),
  sentAt: orNull(text),
  siasnId: orNull(text),
  error: orNull(text),
  mendedBy: orNull(text),
  attempts: whole,
});
export const OUTBOX_PAGE = object({ data: listOf(outboxItem), 'next?': whole });
export const OUTBOX_ITEM = object({
  item: outboxItem,
  'service?': text,
  'body?': anything,
  'lacks?': listOf(object({ field: text, why: text })),
  'task?': object({ siasnId: orNull(text), 'service?': text, does: text }),
  subjects: listOf(id),
});
export const VIEW_STATES = object({
  data: listOf(
    object({
      name: text,
      version: whole,
      index: whole,
      behind: whole,
      rebuilding: yes,
      parked: listOf(object({ key: text, index: whole, cause: text })),
    }),
  ),
});
export const HEALTH = object({ status: text, 'checks?': listOf(object({ name: text, ok: yes })) });
export const SCHEMAS_PUBLISHED = object({
  data: listOf(
    object({
      type: text,
      version: whole,
      current: yes,
      class: { type: 'string', enum: [...CLASSIFICATIONS] },
      url: { type: 'string', format: 'uri' },
    }),
  ),
});

const classification: Shape = { type: 'string', enum: [...CLASSIFICATIONS] };
export const API_KEY_TOLD = object({
  id: text,
  name: text,
  sees: classification,
  reads: classification,
  purpose: text,
  expires: text,
  createdAt: text,
  lastUsedAt: orNull(text),
  previousUntil: orNull(text),
  revokedAt: orNull(text),
});
export const API_KEYS = object({ data: listOf(API_KEY_TOLD) });
export const API_KEY_RECEIPT = object({
  ...receipt,
  key: API_KEY_TOLD,
  'secret?': text,
});

export const SUBSCRIPTION_TOLD = object({
  id,
  name: text,
  url: text,
  filters: listOf(anything),
  ordering: { type: 'string', enum: [...ORDERINGS] },
  sees: classification,
  reads: classification,
  signature: { type: 'string', enum: ['v1', 'v1a'] },
  publicKey: orNull(text),
  state: { type: 'string', enum: ['active', 'paused', 'disabled', 'gone'] },
  because: orNull(text),
  after: whole,
  behind: whole,
  held: whole,
  fails: whole,
  failingSince: orNull(text),
  restsUntil: orNull(text),
  previousSecretUntil: orNull(text),
  createdAt: text,
});
export const SUBSCRIPTIONS = object({ data: listOf(SUBSCRIPTION_TOLD) });
export const SUBSCRIPTION_RECEIPT = object({
  ...receipt,
  subscription: SUBSCRIPTION_TOLD,
  'secret?': text,
});
export const ATTEMPTS = object({
  data: listOf(
    object({
      event: id,
      index: whole,
      at: text,
      n: whole,
      status: orNull(whole),
      fault: orNull(text),
      ms: whole,
      head: text,
    }),
  ),
});
export const TRIED = object({
  ms: whole,
  'status?': whole,
  'head?': text,
  'retryAfter?': text,
  'fault?': text,
  'detail?': text,
});
export const RECOVERED = object({ events: whole, upTo: whole });
