import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { asyncApi } from '@app/delivery';
import { CATALOGUE } from '@app/domain/catalogue';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { OPERATIONS_FILE, readJson } from './files.ts';
import { type Document, openApi } from './open-api.ts';
import { brokenFor, type Operations, operationsIn } from './operations.ts';

const require = createRequire(import.meta.url);
const HINT = `${OPERATIONS_FILE} does not say what the doors do: run \`npm run contracts\`, review what it changed, commit it (docs/contracts.md)`;

/** Every part of a document that is an object, with where it is. */
const partsOf = (some: unknown, at = '#'): [at: string, part: Document][] =>
  typeof some !== 'object' || some === null
    ? []
    : [
        [at, some],
        ...Object.entries(some).flatMap(([name, part]) =>
          partsOf(part, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
        ),
      ];
const danglingIn = (document: Document): unknown[] => {
  const parts = new Map(partsOf(document));
  const refs = [...parts.values()].map(({ $ref }) => $ref).filter((to) => to !== undefined);
  expect(refs.length).toBeGreaterThan(0);
  return refs.filter((to) => !parts.has(to));
};

describe('the OpenAPI document', () => {
  let api: Document;
  const operations = () =>
    Object.entries(api.paths as Document).flatMap(([path, methods]) =>
      Object.values(methods as Document).map((operation) => ({ path, operation })),
    );
  beforeAll(async () => {
    api = await openApi();
  });

  it('is OpenAPI 3.1, as its own schema says', async () => {
    expect(api.openapi).toBe('3.1.0');
    expect(await new Validator().validate(structuredClone(api))).toMatchObject({ valid: true });
    const { paths: _, ...less } = api;
    expect(await new Validator().validate({ ...less, paths: { units: {} } })).toMatchObject({ valid: false });
  });

  it('has only schemas of draft 2020-12 in it: no null that is said otherwise', () => {
    const ajv = new Ajv2020();
    const schemas = partsOf(api).filter(([at]) => /\/schema$|\/components\/schemas\/[^/]+$/.test(at));
    expect(schemas.length).toBeGreaterThan(50);
    for (const [at, schema] of schemas)
      expect([at, ajv.validateSchema(schema) || ajv.errors]).toEqual([at, true]);
    expect(partsOf(api).filter(([, part]) => 'nullable' in part)).toEqual([]);
  });

  it('refers to nothing that is not there', () => {
    expect(danglingIn(api)).toEqual([]);
  });

  it('names each operation once, and each part of its address', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations()) {
      const named = (operation.parameters ?? []).filter((one: Document) => one.in === 'path');
      expect(named.map(({ name }: Document) => name).sort()).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(),
      );
    }
  });

  it('says of every operation who may call it, and how it answers, well and ill', () => {
    for (const { path, operation } of operations()) {
      const statuses = Object.keys(operation.responses);
      expect([
        path,
        statuses.some((one) => /^2/.test(one)),
        statuses.some((one) => /^[45]/.test(one)),
      ]).toEqual([path, true, true]);
      if (path.startsWith('/v1/')) expect([path, operation.security]).toEqual([path, [{ bearer: [] }]]);
    }
  });

  it('breaks nobody who relies on what was published, and is committed', () => {
    const committed = readJson<Operations>(resolve(import.meta.dirname, '../..'), OPERATIONS_FILE, {});
    const today = operationsIn(api);
    expect(brokenFor(committed, today)).toEqual([]);
    const same = JSON.stringify(committed) === JSON.stringify(today);
    expect(same ? 'as the doors do' : HINT).toBe('as the doors do');
  });
});

describe('the AsyncAPI document', () => {
  const document = asyncApi('https://jejak.test/') as Document;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  formats.default(ajv);
  const check = ajv.compile(require('@asyncapi/specs/schemas/3.0.0-without-$id.json'));

  it('is AsyncAPI 3.0, as its own schema says', () => {
    expect(check(document) ? [] : check.errors).toEqual([]);
    expect(check({ ...document, channels: { events: { address: 1 } } })).toBe(false);
  });

  it('refers to nothing that is not there', () => {
    expect(danglingIn(document)).toEqual([]);
  });

  it('has a message for every type of event on the stream, and their data by their schemas', () => {
    const types = Object.keys(CATALOGUE).sort();
    const { events, feed, webhooks } = document.channels;
    expect(Object.keys(events.messages).sort()).toEqual([...types, 'progress'].sort());
    expect([Object.keys(feed.messages), Object.keys(webhooks.messages)]).toEqual([['batch'], ['delivery']]);
    expect(document.components.messages.Promoted).toMatchObject({
      name: 'id.jejak.Promoted.v1',
      payload: { $ref: '#/components/schemas/PromotedEvent' },
    });
    expect(document.components.schemas.PromotedEvent.allOf[1].properties).toMatchObject({
      dataschema: { const: 'https://jejak.test/v1/schemas/Promoted/1' },
      data: { $ref: '#/components/schemas/Promoted' },
    });
  });

  it('has payloads that an event can be checked with', () => {
    const payloads = new Ajv2020({ strict: false });
    formats.default(payloads);
    payloads.addSchema({ $id: 'https://jejak.test/v1/asyncapi.json', ...document });
    const valid = payloads.compile({
      $ref: 'https://jejak.test/v1/asyncapi.json#/components/schemas/AnyEvent',
    });
    expect(valid(EVENT)).toBe(true);
    expect(valid({ ...EVENT, data: { ...EVENT.data, golongan: 'V/a' } })).toBe(false);
    expect(valid({ ...EVENT, type: 'id.jejak.Promoted.v9' })).toBe(false);
  });
});

const EVENT = {
  specversion: '1.0',
  id: '019a0000-0000-7000-8000-000000000001',
  source: 'https://jejak.test/',
  type: 'id.jejak.Promoted.v1',
  subject: 'civilServant-9b2f7a52-6a53-4f6e-9d0e-3c2c5d8f9a01',
  time: '2025-04-01T00:00:00Z',
  recordedtime: '2026-01-31T01:02:03.004Z',
  sequence: '00000000000000000012',
  partitionkey: 'civilServant-9b2f7a52-6a53-4f6e-9d0e-3c2c5d8f9a01',
  correlationid: 'c1',
  authtype: 'user',
  authid: 'a1',
  dataclassification: 'internal',
  dataregulation: 'UUPDP',
  dataschema: 'https://jejak.test/v1/schemas/Promoted/1',
  dataref: 'https://jejak.test/v1/events/019a0000-0000-7000-8000-000000000001',
  leafhash: 'TszzRgjTG6xce-z2AG31kAXYKBgQVtCSCE40HmuwBb0',
  datacontenttype: 'application/json',
  data: { golongan: 'III/b', jenis: 'reguler', tmt: '2025-04-01' },
};
