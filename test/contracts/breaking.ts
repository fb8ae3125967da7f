import { type Classification, covers } from '@app/domain/classification';
import type { Schema } from './schema-of.ts';

/**
 * What a reader who was written for `before` cannot bear in `after`, each with where; none: it may be published under the
 * same version. Such a reader passes over properties that it does not know, and relies on everything else: what is always
 * there, which words may come, what form a text has, and that it is still cleared for it. So data may be said more
 * closely (a number that is whole, fewer words, a property that is always there), and never more loosely.
 */
export function breaking(before: Schema, after: Schema, at = ''): string[] {
  const here = at || '/';
  const closed = raised(before, after).map((fault) => `${here} ${fault}`);
  const old = alternatives(before);
  const said = alternatives(after).flatMap((now) => closest(old.map((then) => shape(then, now, at))));
  return [...closed, ...said];
}

const alternatives = (schema: Schema): readonly Schema[] => schema.anyOf ?? [schema];

/** The faults against the alternative that is nearest; none where one allows it. */
const closest = (faults: readonly string[][]): string[] =>
  faults.reduce((least, some) => (some.length < least.length ? some : least));

/** Without a class of its own a field is as its event, and that may be public. */
function raised(before: Schema, after: Schema): string[] {
  const [then, now] = [before, after].map((some) => (some['x-classification'] ?? 'public') as Classification);
  if (then === undefined || now === undefined || covers(then, now)) return [];
  return [`is ${now}; it was ${then}, and whoever is cleared for that only does not get it any more`];
}

function shape(then: Schema, now: Schema, at: string): string[] {
  const here = at || '/';
  if (!typeWithin(then, now)) return [`${here} is ${typeOf(now)}; it was ${typeOf(then)}`];
  return [
    ...newWords(then, now).map((word) => `${here} may be ${JSON.stringify(word)}, which nobody knows yet`),
    ...looser(then, now).map((keyword) => `${here} is not of ${keyword} ${then[keyword]} any more`),
    ...(then.items ? breaking(then.items, now.items ?? {}, `${at}/items`) : []),
    ...Object.entries(then.properties ?? {}).flatMap(([name, was]) => property(name, was, then, now, at)),
  ];
}

const typeOf = ({ type }: Schema): string => type ?? 'anything';

const typeWithin = (then: Schema, now: Schema): boolean =>
  then.type === undefined || then.type === now.type || (then.type === 'number' && now.type === 'integer');

const wordsOf = (schema: Schema): readonly string[] | undefined =>
  schema.const === undefined ? schema.enum : [schema.const];

/** What may be said now that could not be said then. */
function newWords(then: Schema, now: Schema): readonly string[] {
  const known = wordsOf(then);
  return known ? (wordsOf(now) ?? ['any other text']).filter((word) => !known.includes(word)) : [];
}

const looser = (then: Schema, now: Schema) =>
  (['format', 'pattern'] as const).filter(
    (keyword) => then[keyword] !== undefined && then[keyword] !== now[keyword],
  );

function property(name: string, was: Schema, then: Schema, now: Schema, at: string): string[] {
  const here = `${at}/${name}`;
  const is = now.properties?.[name];
  if (!is) return [`${here} is not told any more`];
  const mayMiss = then.required?.includes(name) && !now.required?.includes(name);
  return [...(mayMiss ? [`${here} may be absent`] : []), ...breaking(was, is, here)];
}
