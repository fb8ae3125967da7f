import { FINDINGS } from '@app/domain/civil-servant';
import { PREDIKAT } from '@app/domain/predikat';
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
});

export const RECEIPT = object({ stream: text, revision: whole, events: listOf(object({ id, type: text })) });

export const DOCUMENT_KEPT = object({
  sha256: text,
  size: whole,
  mediaType: text,
  stream: text,
  revision: whole,
  events: listOf(object({ id, type: text })),
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
