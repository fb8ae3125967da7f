import { breaking } from './breaking.ts';
import type { Contract } from './generate.ts';
import type { Schema } from './schema-of.ts';

/**
 * What is published from now on: every version that ever was, those of today as they are said today. Or why not: a
 * published version may not change so that its readers break, and no type of event may go.
 */
export function publish(
  published: Contract,
  today: Contract,
): { readonly contract: Contract; readonly faults: readonly string[] } {
  const events = { ...published.events, ...today.events };
  const faults = [
    ...breaking(published.envelope, today.envelope).map((fault) => `CloudEvent: ${fault}`),
    ...Object.entries(today.events).flatMap(([key, schema]) => faultsOf(key, schema, published)),
    ...gone(published, today),
  ];
  return { contract: { envelope: today.envelope, events: sorted(events) }, faults };
}

function faultsOf(key: string, schema: Schema, { events }: Contract): string[] {
  const [type = '', version] = key.split('/');
  const newest = newestIn(events, type);
  const before = events[`${type}/${newest}`];
  if (before && Number(version) === newest)
    return breaking(before, schema).map((fault) => `${key}: ${fault}`);
  return Number(version) === newest + 1 ? [] : [`${key}: the next version of ${type} is ${newest + 1}`];
}

function gone(published: Contract, today: Contract): string[] {
  const types = new Set(Object.keys(published.events).map((key) => key.split('/')[0] ?? ''));
  return [...types]
    .filter((type) => newestIn(today.events, type) === 0)
    .map((type) => `${type}: it is in the log of whoever has one, and must go on being told`);
}

/** The newest version of a type; 0: none. */
const newestIn = (events: Contract['events'], type: string): number =>
  Math.max(0, ...versionsOf(events, type));

const versionsOf = (events: Contract['events'], type: string): number[] =>
  Object.keys(events)
    .filter((key) => key.startsWith(`${type}/`))
    .map((key) => Number(key.slice(type.length + 1)));

const sorted = <Value>(some: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(some).sort(([a], [b]) => (a < b ? -1 : 1)));
