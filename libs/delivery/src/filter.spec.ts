import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Filter, matcher, parseFilters } from './filter.ts';

const PUSH = {
  specversion: '1.0',
  id: 'p1',
  source: 'https://github.com/',
  type: 'com.github.push',
  subject: 'https://github.com/cloudevents/spec',
  data: { type: 'com.github.push' },
};
const parsed = (json: unknown): readonly Filter[] => {
  const result = parseFilters(json);
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.filters;
};
const lets = (json: unknown, event: object = PUSH) => matcher(parsed(json))({ ...event });
const pointers = (json: unknown, at?: string) => {
  const result = parseFilters(json, at);
  return 'faults' in result ? result.faults.map(({ pointer }) => pointer) : [];
};
const nested = (levels: number): object =>
  levels === 1 ? { exact: { type: 'a' } } : { not: nested(levels - 1) };

describe('filters of a subscription', () => {
  it.each([
    [{ exact: { type: 'com.github.push', subject: 'https://github.com/cloudevents/spec' } }, true],
    [{ exact: { type: 'com.github.push', subject: 'https://github.com/cloudevents' } }, false],
    [{ prefix: { type: 'com.github.', subject: 'https://github.com/cloudevents' } }, true],
    [{ prefix: { type: 'com.github.', subject: 'https://gitlab.com/' } }, false],
    [{ suffix: { type: '.created', subject: '/cloudevents/spec' } }, false],
    [{ suffix: { type: '.push', subject: '/cloudevents/spec' } }, true],
    [{ all: [{ exact: { type: 'com.github.push' } }, { exact: { subject: 'elsewhere' } }] }, false],
    [{ any: [{ exact: { type: 'com.github.push' } }, { exact: { subject: 'elsewhere' } }] }, true],
    [{ not: { exact: { type: 'com.github.push' } } }, false],
  ])('as in the specification: %j', (filter, result) => expect(lets([filter])).toBe(result));

  it('all have to let an event through; none lets everything through', () => {
    expect(lets([])).toBe(true);
    expect(lets([{ exact: { id: 'p1' } }, { prefix: { type: 'com.' } }])).toBe(true);
    expect(lets([{ exact: { id: 'p1' } }, { prefix: { type: 'org.' } }])).toBe(false);
  });

  it('tell small letters from large', () => {
    expect(lets([{ exact: { type: 'com.GitHub.push' } }])).toBe(false);
    expect(lets([{ prefix: { type: 'COM.' } }])).toBe(false);
    expect(lets([{ suffix: { type: '.PUSH' } }])).toBe(false);
  });

  it('are false where the attribute is missing, whatever every object has by nature', () => {
    for (const dialect of ['exact', 'prefix', 'suffix']) {
      expect(lets([{ [dialect]: { causationid: 'x' } }])).toBe(false);
      expect(lets([{ not: { [dialect]: { causationid: 'x' } } }])).toBe(true);
      expect(lets([{ [dialect]: { constructor: 'x' } }])).toBe(false);
    }
    expect(lets([{ exact: { count: '3' } }], { count: 3 })).toBe(false);
  });

  it('keep to the laws of De Morgan', () => {
    const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
      filter: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.record({
          exact: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y'), { minKeys: 1 }),
        }),
        fc.record({ prefix: fc.record({ a: fc.constantFrom('x', 'y') }) }),
        fc.record({ not: tie('filter') }),
        fc.record({ all: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
      ),
    }));
    const event = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y', 'xy'));
    fc.assert(
      fc.property(fc.array(filter, { minLength: 1, maxLength: 4 }), event, (filters, some) => {
        const each = filters.map((one) => matcher([one])(some));
        expect(matcher([{ any: filters }])(some)).toBe(each.some(Boolean));
        expect(matcher([{ not: { any: filters } }])(some)).toBe(
          matcher([{ all: filters.map((not) => ({ not })) }])(some),
        );
      }),
    );
  });
});

describe('filters that are refused', () => {
  it.each([
    [{ exact: { type: 'a' } }, '#'],
    ['exact', '#'],
    [null, '#'],
    [[null], '#/0'],
    [[[]], '#/0'],
    [[{}], '#/0'],
    [[{ exact: { type: 'a' }, prefix: { type: 'a' } }], '#/0'],
    [[{ sql: "type = 'a'" }], '#/0/sql'],
    [[{ Exact: { type: 'a' } }], '#/0/Exact'],
    [[{ toString: { type: 'a' } }], '#/0/toString'],
    [[JSON.parse('{"__proto__":{"exact":{"type":"a"}}}')], '#/0/__proto__'],
    [[{ 'https://a/~b': {} }], '#/0/https:~1~1a~1~0b'],
    [[{ exact: {} }], '#/0/exact'],
    [[{ exact: [] }], '#/0/exact'],
    [[{ exact: 'type' }], '#/0/exact'],
    [[{ exact: { type: '' } }], '#/0/exact/type'],
    [[{ prefix: { '': 'a' } }], '#/0/prefix/'],
    [[{ suffix: { type: 1 } }], '#/0/suffix/type'],
    [[{ exact: { type: ['a'] } }], '#/0/exact/type'],
    [[{ exact: { Type: 'a' } }], '#/0/exact/Type'],
    [[{ exact: { data: 'a' } }], '#/0/exact/data'],
    [[{ all: [] }], '#/0/all'],
    [[{ any: {} }], '#/0/any'],
    [[{ any: [{ exact: { type: 'a' } }, { not: {} }] }], '#/0/any/1/not'],
    [[{ not: [{ exact: { type: 'a' } }] }], '#/0/not'],
    [[{ exact: { type: 'a' } }, { prefix: {} }], '#/1/prefix'],
  ])('%j', (json, pointer) => expect(pointers(json)).toEqual([pointer]));

  it('all at once, below the place where they stand', () => {
    const json = [{ exact: { type: '', id: '' } }, { or: [] }];
    expect(pointers(json, '#/filters')).toEqual([
      '#/filters/0/exact/type',
      '#/filters/0/exact/id',
      '#/filters/1/or',
    ]);
    expect(pointers(Array(1_000).fill({}))).toHaveLength(20);
  });

  it('when they are deeper than 8 levels, or more than 100', () => {
    expect(pointers([nested(8)])).toEqual([]);
    expect(pointers([nested(9)])).toEqual([`#/0${'/not'.repeat(8)}`]);
    expect(pointers([nested(5_000)])).toEqual([`#/0${'/not'.repeat(8)}`]);
    const one = { exact: { type: 'a' } };
    expect(pointers(Array(50).fill(one))).toEqual([]);
    expect(pointers(Array(51).fill(one))).toEqual(['#']);
    expect(pointers([{ any: Array(50).fill(one) }])).toEqual(['#']);
    const names = Array.from({ length: 100 }, (_, index) => [`a${index}`, 'x']);
    expect(pointers([{ exact: Object.fromEntries(names) }])).toEqual(['#']);
  });
});

/** Public vectors that lie beside the project, not in it; they state the filters as CloudEvents SQL. */
const VECTORS = resolve('../shared/vectors/cesql_tck/subscriptions_api_recreations.yaml');
const there = existsSync(VECTORS);
if (!there)
  process.stderr.write(
    `NOT TESTED: filters are not compared with the public vectors: ${VECTORS} is not there\n`,
  );

type Vector = {
  readonly name: string;
  readonly sql: string;
  readonly event: object;
  readonly result: boolean;
};

/** Of the few forms of YAML that the file has. */
const vectorsIn = (yaml: string): Vector[] =>
  yaml
    .split('  - name: ')
    .slice(1)
    .map((block) => ({
      name: block.split('\n', 1)[0] ?? '',
      sql: /expression: "(.*)"/.exec(block)?.[1] ?? '',
      result: /result: true/.test(block),
      event: Object.fromEntries(
        [...block.matchAll(/^ {6}(\w+): "(.*)"/gm)].map(([, attribute, value]) => [attribute, value]),
      ),
    }));

/** A filter of an expression of comparisons, AND, OR and parentheses. Throws on anything else. */
function filterOf(sql: string): Filter {
  const tokens = sql.match(/[()]|'[^']*'|=|\w+|\S/g) ?? [];
  const next = () => tokens.shift() ?? '';
  const isNext = (word: string) => tokens[0]?.toUpperCase() === word;
  const listOf = (word: string, inner: () => Filter): Filter[] => {
    const list = [inner()];
    while (isNext(word) && next()) list.push(inner());
    return list;
  };
  const anyOf = (): Filter => ({ any: listOf('OR', () => ({ all: listOf('AND', one) })) });
  const one = (): Filter => {
    if (!isNext('(')) return comparison(next(), next(), next());
    next();
    const inner = anyOf();
    if (next() !== ')') throw new Error(`not understood: ${sql}`);
    return inner;
  };
  const filter = anyOf();
  if (tokens.length > 0) throw new Error(`not understood: ${sql}`);
  return filter;
}

function comparison(name: string, operator: string, quoted: string): Filter {
  const text = quoted.slice(1, -1);
  if (operator === '=') return { exact: { [name]: text } };
  if (operator.toUpperCase() === 'LIKE' && /^[^%_]+%$/.test(text))
    return { prefix: { [name]: text.slice(0, -1) } };
  if (operator.toUpperCase() === 'LIKE' && /^%[^%_]+$/.test(text))
    return { suffix: { [name]: text.slice(1) } };
  throw new Error(`not understood: ${name} ${operator} ${quoted}`);
}

(there ? describe : describe.skip)('by the public vectors of filters', () => {
  const vectors = there ? vectorsIn(readFileSync(VECTORS, 'utf8')) : [];
  const base = { specversion: '1.0', id: 'some', source: 'some', type: 'some' };

  it('every event is let through or not, as they say', () => {
    for (const { name, sql, event, result } of vectors)
      expect([name, lets([filterOf(sql)], { ...base, ...event })]).toEqual([name, result]);
    expect(vectors).toHaveLength(28);
    expect(vectors.filter(({ result }) => result)).toHaveLength(15);
  });

  it('and the contrary of each filter the other way round', () => {
    for (const { name, sql, event, result } of vectors)
      expect([name, lets([{ not: filterOf(sql) }], { ...base, ...event })]).toEqual([name, !result]);
  });
});
