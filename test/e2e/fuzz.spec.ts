import type { Evidence } from '@app/domain/event';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { registration, Server } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: an API description is read as it comes
type Schema = Record<string, any>;
type Asked = { method: string; url: string; body?: unknown; mutated: boolean };

const RUNS = 500;
const SEED = 20260301;

let server: Server;
let api: Schema;
let subjects: string[];
let events: string[];
let document: Evidence;

beforeAll(async () => {
  server = await Server.start();
  await server.unit('dinkes');
  subjects = [];
  events = [];
  for (let n = 0; n < 6; n++) {
    const subject = await server.register(n);
    subjects.push(subject);
    const sk = { number: '1', date: '2022-01-01' };
    const sanction = { jenis: 'potong-tukin-6-bulan', tmt: '2023-01-01', sk };
    const { body } = await server.command(`/${subject}/sanctions`, sanction);
    events.push(body.events[0].id);
  }
  await server.record.catchUp();
  document = await server.document();
  api = (await server.ask(undefined, 'GET', '/docs/openapi.json')).body;
});
afterAll(() => server.stop());

const resolved = ({ allOf = [], $ref, ...rest }: Schema): Schema => ({
  ...(allOf[0] ? resolved(allOf[0]) : {}),
  ...($ref ? api.components.schemas[String($ref).split('/').at(-1) ?? ''] : {}),
  ...rest,
});

/** Text that a pattern of ours allows; the first sample that fits. */
const SAMPLES = [
  'dinkes',
  'a'.repeat(64),
  'application/pdf',
  '2025',
  '198501012010011001',
  '1234567890123456',
  'a'.repeat(32),
  '+62 811',
  'a@b.id',
  'Promoted',
  'public',
  'unit-x',
  '-1',
  'https://sink.example.org/hook',
];
const words = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 ]{0,18}[a-z]$/);

const FORMATS: Readonly<Record<string, () => fc.Arbitrary<string>>> = {
  date: () => fc.constantFrom('2010-01-01', '2014-04-01', '2020-04-01', '2024-10-01', '2025-06-01'),
  uuid: () => fc.constantFrom(...subjects, ...events),
};

function textOf({ pattern, format, maxLength = 64 }: Schema): fc.Arbitrary<string> {
  const formatted = FORMATS[String(format)];
  if (formatted) return formatted();
  const fits = SAMPLES.filter(
    (text) => new RegExp(pattern ?? '', 'u').test(text) && text.length <= maxLength,
  );
  return new RegExp(pattern ?? '', 'u').test('Kata Bebas 1') ? words : fc.constantFrom(...fits);
}

/** A value that a schema allows. */
function anyOf(some: Schema): fc.Arbitrary<unknown> {
  const schema = resolved(some);
  if (schema.oneOf) return fc.oneof(...schema.oneOf.map(anyOf));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'object') return objectOf(schema);
  if (schema.type === 'array')
    return fc.uniqueArray(anyOf(schema.items), {
      minLength: schema.minItems ?? 0,
      maxLength: Math.min(3, schema.maxItems ?? 3),
      selector: (value) => JSON.stringify(value),
    });
  if (schema.type === 'integer') return fc.integer({ min: schema.minimum, max: schema.maximum });
  return schema.type === 'boolean' ? fc.boolean() : textOf(schema);
}

function objectOf({ properties = {}, required = [], maxProperties }: Schema): fc.Arbitrary<unknown> {
  if ('sha256' in properties) return fc.constant(document);
  const fields = Object.entries(properties as Schema).map(([name, of]) => [name, anyOf(of)] as const);
  if (maxProperties === required.length + 1) return oneBeside(fields, required);
  return fc.record(Object.fromEntries(fields), { requiredKeys: required });
}

/** What is required, and one of the others. */
function oneBeside(
  fields: readonly (readonly [string, fc.Arbitrary<unknown>])[],
  required: readonly string[],
): fc.Arbitrary<unknown> {
  const needed = fields.filter(([name]) => required.includes(name));
  const others = fields.filter(([name]) => !required.includes(name));
  return fc.oneof(...others.map((other) => fc.record(Object.fromEntries([...needed, other]))));
}

const NONSENSE: readonly unknown[] = [
  null,
  '',
  ' ',
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  [],
  [[]],
  {},
  { toString: null },
  Object.fromEntries([['then', 1]]),
  { length: 1e9 },
  true,
  '\u0000',
  '\ud800',
  "' OR 1=1 --",
  '%',
  'x'.repeat(5_000),
  '2023-02-30',
  '9999-99-99',
  '🙂',
  { constructor: 1 },
  { type: 'Promoted' },
];

/** Puts nonsense somewhere into a value, or takes something out. */
function spoil(value: unknown, [at, ...path]: readonly number[], nonsense: unknown): unknown {
  if (typeof value !== 'object' || value === null || at === undefined || Object.keys(value).length === 0)
    return nonsense;
  const keys = Object.keys(value);
  const key = keys[at % keys.length] ?? '';
  const inner = (value as Record<string, unknown>)[key];
  const spoilt = { ...value, [at % 7 === 0 ? `${key}~/x` : key]: spoil(inner, path, nonsense) };
  return Array.isArray(value) ? Object.values(spoilt) : spoilt;
}

type Parts = {
  asked: object;
  body: unknown;
  nip: number;
  mutated: boolean;
  where: number[];
  nonsense: unknown;
};

/** The query and the body that are sent: as the schemas have them, or spoilt. */
function sent(path: string, { asked, body, nip, mutated, where, nonsense }: Parts): [object, unknown] {
  const isRegistration = path.endsWith('/civil-servants') && body !== undefined;
  const named = isRegistration ? { ...(body as object), person: registration(nip).person } : body;
  if (!mutated) return [asked, named];
  return [spoil(asked, where, nonsense) as object, body === undefined ? body : spoil(named, where, nonsense)];
}

const inQuery = (value: unknown) => String(JSON.stringify(value)).replace(/^"|"$/g, '');

/** One request to one route, in order; every fourth is spoilt. */
function requestTo(path: string, method: string, operation: Schema): fc.Arbitrary<Asked> {
  const body = operation.requestBody?.content['application/json']?.schema as Schema | undefined;
  const query = ((operation.parameters ?? []) as Schema[]).filter(
    (some) => some.in === 'query' && some.name !== 'cursor' && some.name !== 'wait',
  );
  const parts = {
    subject: fc.constantFrom(...subjects),
    event: fc.constantFrom(...events),
    asked: fc.record(Object.fromEntries(query.map((some) => [some.name, anyOf(some.schema)])), {
      requiredKeys: query.filter(({ required }) => required).map(({ name }) => String(name)) as never[],
    }),
    body: body ? anyOf(body) : fc.constant(undefined),
    mutated: fc.integer({ max: 3, min: 0 }).map((n) => n === 0),
    nip: fc.nat({ max: 8_000 }),
    where: fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 4 }),
    nonsense: fc.constantFrom(...NONSENSE),
  };
  return fc.record(parts).map(({ subject, event, ...rest }) => {
    const [words, payload] = sent(path, rest);
    const search = new URLSearchParams(
      Object.entries(words ?? {}).map(([name, some]): [string, string] => [name, inQuery(some)]),
    );
    const url = path.replace('{subject}', subject).replace('{event}', event);
    return { method, mutated: rest.mutated, url: query.length > 0 ? `${url}?${search}` : url, body: payload };
  });
}

/** Nobody seals here, and without a seal there are no bundles. */
const isFault = (url: string, status: number) => status >= 500 && !(url === '/v1/bundles' && status === 503);

describe('whatever is sent', () => {
  it('is never answered by a fault of ours, and what is in order is mostly accepted', async () => {
    // A stream has no end, and a test of a sink goes out.
    const paths = Object.entries(api.paths as Schema).filter(([path]) => !/\/(stream|test)$/.test(path));
    const routes = paths.flatMap(([path, methods]) =>
      Object.entries(methods as Schema).map(([method, operation]) =>
        requestTo(path, method.toUpperCase(), operation),
      ),
    );
    const statuses: number[] = [];
    const unsound: unknown[] = [];
    await fc.assert(
      fc.asyncProperty(fc.oneof(...routes), async ({ method, url, body, mutated }) => {
        const { status, body: answer } = await server.ask('bkpsdm', method, url, {
          ...(body === undefined ? {} : { body }),
          headers: { 'if-match': '*' },
        });
        statuses.push(status);
        // Filters and ranges are looked at by their own door (subscriptions.spec.ts).
        if (status === 400 && !mutated && !/subscriptions/.test(url)) unsound.push({ url, body, answer });
        const isOurs = isFault(url, status);
        expect([isOurs, url, body, answer].slice(0, isOurs ? 4 : 1)).toEqual([false]);
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
    await server.record.catchUp();
    expect((await server.record.views.states()).flatMap(({ parked }) => parked)).toEqual([]);
    expect(unsound).toEqual([]);
    const accepted = statuses.filter((status) => status < 300).length;
    expect(accepted).toBeGreaterThan(RUNS / 3);
  });
});
