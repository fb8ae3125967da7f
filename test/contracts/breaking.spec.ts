import { describe, expect, it } from '@jest/globals';
import { breaking } from './breaking.ts';
import type { Contract } from './generate.ts';
import { publish } from './publish.ts';
import type { Schema } from './schema-of.ts';

const text: Schema = { type: 'string' };
const day: Schema = { type: 'string', format: 'date' };
const words = (...some: string[]): Schema => ({ type: 'string', enum: some });
const object = (properties: Record<string, Schema>, ...optional: string[]): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: true,
});
const kind = (name: string, more: Record<string, Schema> = {}) =>
  object({ kind: { type: 'string', const: name }, ...more });

describe('what breaks a reader of events', () => {
  const before = object({ name: text, tmt: day, level: words('a', 'b'), note: text }, 'note');
  const fields = before.properties ?? {};
  const but = (more: Record<string, Schema>, ...optional: string[]) =>
    breaking(before, object({ ...fields, ...more }, 'note', ...optional));

  it('is a field that is not told any more, or may be absent now', () => {
    const { name: _, ...rest } = fields;
    expect(breaking(before, object(rest, 'note'))).toEqual(['/name is not told any more']);
    expect(but({}, 'name')).toEqual(['/name may be absent']);
    const { note: __, ...others } = fields;
    expect(breaking(before, object(others))).toEqual(['/note is not told any more']);
  });

  it('is a field of another type or form, or a list of other things', () => {
    expect(but({ name: { type: 'number' } })).toEqual(['/name is number; it was string']);
    expect(but({ name: {} })).toEqual(['/name is anything; it was string']);
    expect(but({ tmt: text })).toEqual(['/tmt is not of format date any more']);
    const list = (items: Schema): Schema => ({ type: 'array', items });
    expect(breaking(list(text), list({ type: 'integer' }))).toEqual(['/items is integer; it was string']);
    expect(breaking({ type: 'integer' }, { type: 'number' })).toHaveLength(1);
  });

  it('is a word that nobody knows yet', () => {
    expect(but({ level: words('a', 'b', 'c') })).toEqual(['/level may be "c", which nobody knows yet']);
    expect(but({ level: text })).toHaveLength(1);
    expect(breaking({ type: 'string', const: 'a' }, words('a', 'b'))).toHaveLength(1);
  });

  it('is an alternative that was not there, told by what is nearest to it', () => {
    const then: Schema = { anyOf: [kind('year', { year: text }), kind('months', { from: text, to: text })] };
    const now = (...more: Schema[]): Schema => ({ anyOf: [...(then.anyOf ?? []), ...more] });
    expect(breaking(then, now())).toEqual([]);
    expect(breaking(then, now(kind('day', { from: text, to: text })))).toEqual([
      '/kind may be "day", which nobody knows yet',
    ]);
    expect(breaking(then, kind('year', { year: text }))).toEqual([]);
    expect(breaking(kind('year', { year: text }), then).length).toBeGreaterThan(0);
  });

  it('is a class that some readers are not cleared for, of the event or of a field', () => {
    const classed = (schema: Schema, held: string): Schema => ({ ...schema, 'x-classification': held });
    expect(breaking(classed(before, 'internal'), classed(before, 'restricted'))).toEqual([
      '/ is restricted; it was internal, and whoever is cleared for that only does not get it any more',
    ]);
    expect(but({ note: classed(text, 'restricted') })).toHaveLength(1);
    expect(breaking(classed(before, 'restricted'), classed(before, 'internal'))).toEqual([]);
  });

  it('is not more to read, nor the same said more closely', () => {
    expect(but({ more: text })).toEqual([]);
    expect(but({ level: words('a') })).toEqual([]);
    expect(but({ name: day })).toEqual([]);
    expect(but({ name: { ...text, title: 'Name', description: 'Other words' } })).toEqual([]);
    expect(breaking(object({ note: text }, 'note'), object({ note: text }))).toEqual([]);
    expect(breaking({ type: 'number' }, { type: 'integer' })).toEqual([]);
    expect(breaking({}, text)).toEqual([]);
  });
});

describe('what is published', () => {
  const contract = (events: Record<string, Schema>, envelope = object({ id: text })): Contract => ({
    envelope,
    events,
  });
  const v1 = object({ name: text, year: text });
  const v2 = object({ name: text });
  const published = contract({ 'Awarded/1': v1 });

  it('is every version that ever was, and today’s as it is said today', () => {
    const { contract: now, faults } = publish(published, contract({ 'Awarded/2': v2, 'Added/1': v1 }));
    expect(faults).toEqual([]);
    expect(Object.entries(now.events)).toEqual([
      ['Added/1', v1],
      ['Awarded/1', v1],
      ['Awarded/2', v2],
    ]);
  });

  it('is not what breaks a version that was published', () => {
    expect(publish(published, contract({ 'Awarded/1': v2 })).faults).toEqual([
      'Awarded/1: /year is not told any more',
    ]);
    expect(publish(published, contract(published.events, object({}))).faults).toEqual([
      'CloudEvent: /id is not told any more',
    ]);
  });

  it('is no version that leaves one out or goes back, and not without a type that was there', () => {
    const both = contract({ 'Awarded/1': v1, 'Awarded/2': v2 });
    expect(publish(published, contract({ 'Awarded/3': v2 })).faults).toEqual([
      'Awarded/3: the next version of Awarded is 2',
    ]);
    expect(publish(both, contract({ 'Awarded/1': v1 })).faults).toEqual([
      'Awarded/1: the next version of Awarded is 3',
    ]);
    expect(publish(both, contract({})).faults).toHaveLength(1);
  });
});
