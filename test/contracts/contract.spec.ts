import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CloudEvent, cloudEvent } from '@app/delivery';
import { CATALOGUE, classOf, dataFor } from '@app/domain/catalogue';
import { CLASSIFICATIONS } from '@app/domain/classification';
import type { DomainEvent } from '@app/domain/domain-event';
import { publishRuleSets } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { importSiasn } from '@app/siasn';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { EVENTS_FILE, readJson } from './files.ts';
import { type Contract, generate } from './generate.ts';
import { publish } from './publish.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COMMITTED = readJson<Contract | undefined>(ROOT, EVENTS_FILE, undefined);
const SAMPLES = readJson<readonly { stored: { type: DomainEvent['type'] }; means: object }[]>(
  ROOT,
  'test/golden/stored-shapes.json',
  [],
);
/** What to do when the first of these is red; the second says why that may be refused. */
const HINT = `${EVENTS_FILE} does not say what the code says: run \`npm run contracts\`, review what it changed, commit it (docs/contracts.md)`;

const ajv = new Ajv2020({ strictSchema: true, allErrors: true, keywords: ['x-classification'] });
formats.default(ajv);
const checks = new Map(
  Object.entries(CATALOGUE).map(([type, { version }]) => [
    type,
    ajv.compile(COMMITTED?.events[`${type}/${version}`] ?? false),
  ]),
);
/** What is wrong with the data of an event. */
const wrong = (type: string, data: unknown) => {
  const check = checks.get(type);
  return check?.(data) ? [] : (check?.errors ?? [{ message: `no schema of ${type}` }]);
};

describe('the contract of the events', () => {
  let today: Contract;
  beforeAll(() => {
    today = generate(ROOT);
  });

  it('is committed as the code makes it', () => {
    const differs = JSON.stringify(COMMITTED) !== JSON.stringify(publish(COMMITTED ?? today, today).contract);
    expect(differs ? HINT : 'as the code says').toBe('as the code says');
  });

  it('breaks nobody who relies on what was published', () => {
    expect(publish(COMMITTED ?? today, today).faults).toEqual([]);
  });

  it('says of every type what it is, how it is classed, and that more may come', () => {
    expect(Object.keys(today.events)).toHaveLength(Object.keys(CATALOGUE).length);
    for (const schema of Object.values(today.events))
      expect(schema).toMatchObject({
        title: expect.any(String),
        description: expect.any(String),
        'x-classification': expect.any(String),
        additionalProperties: true,
      });
  });
});

describe('an event', () => {
  it.each(SAMPLES.map(({ stored, means }, n) => [`${n} ${stored.type}`, stored.type, means] as const))(
    'as it means today is what its schema says, for every reader: %s',
    (_, type, data) => {
      const event = { type, data } as unknown as DomainEvent;
      const told = CLASSIFICATIONS.map((clearance) => dataFor(event, clearance)).filter(Boolean);
      expect(told.length).toBe(CLASSIFICATIONS.length - CLASSIFICATIONS.indexOf(classOf(event)));
      for (const said of told) expect(wrong(type, said)).toEqual([]);
    },
  );

  it.each(SAMPLES.map(({ stored, means }, n) => [`${n} ${stored.type}`, stored.type, means] as const))(
    'is not what its schema says where a field has another type: %s',
    (_, type, data) => {
      for (const name of Object.keys(data).filter((one) => one !== 'terms'))
        expect(wrong(type, { ...data, [name]: null })).not.toEqual([]);
    },
  );

  it('is not what its schema says with a day that does not exist, a word that is none, or less', () => {
    const promoted = { golongan: 'III/b', jenis: 'reguler', tmt: '2021-10-01' };
    expect(wrong('Promoted', promoted)).toEqual([]);
    expect(wrong('Promoted', { ...promoted, tmt: '2021-02-30' })).not.toEqual([]);
    expect(wrong('Promoted', { ...promoted, golongan: 'V/a' })).not.toEqual([]);
    expect(wrong('Promoted', { golongan: 'III/b', jenis: 'reguler' })).not.toEqual([]);
    expect(wrong('Promoted', { ...promoted, more: 1 })).toEqual([]);
  });
});

describe('the events that the rules make of the sample', () => {
  let told: CloudEvent[];
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'jejak-contracts-'));
    const record = await OpenRecord.open(directory, () => '2026-03-01');
    const asking = { actor: 'a', role: 'bkpsdm', correlationId: '9b2f7a52-6a53-4f6e-9d0e-3c2c5d8f9a02' };
    await publishRuleSets(record.transact, { ...asking, commandId: asking.correlationId, askedAt: 0 });
    await importSiasn([join(ROOT, 'test/sample/siasn')], record, asking);
    await record.catchUp();
    const rows = await record.journal.pass({ after: -1, upTo: await record.journal.size(), limit: 10_000 });
    told = rows.flatMap(
      (row) => cloudEvent(row, { sees: 'restricted', reads: 'restricted' }, 'https://jejak.test/') ?? [],
    );
    await record.close();
    rmSync(directory, { recursive: true });
  });

  it('are what their schemas say', () => {
    const types = new Set(told.map(({ dataschema }) => dataschema.split('/').at(-2) ?? ''));
    expect(types.size).toBeGreaterThan(9);
    for (const { dataschema, data } of told)
      expect(wrong(dataschema.split('/').at(-2) ?? '', data)).toEqual([]);
  });

  it('are told as the schema of the envelope says, with nothing beside it', () => {
    const { envelope } = COMMITTED ?? {};
    const check = ajv.compile({ ...envelope, additionalProperties: false });
    for (const event of told) expect(check(event) ? [] : check.errors).toEqual([]);
  });
});
