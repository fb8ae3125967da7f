type Attributes = Readonly<Record<string, string>>;

/** A filter expression: the six dialects that the CloudEvents Subscriptions API (3.2.4.1.1) wants of everybody. */
export type Filter =
  | { readonly exact: Attributes }
  | { readonly prefix: Attributes }
  | { readonly suffix: Attributes }
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter };

/** Where among the filters something is wrong, as a JSON pointer, and what. */
export type FilterFault = { readonly pointer: string; readonly detail: string };

type Told = Readonly<Record<string, unknown>>;
type Predicate = (event: Told) => boolean;

const MOST_LEVELS = 8;
const MOST_NODES = 100;
/** More than that nobody reads. */
const MOST_FAULTS = 20;

/**
 * The filters that somebody asks for, or everything that is wrong with them. `at`: the pointer to the array itself. No
 * filter at all lets every event through. At most 8 levels, and 100 filters and compared attributes together.
 */
export function parseFilters(
  json: unknown,
  at = '#',
): { readonly filters: readonly Filter[] } | { readonly faults: readonly FilterFault[] } {
  if (!Array.isArray(json)) return { faults: [{ pointer: at, detail: 'must be an array of filters' }] };
  const faults = json.flatMap((filter, index) => faultsOf(filter, `${at}/${index}`, 1));
  if (faults.length > 0) return { faults: faults.slice(0, MOST_FAULTS) };
  const filters = json as Filter[];
  if (sum(filters.map(nodesOf)) <= MOST_NODES) return { filters };
  return { faults: [{ pointer: at, detail: `has more than ${MOST_NODES} filters and compared attributes` }] };
}

/**
 * One predicate of filters: whether all of them let an event through. Compared are the attributes that are texts, case
 * by case; where one is missing, the comparison is false.
 */
export function matcher(filters: readonly Filter[]): Predicate {
  const predicates = filters.map(predicateOf);
  return (event) => predicates.every((matches) => matches(event));
}

type Dialect = 'exact' | 'prefix' | 'suffix' | 'all' | 'any' | 'not';

const DIALECTS: Readonly<
  Record<Dialect, (inner: unknown, pointer: string, level: number) => readonly FilterFault[]>
> = {
  exact: attributeFaults,
  prefix: attributeFaults,
  suffix: attributeFaults,
  all: arrayFaults,
  any: arrayFaults,
  not: (inner, pointer, level) => faultsOf(inner, pointer, level + 1),
};
const NAMES = Object.keys(DIALECTS).join(', ');

function faultsOf(json: unknown, pointer: string, level: number): readonly FilterFault[] {
  if (level > MOST_LEVELS) return [{ pointer, detail: `is nested deeper than ${MOST_LEVELS} levels` }];
  const [first, ...more] = isObject(json) ? Object.entries(json) : [];
  if (!first || more.length > 0)
    return [{ pointer, detail: `must be an object with exactly one of ${NAMES}` }];
  const [dialect, inner] = first;
  const at = `${pointer}/${escaped(dialect)}`;
  if (!Object.hasOwn(DIALECTS, dialect))
    return [{ pointer: at, detail: `is not a dialect that is known here; take one of ${NAMES}` }];
  return DIALECTS[dialect as Dialect](inner, at, level);
}

function arrayFaults(inner: unknown, pointer: string, level: number): readonly FilterFault[] {
  if (!Array.isArray(inner) || inner.length === 0)
    return [{ pointer, detail: 'must be an array of at least one filter' }];
  return inner.flatMap((filter, index) => faultsOf(filter, `${pointer}/${index}`, level + 1));
}

function attributeFaults(inner: unknown, pointer: string): readonly FilterFault[] {
  const entries = isObject(inner) ? Object.entries(inner) : [];
  if (entries.length === 0)
    return [{ pointer, detail: 'must be an object of at least one attribute and its text' }];
  return entries.flatMap(([name, value]) => {
    const at = `${pointer}/${escaped(name)}`;
    if (!isAttribute(name))
      return [{ pointer: at, detail: 'is not the name of an attribute: small letters and digits only' }];
    if (typeof value !== 'string' || value === '')
      return [{ pointer: at, detail: 'must be a text that is not empty' }];
    return [];
  });
}

/** The data are not an attribute (CloudEvents 1.0, 3.1). */
const isAttribute = (name: string): boolean => /^[a-z0-9]+$/.test(name) && name !== 'data';

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A name as a JSON pointer has it (RFC 6901 §3). */
const escaped = (name: string): string =>
  name.toWellFormed().slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1');

const sum = (numbers: readonly number[]): number => numbers.reduce((total, some) => total + some, 0);

function nodesOf(filter: Filter): number {
  if ('not' in filter) return 1 + nodesOf(filter.not);
  if ('all' in filter) return 1 + sum(filter.all.map(nodesOf));
  if ('any' in filter) return 1 + sum(filter.any.map(nodesOf));
  return Object.values(filter).reduce((total, compared) => total + Object.keys(compared).length, 1);
}

function predicateOf(filter: Filter): Predicate {
  if ('exact' in filter) return comparing(filter.exact, (value, wanted) => value === wanted);
  if ('prefix' in filter) return comparing(filter.prefix, (value, wanted) => value.startsWith(wanted));
  if ('suffix' in filter) return comparing(filter.suffix, (value, wanted) => value.endsWith(wanted));
  if ('all' in filter) return matcher(filter.all);
  const inner = 'any' in filter ? filter.any.map(predicateOf) : [predicateOf(filter.not)];
  const anyOf: Predicate = (event) => inner.some((matches) => matches(event));
  return 'any' in filter ? anyOf : (event) => !anyOf(event);
}

function comparing(attributes: Attributes, fits: (value: string, wanted: string) => boolean): Predicate {
  const wanted = Object.entries(attributes);
  return (event) =>
    wanted.every(([name, text]) => {
      const value = event[name];
      return typeof value === 'string' && fits(value, text);
    });
}
