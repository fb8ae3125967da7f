import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type KeyType, LOG_KEY, signerOf, WITNESS_KEY } from './keys.ts';
import { Malformed } from './malformed.ts';
import { isQuorum, type Policy, parsePolicy } from './policy.ts';

const vkey = (name: string, type: KeyType, n: number) => {
  const seed = Buffer.alloc(32);
  seed.writeUInt32BE(n);
  return signerOf(name, type, seed).verifier.vkey;
};
const log = (n: number) => vkey(`log-${n}.example`, LOG_KEY, n);
const witness = (n: number) => vkey(`witness-${n}.example`, WITNESS_KEY, 1_000 + n);
const OURS = `# Who is believed.
log ${log(1)} https://log.example/
witness inspektorat ${witness(1)} https://inspektorat.example/
\twitness  bkpsdm\t${witness(2)}\t
witness diskominfo ${witness(3)}

group luar any bkpsdm diskominfo
group sah all inspektorat luar
  #and whose word is needed
quorum sah
`;
const believes = (policy: Policy, ...names: string[]) => isQuorum(policy, new Set(names));

describe('a policy', () => {
  it('names the logs and witnesses that are believed, and whose word is needed', () => {
    const { logs, witnesses, groups, quorum } = parsePolicy(OURS);
    expect(logs.map(({ verifier, url }) => [verifier.vkey, url])).toEqual([[log(1), 'https://log.example/']]);
    expect([...witnesses].map(([name, { verifier, url }]) => [name, verifier.vkey, url])).toEqual([
      ['inspektorat', witness(1), 'https://inspektorat.example/'],
      ['bkpsdm', witness(2), undefined],
      ['diskominfo', witness(3), undefined],
    ]);
    expect(Object.fromEntries(groups)).toEqual({
      luar: { threshold: 1, members: ['bkpsdm', 'diskominfo'] },
      sah: { threshold: 2, members: ['inspektorat', 'luar'] },
    });
    expect(quorum).toBe('sah');
  });

  it('counts the groups in its quorum as they are made of groups', () => {
    const policy = parsePolicy(OURS);
    expect(believes(policy, 'inspektorat', 'bkpsdm')).toBe(true);
    expect(believes(policy, 'inspektorat', 'diskominfo')).toBe(true);
    expect(believes(policy, 'inspektorat')).toBe(false);
    expect(believes(policy, 'bkpsdm', 'diskominfo')).toBe(false);
    expect(believes(policy)).toBe(false);
    expect(believes(policy, 'sah', 'luar')).toBe(false);
  });

  it.each([
    ['any', 1],
    ['1', 1],
    ['2', 2],
    ['3', 3],
    ['all', 3],
  ])('with a group of %s of three needs %d of them', (word, needed) => {
    const policy = parsePolicy(
      `witness a ${witness(1)}\nwitness b ${witness(2)}\nwitness c ${witness(3)}\ngroup g ${word} a b c\nquorum g\n`,
    );
    for (const names of [[], ['a'], ['b', 'c'], ['a', 'b', 'c']])
      expect(believes(policy, ...names)).toBe(names.length >= needed);
  });

  it('may need one witness, or none', () => {
    const one = parsePolicy(`witness a ${witness(1)}\nwitness b ${witness(2)}\nquorum b\n`);
    expect([believes(one, 'a'), believes(one, 'b')]).toEqual([false, true]);
    const none = parsePolicy('quorum none');
    expect(none).toEqual({ logs: [], witnesses: new Map(), groups: new Map() });
    expect(believes(none)).toBe(true);
  });

  it('may have many logs, witnesses and groups, and groups in groups', () => {
    const count = 100;
    const numbers = Array.from({ length: count }, (_, n) => n);
    const lines = [
      ...numbers.map((n) => `log ${log(n)}`),
      ...numbers.map((n) => `witness w${n} ${witness(n)}`),
      'group g0 any w0',
      ...numbers.slice(1).map((n) => `group g${n} all w${n} g${n - 1}`),
      `quorum g${count - 1}`,
    ];
    const policy = parsePolicy(lines.join('\n'));
    expect([policy.logs.length, policy.witnesses.size, policy.groups.size]).toEqual([count, count, count]);
    const names = numbers.map((n) => `w${n}`);
    expect(believes(policy, ...names)).toBe(true);
    for (const missing of names)
      expect(believes(policy, ...names.filter((name) => name !== missing))).toBe(false);
  });

  it('never believes fewer witnesses where it did not believe more', () => {
    const names = Array.from({ length: 9 }, (_, n) => `w${n}`);
    const threshold = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(
        fc.tuple(threshold, threshold, threshold, threshold),
        fc.subarray(names),
        fc.subarray(names),
        (needed, some, others) => {
          const [a, b, c, all] = needed;
          const policy = parsePolicy(
            `${names.map((name, n) => `witness ${name} ${witness(n)}`).join('\n')}
group a ${a} w0 w1 w2\ngroup b ${b} w3 w4 w5\ngroup c ${c} w6 w7 w8\ngroup all ${all} a b c\nquorum all`,
          );
          const within = (first: number, k: number) =>
            some.filter((name) => Math.floor(names.indexOf(name) / 3) === first).length >= k;
          const groups = [within(0, a), within(1, b), within(2, c)].filter(Boolean).length;
          expect(believes(policy, ...some)).toBe(groups >= all);
          if (believes(policy, ...some)) expect(believes(policy, ...some, ...others)).toBe(true);
        },
      ),
      { seed: 20_250_102, numRuns: 100 },
    );
  });

  it('takes names as they are: words of the format, of objects, and of any script', () => {
    const names = [
      'all',
      'any',
      'quorum',
      'witness',
      '__proto__',
      'constructor',
      'dinas–é',
      '日本',
      '2',
      '#a',
    ];
    const policy = parsePolicy(
      `${names.map((name, n) => `witness ${name} ${witness(n)}`).join('\n')}\ngroup toString all ${names.join(' ')}\nquorum toString`,
    );
    expect(believes(policy, ...names)).toBe(true);
    for (const missing of names)
      expect(believes(policy, ...names.filter((name) => name !== missing))).toBe(false);
  });
});

describe('a policy is refused, with the number of the line,', () => {
  const A = `witness a ${witness(1)}`;
  const B = `witness b ${witness(2)}`;
  it.each<[string, string[], number | undefined]>([
    ['where it says nothing of a quorum', [A], undefined],
    ['where it is empty', [''], undefined],
    ['where it has two quorums', [A, 'quorum a', 'quorum none'], 3],
    ['where it has one quorum twice', [A, 'quorum a', 'quorum a'], 3],
    ['where its quorum has no name', ['quorum'], 1],
    ['where its quorum has two names', [A, B, 'quorum a b'], 3],
    ['where its quorum is defined nowhere', ['quorum a'], 1],
    ['where its quorum is defined below it', ['quorum a', A], 1],
    ['where a member is defined nowhere', [A, 'group g all a b', 'quorum g'], 2],
    ['where a member is defined below it', [A, 'group g all a b', B, 'quorum g'], 2],
    ['where a group is its own member', [A, 'group g any g a', 'quorum g'], 2],
    ['where none is a member', [A, 'group g any a none', 'quorum g'], 2],
    ['where a name is a member twice', [A, 'group g 2 a a', 'quorum g'], 2],
    ['where a name is a member of two groups', [A, B, 'group g any a', 'group h any a b', 'quorum h'], 4],
    [
      'where a group is a member of two groups',
      [A, B, 'group g any a', 'group h any g', 'group i all g b', 'quorum i'],
      5,
    ],
    ['where two witnesses have one name', [A, `witness a ${witness(2)}`, 'quorum a'], 2],
    ['where a group has the name of a witness', [A, 'group a any a', 'quorum a'], 2],
    [
      'where a witness has the name of a group',
      [A, 'group g any a', `witness g ${witness(2)}`, 'quorum g'],
      3,
    ],
    ['where a witness is named none', [`witness none ${witness(1)}`, 'quorum none'], 1],
    ['where a group is named none', [A, 'group none any a', 'quorum none'], 2],
    ['where a group has no members', [A, 'group g all', 'quorum g'], 2],
    ['where a group has no threshold', [A, 'group g', 'quorum g'], 2],
    ['where a group has neither name nor threshold', ['group', 'quorum none'], 1],
    ['where a threshold is 0', [A, 'group g 0 a', 'quorum g'], 2],
    ['where a threshold is more than its members', [A, 'group g 2 a', 'quorum g'], 2],
    ['where a threshold is negative', [A, 'group g -1 a', 'quorum g'], 2],
    ['where a threshold has a zero before it', [A, 'group g 01 a', 'quorum g'], 2],
    ['where a threshold is a fraction', [A, 'group g 1.0 a', 'quorum g'], 2],
    ['where a threshold is another word', [A, 'group g ALL a', 'quorum g'], 2],
    ['where a log has no key', ['log', 'quorum none'], 1],
    ['where a log has a word too many', [`log ${log(1)} https://a.example b`, 'quorum none'], 1],
    ['where a witness has no key', ['witness a', 'quorum none'], 1],
    ['where a witness has no name', [`witness ${witness(1)}`, 'quorum none'], 1],
    ['where a witness has a word too many', [`${A} https://a.example b`, 'quorum none'], 1],
    ['where a key is not one', [`log ${log(1)}x`, 'quorum none'], 1],
    ['where the key of a log is that of a witness', [`log ${witness(1)}`, 'quorum none'], 1],
    ['where the key of a witness is that of a log', [`witness a ${log(1)}`, 'quorum none'], 1],
    ['where a line is another word', [A, 'wittness b', 'quorum a'], 2],
    ['where a line is a word of objects', ['toString a', 'quorum none'], 1],
    ['where a comment stands after something', [`${A} https://a.example # a`, 'quorum a'], 1],
    ['where a word is written otherwise', [`Log ${log(1)}`, 'quorum none'], 1],
    ['where another space stands between words', [`witness\u00a0a ${witness(1)}`, 'quorum none'], 1],
    ['where a line ends with two characters', [`${A}\r`, 'quorum a\r'], 1],
    ['where a comment has a control character', ['# \u0001', 'quorum none'], 1],
    ['where a comment has a DEL', ['# \u007f', 'quorum none'], 1],
  ])('%s', (_, lines, line) => {
    const read = () => parsePolicy(lines.join('\n'));
    expect(read).toThrow(Malformed);
    if (line !== undefined) expect(read).toThrow(`line ${line} of the policy: `);
  });

  const same = (type: KeyType, name: string) => vkey(name, type, 7);
  it.each([
    ['one log stands there twice', `log ${log(7)}`, `log ${log(7)}`],
    ['two logs have one key under two names', `log ${same(LOG_KEY, 'a')}`, `log ${same(LOG_KEY, 'b')}`],
    [
      'two witnesses have one key: its word would count twice',
      `witness a ${same(WITNESS_KEY, 'w')}`,
      `witness b ${same(WITNESS_KEY, 'w')}`,
    ],
    [
      'two witnesses have one key under two names',
      `witness a ${same(WITNESS_KEY, 'a')}`,
      `witness b ${same(WITNESS_KEY, 'b')}`,
    ],
    ['a log is its own witness', `log ${same(LOG_KEY, 'a')}`, `witness a ${same(WITNESS_KEY, 'a')}`],
    ['a witness is a log', `witness a ${same(WITNESS_KEY, 'a')}`, `log ${same(LOG_KEY, 'b')}`],
  ])('where %s', (_, ...lines) => {
    expect(() => parsePolicy(`${lines.join('\n')}\nquorum none`)).toThrow(
      /^line 2 of the policy: the key of .* stands above already/,
    );
  });
});
