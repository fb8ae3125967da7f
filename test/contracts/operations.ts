// biome-ignore lint/suspicious/noExplicitAny: an API description is read as it comes
type Some = Record<string, any>;

/**
 * What callers rely on, by method and path: what may be asked (`?`: may be left out), and by status what is always in the
 * answer. Answers other than success are problems everywhere; a door may learn to give others of them.
 */
export type Operations = Readonly<Record<string, Operation>>;
type Operation = {
  readonly asks: readonly string[];
  readonly answers: Readonly<Record<string, readonly string[]>>;
};

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** The operations of an OpenAPI document. */
export function operationsIn(api: Some): Operations {
  const operations = Object.entries(api.paths as Some).flatMap(([path, methods]) =>
    METHODS.filter((method) => methods[method]).map(
      (method) => [`${method.toUpperCase()} ${path}`, operationOf(methods[method], api)] as const,
    ),
  );
  return Object.fromEntries(operations.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function operationOf({ parameters = [], requestBody, responses }: Some, api: Some): Operation {
  const named = parameters.map((one: Some) => `${one.in} ${one.name}${one.required ? '' : '?'}`);
  const successes = Object.entries(responses as Some).filter(([status]) => status.startsWith('2'));
  return {
    asks: [...named, ...fieldsOf(jsonIn(requestBody), api, 'body')].sort(),
    answers: Object.fromEntries(
      successes.map(([status, answer]) => [status, fieldsOf(jsonIn(answer), api).filter(isAlways).sort()]),
    ),
  };
}

const jsonIn = (some: Some | undefined): Some => some?.content?.['application/json']?.schema ?? {};
const isAlways = (field: string) => !field.includes('?');

/** The fields of a schema and those in them, `?` after each that may be absent. */
function fieldsOf(schema: Some, api: Some, at = ''): string[] {
  const { $ref, allOf = [], anyOf = [], oneOf = [], items, properties = {}, required = [] } = schema;
  const found = $ref ? fieldsOf(api.components.schemas[$ref.split('/').at(-1)], api, at) : [];
  const within = Object.entries(properties as Some).flatMap(([name, of]) => {
    const here = `${at}${at && '/'}${name}${required.includes(name) ? '' : '?'}`;
    return [here, ...fieldsOf(of, api, here)];
  });
  const every = [...allOf, ...(items ? [items] : [])].flatMap((of) => fieldsOf(of, api, at));
  const some = [...anyOf, ...oneOf].flatMap((of, n) => fieldsOf(of, api, `${at}|${n}?`));
  return [...new Set([...found, ...within, ...every, ...some])];
}

/** What a caller who was written for `before` cannot bear in `after`; none: it goes on. */
export function brokenFor(before: Operations, after: Operations): string[] {
  return Object.entries(before).flatMap(([key, then]) => {
    const now = after[key];
    const faults = now ? [...newlyAsked(then, now), ...notAnswered(then, now)] : ['is gone'];
    return faults.map((fault) => `${key} ${fault}`);
  });
}

function newlyAsked({ asks: then }: Operation, { asks: now }: Operation): string[] {
  const isNeeded = (ask: string) => !ask.endsWith('?') && (isTop(ask) || then.includes(parentOf(ask)));
  const names = (asks: readonly string[]) => new Set(asks.map((ask) => ask.replaceAll('?', '')));
  const taken = names(now);
  return [
    ...now.filter((ask) => isNeeded(ask) && !then.includes(ask)).map((ask) => `needs ${ask} now`),
    ...[...names(then)].filter((ask) => !taken.has(ask)).map((ask) => `does not take ${ask} any more`),
  ];
}

const parentOf = (field: string) => field.slice(0, Math.max(0, field.lastIndexOf('/')));
const isTop = (ask: string) => ['', 'body'].includes(parentOf(ask));

const notAnswered = ({ answers: then }: Operation, { answers: now }: Operation): string[] =>
  Object.entries(then).flatMap(([status, fields]) => {
    const still = now[status];
    if (!still) return [`does not answer ${status} any more`];
    return fields
      .filter((field) => !still.includes(field))
      .map((field) => `does not always say ${field} in ${status} any more`);
  });
