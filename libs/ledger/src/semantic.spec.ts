import type { Database } from '@app/journal';
import { leafHash, parseCheckpoint, rootOf } from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aFile, describeDialects, type Place } from '../../../test/engines/databases.ts';
import { BEGUN, GivenJournal, type Said, uuid } from '../../../test/ledger/journal.ts';
import { type Served, serve, serveTiles } from '../../../test/ledger/log.ts';
import { LogUnreachable } from './log-source.ts';
import { mirroredOf } from './mirror-state.ts';
import { type SemanticOptions, SemanticWitness } from './semantic.ts';
import { openWitnessState } from './witness-state.ts';

const PERSON = `civilServant-${uuid(500)}`;
const UNIT = `unit-${uuid(501)}`;
const DOCUMENT = 'ab'.repeat(32);
const OTHER_DOCUMENT = 'cd'.repeat(32);
const [BOSS, CLERK] = [uuid(601), uuid(602)];
const MINUTE = 60_000;

const by = (actor: string, said: Said = {}): Said => ({ ...said, metadata: { ...said.metadata, actor } });
const under = (id: unknown, version: unknown = 1): Said => ({ data: { ruleSet: { id, version } } });
const on = (...documents: unknown[]): Said =>
  ({ metadata: { evidence: documents.map((sha256) => ({ sha256, size: 3, mediaType: 'x' })) } }) as Said;
const at = (ms: number): Said => ({ recordedAt: new Date(ms).toISOString() });

/** A log that keeps every rule; it ends with a proposal of the clerk, whose id it gives. */
function good(): { log: GivenJournal; proposal: string } {
  const log = new GivenJournal();
  log.publish('predikat-kuadran');
  log.keep(DOCUMENT);
  log.record(UNIT);
  log.record(PERSON, under('predikat-kuadran'));
  log.record(PERSON, on(DOCUMENT));
  log.record(PERSON, at(BEGUN + 4_000));
  log.record('ledger-heads', { type: 'HeadsCommitted', data: log.heads() });
  const heads = log.heads();
  log.publish('predikat-kuadran', 2);
  log.record(PERSON, { ...under('predikat-kuadran', 2), ...on(DOCUMENT, DOCUMENT) });
  log.record('unit-é');
  log.record('ledger-heads', { type: 'HeadsCommitted', data: heads });
  const proposal = log.record(
    PERSON,
    by(CLERK, { type: 'AwardProposed', data: { proposal: { kind: 'x' } } }),
  );
  return { log, proposal };
}

let place: Place;
let database: Database;
const after: (() => Promise<unknown>)[] = [];
let now = 0;

async function witnessOf(log: GivenJournal, served?: Served, more: Partial<SemanticOptions> = {}) {
  const { url } = served ?? (await tiles(log));
  return SemanticWitness.open(database, { origin: log.origin, url, clock: () => now, ...more });
}
async function tiles(log: GivenJournal, change?: Parameters<typeof serveTiles>[1]): Promise<Served> {
  const served = await serveTiles(log, change);
  after.push(served.close);
  return served;
}
const checkpoint = (log: GivenJournal, size = log.leaves.length) => parseCheckpoint(log.text(size));
const mirrored = async (log: GivenJournal) =>
  Number((await mirroredOf(database.read, log.origin)).range.size);

const setUp = (aPlace: () => Promise<Place>) => {
  beforeEach(async () => {
    now = BEGUN + 60 * MINUTE;
    place = await aPlace();
    database = await openWitnessState(place.where);
  });
  afterEach(async () => {
    for (const close of after.splice(0)) await close();
    await database.close();
    await place.remove();
  });
};

type Break = (log: GivenJournal, proposal: string) => void;

/** What breaks a rule, as the entry that comes next, and the rule. */
const BREAKS: readonly [what: string, rule: string, add: Break][] = [
  ['skips a revision', 'revision-gap', (log) => log.record(PERSON, { revision: 6 })],
  ['repeats a revision', 'revision-gap', (log) => log.record(PERSON, { revision: 4 })],
  ['begins a stream later than at 0', 'revision-gap', (log) => log.record('unit-new', { revision: 1 })],
  ['was recorded before the one before', 'time-goes-back', (log) => log.record(UNIT, at(BEGUN + 10_999))],
  ['is to come', 'time-in-the-future', (log) => log.record(UNIT, at(now + 5 * MINUTE + 1))],
  ['has an id of its stream', 'id-twice', (log) => log.record(PERSON, { id: uuid(3) })],
  ['is decided under no rule set', 'rule-set-unpublished', (log) => log.record(PERSON, under('other'))],
  [
    'is decided under another version',
    'rule-set-unpublished',
    (log) => log.record(PERSON, under('predikat-kuadran', 3)),
  ],
  [
    'names a rule set without its version',
    'rule-set-unpublished',
    (log) => log.record(PERSON, { data: { ruleSet: { id: 'predikat-kuadran' } } }),
  ],
  [
    'names a rule set as text',
    'rule-set-unpublished',
    (log) => log.record(PERSON, { data: { ruleSet: 'predikat-kuadran' } }),
  ],
  [
    'rests on a rule set published elsewhere',
    'rule-set-unpublished',
    (log) => {
      log.publish('elsewhere', 1, 'policy-other');
      log.record(PERSON, under('elsewhere'));
    },
  ],
  ['names a document that was not kept', 'evidence-unkept', (log) => log.record(PERSON, on(OTHER_DOCUMENT))],
  [
    'names a kept document and one that was not',
    'evidence-unkept',
    (log) => log.record(PERSON, on(DOCUMENT, OTHER_DOCUMENT)),
  ],
  [
    'rests on a document kept elsewhere',
    'evidence-unkept',
    (log) => {
      log.keep(OTHER_DOCUMENT, `evidence-${DOCUMENT}`);
      log.record(PERSON, on(OTHER_DOCUMENT));
    },
  ],
  [
    'keeps the document that it rests on',
    'evidence-unkept',
    (log) =>
      log.record(`evidence-${OTHER_DOCUMENT}`, {
        type: 'EvidenceKept',
        data: { sha256: OTHER_DOCUMENT },
        ...on(OTHER_DOCUMENT),
      }),
  ],
  [
    'approves what the same one proposed',
    'approved-by-oneself',
    (log, proposal) => log.record(PERSON, by(CLERK, { data: { proposal } })),
  ],
  [
    'approves what is not in its stream',
    'proposal-unknown',
    (log, proposal) => log.record(UNIT, by(BOSS, { data: { proposal } })),
  ],
  [
    'approves what was never proposed',
    'proposal-unknown',
    (log) => log.record(PERSON, by(BOSS, { data: { proposal: uuid(999) } })),
  ],
  [
    'approves itself',
    'proposal-unknown',
    (log) => log.record(PERSON, by(BOSS, { id: uuid(998), data: { proposal: uuid(998) } })),
  ],
  ['counts another number of streams', 'heads-differ', (log) => heads(log, { count: log.heads().count + 1 })],
  ['commits to another root', 'heads-differ', (log) => heads(log, { root: rootOf([]).toString('base64') })],
  ['commits to heads of another time', 'heads-differ', (log) => heads(log, { asOf: log.leaves.length - 1 })],
  ['commits to heads of itself', 'heads-malformed', (log) => heads(log, { asOf: log.leaves.length + 1 })],
  ['commits to heads of no size', 'heads-malformed', (log) => heads(log, { asOf: '3' })],
  ['is not in canonical order', 'leaf-not-canonical', (log) => changed(log, (leaf) => reordered(leaf))],
  ['has a space more', 'leaf-not-canonical', (log) => changed(log, (leaf) => `${leaf} `)],
  [
    'says a member twice',
    'leaf-not-canonical',
    (log) => changed(log, (leaf) => leaf.replace('"v":1', '"v":1,"v":1')),
  ],
  ['is no JSON', 'leaf-not-canonical', (log) => log.append('hello')],
  ['is empty', 'leaf-not-canonical', (log) => log.append('')],
  ['is no UTF-8', 'leaf-not-canonical', (log) => log.append(Buffer.of(0x22, 0xff, 0x22))],
  ['is nested without end', 'leaf-not-canonical', (log) => log.append('['.repeat(65_000))],
  ['is a list', 'leaf-malformed', (log) => log.append('[]')],
  [
    'is of another version',
    'leaf-malformed',
    (log) => changed(log, (leaf) => leaf.replace('"v":1', '"v":2')),
  ],
  [
    'has a member more',
    'leaf-malformed',
    (log) => changed(log, (leaf) => leaf.replace('"v":1', '"v":1,"x":1')),
  ],
  [
    'has a member less',
    'leaf-malformed',
    (log) => changed(log, (leaf) => leaf.replace('"type":"Noted",', '')),
  ],
  ['has an id that is none', 'leaf-malformed', (log) => log.record(PERSON, { id: 'first' })],
  ['has a time that is none', 'leaf-malformed', (log) => log.record(PERSON, { recordedAt: '2026-02-30' })],
  [
    'has a day that is none',
    'leaf-malformed',
    (log) => log.record(PERSON, { recordedAt: '2026-02-30T00:00:00.000Z' }),
  ],
  ['has a revision below 0', 'leaf-malformed', (log) => log.record('unit-new', { revision: -1 })],
  ['has data that is no object', 'leaf-malformed', (log) => log.record(PERSON, { data: [1] })],
  ['has no actor', 'leaf-malformed', (log) => log.record(PERSON, by(null as unknown as string))],
  [
    'has evidence that is no list',
    'leaf-malformed',
    (log) => log.record(PERSON, { metadata: { evidence: 'x' } } as unknown as Said),
  ],
  ['names a document by no hash', 'leaf-malformed', (log) => log.record(PERSON, on('the letter'))],
  ['has a stream with a zero in it', 'leaf-malformed', (log) => log.record('unit-\0')],
];

function heads(log: GivenJournal, more: Record<string, unknown>): void {
  log.record('ledger-heads', { type: 'HeadsCommitted', data: { ...log.heads(), ...more } });
}
function changed(log: GivenJournal, change: (leaf: string) => string): void {
  log.record(UNIT);
  const leaf = String(log.leaves.pop());
  expect(change(leaf)).not.toBe(leaf);
  log.append(change(leaf));
}
const reordered = (leaf: string): string => {
  const { v, ...rest } = JSON.parse(leaf) as Record<string, unknown>;
  return JSON.stringify({ v, ...rest });
};

describeDialects('a semantic witness', (aPlace) => {
  setUp(aPlace);

  it('cosigns a log that keeps every rule, as it grows by any steps', async () => {
    const { log, proposal } = good();
    log.record(PERSON, by(BOSS, { type: 'Awarded', data: { proposal } }));
    log.record('unit-new', { id: uuid(3) });
    heads(log, {});
    for (const sizes of [[log.leaves.length], [1, 2, 5, 7, 7, 11, 12, log.leaves.length]]) {
      const witness = await witnessOf(log);
      for (const size of sizes) expect(await witness.mayCosign(checkpoint(log, size))).toBeUndefined();
      expect(await mirrored(log)).toBe(log.leaves.length);
      expect(await witness.findings()).toEqual([]);
      await database.write(async (sql) => {
        for (const table of ['mirror', 'mirrored_stream', 'mirrored_event', 'mirrored_fact'])
          await sql(`DELETE FROM ${table}`);
      });
    }
  });

  it.each(BREAKS)('refuses a log where an entry %s', async (_, rule, breakIt) => {
    const { log, proposal } = good();
    breakIt(log, proposal);
    const index = log.leaves.length - 1;
    log.append('what comes after is not looked at');
    const witness = await witnessOf(log);
    const because = await witness.mayCosign(checkpoint(log));
    expect(because).toContain(`entry ${index}: `);
    expect(because).toContain(`(${rule})`);
    expect(await witness.findings()).toMatchObject([{ index, rule, size: String(log.leaves.length) }]);
    // All before it was good, and is cosigned.
    expect(await mirrored(log)).toBe(0);
    expect(await witness.mayCosign(checkpoint(log, index))).toBeUndefined();
    expect(await witness.mayCosign(checkpoint(log, index + 1))).toBe(because);
    expect(await mirrored(log)).toBe(index);
    expect(await witness.findings()).toHaveLength(1);
  });

  it('goes in large steps through a long log, and finds what is wrong beyond the first', async () => {
    const log = new GivenJournal();
    const streams = Array.from({ length: 1_500 }, (_, n) => `unit-${uuid(n)}`);
    for (let n = 0; n < 5_000; n++) {
      if (n === 4_000) heads(log, {});
      log.record(streams[(n * 7) % streams.length] as string);
    }
    const committed = log.heads();
    for (let n = 0; n < 600; n++) log.record(streams[n] as string);
    log.record('ledger-heads', { type: 'HeadsCommitted', data: committed });
    const size = log.leaves.length;
    log.record(streams[0] as string, { revision: 0 });
    now = BEGUN + size * 1_000;
    const witness = await witnessOf(log);
    expect(await witness.mayCosign(checkpoint(log, size + 1))).toContain(`entry ${size}: `);
    expect(await mirrored(log)).toBe(4_096);
    expect(await witness.mayCosign(checkpoint(log, size))).toBeUndefined();
  });

  it('forgives what is no longer to come', async () => {
    const { log } = good();
    log.record(UNIT, at(now + 5 * MINUTE));
    log.record(UNIT, at(now + 5 * MINUTE + 1));
    const witness = await witnessOf(log);
    expect(await witness.mayCosign(checkpoint(log))).toContain('time-in-the-future');
    now += 1;
    expect(await witness.mayCosign(checkpoint(log))).toBeUndefined();
    expect(await witness.findings()).toHaveLength(1);
  });

  it('goes on after it was stopped between two steps, without reading again what it has', async () => {
    const log = new GivenJournal();
    for (let n = 0; n < 5_000; n++) log.record(`unit-${n % 10}`);
    now = BEGUN + 5_000_000;
    const broken = await tiles(log, (path, bytes) =>
      path.startsWith('tile/entries/018') ? undefined : bytes,
    );
    await expect((await witnessOf(log, broken)).mayCosign(checkpoint(log))).rejects.toThrow(LogUnreachable);
    expect(await mirrored(log)).toBe(4_096);
    await database.close();
    database = await openWitnessState(place.where);
    const whole = await tiles(log);
    expect(await (await witnessOf(log, whole)).mayCosign(checkpoint(log))).toBeUndefined();
    expect(whole.asked.sort()).toEqual(
      ['016', '017', '018', '019.p/136'].map((tile) => `/tile/entries/${tile}`),
    );
  });

  it('takes entries and how far it is together, or neither', async () => {
    const { log } = good();
    const failing = Object.create(database) as Database;
    failing.write = (work) =>
      database.write(async (sql, pen) => {
        await work(sql, pen);
        throw new Error('killed before the commit');
      });
    const { url } = await tiles(log);
    const killed = await SemanticWitness.open(failing, { origin: log.origin, url, clock: () => now });
    await expect(killed.mayCosign(checkpoint(log))).rejects.toThrow('killed');
    expect(await database.read('SELECT * FROM mirrored_event')).toEqual([]);
    const witness = await witnessOf(log);
    expect(await witness.mayCosign(checkpoint(log))).toBeUndefined();
    expect(await database.read('SELECT * FROM mirrored_event')).toHaveLength(log.leaves.length);
  });

  it('lets two processes on one state follow the log at once', async () => {
    const log = new GivenJournal();
    for (let n = 0; n < 3_000; n++) log.record(`unit-${n % 10}`);
    now = BEGUN + 3_000_000;
    const both = [await witnessOf(log), await witnessOf(log)];
    expect(await Promise.all(both.map((one) => one.mayCosign(checkpoint(log))))).toEqual([
      undefined,
      undefined,
    ]);
    expect(await mirrored(log)).toBe(3_000);
  });
});

describeDialects('what a log shows to a semantic witness', (aPlace) => {
  setUp(aPlace);

  it('is refused where an entry is not the one of its tree, by its index, and is not kept', async () => {
    const { log } = good();
    const other = new GivenJournal();
    other.append(...log.leaves);
    other.leaves[3] = Buffer.from(String(log.leaves[3]).replace('"version":1', '"version":2'));
    const lying = await tiles(log, (path, bytes) => (path.includes('entries') ? other.tile(path) : bytes));
    const witness = await witnessOf(log, lying);
    expect(await witness.mayCosign(checkpoint(log))).toContain('entry 3: ');
    expect(await witness.findings()).toMatchObject([{ index: 3, rule: 'entry-not-in-tree' }]);
    expect(await mirrored(log)).toBe(0);
    expect(await (await witnessOf(log)).mayCosign(checkpoint(log))).toBeUndefined();
  });

  it('is refused where entries and tiles agree, but are not of the tree that was signed', async () => {
    const { log } = good();
    const witness = await witnessOf(log);
    expect(await witness.mayCosign(checkpoint(log, 5))).toBeUndefined();
    const signed = { ...checkpoint(log), root: rootOf([leafHash('another')]) };
    expect(await witness.mayCosign(signed)).toContain('entry 5: ');
    expect(await witness.findings()).toMatchObject([{ index: 5, rule: 'tree-differs' }]);
    expect(await mirrored(log)).toBe(5);
  });

  it('is refused where a step of a long log is not proven to be in the tree', async () => {
    const log = new GivenJournal();
    for (let n = 0; n < 2_500; n++) log.record(`unit-${n % 10}`);
    now = BEGUN + 2_500_000;
    const other = new GivenJournal();
    other.append(...log.leaves);
    other.leaves[100] = log.leaves[99] as Buffer;
    const lying = await tiles(log, (path, bytes) => (path.includes('entries') ? other.tile(path) : bytes));
    expect(await (await witnessOf(log, lying)).mayCosign(checkpoint(log))).toContain('entry 100: ');
    const consistent = await tiles(other);
    expect(await (await witnessOf(log, consistent)).mayCosign(checkpoint(log))).toContain('tree-differs');
    expect(await mirrored(log)).toBe(0);
  });

  it('may be less than it was, if it is its beginning', async () => {
    const { log } = good();
    const witness = await witnessOf(log);
    expect(await witness.mayCosign(checkpoint(log))).toBeUndefined();
    for (const size of [0, 1, 5, 8]) expect(await witness.mayCosign(checkpoint(log, size))).toBeUndefined();
    expect(await witness.mayCosign({ ...checkpoint(log, 5), root: log.root(4) })).toContain('tree-differs');
    expect(await witness.mayCosign({ ...checkpoint(log), root: log.root(4) })).toContain('tree-differs');
  });

  it('may be a full tile where the partial one has gone', async () => {
    const log = new GivenJournal();
    for (let n = 0; n < 300; n++) log.record(`unit-${n % 10}`);
    const served = await tiles(log, (path, bytes) => (path.includes('.p/') ? undefined : bytes));
    const witness = await witnessOf(log, served);
    expect(await witness.mayCosign(checkpoint(log, 200))).toBeUndefined();
    expect(served.asked).toEqual(['/tile/entries/000.p/200', '/tile/entries/000']);
    await expect(witness.mayCosign(checkpoint(log, 299))).rejects.toThrow(LogUnreachable);
  });

  it('is asked for with the token, which no fault repeats', async () => {
    const { log } = good();
    const token = 'a-token-that-is-secret';
    const served = await serve((request, response) => {
      const isKnown = request.headers.authorization === `Bearer ${token}`;
      response.writeHead(isKnown ? 200 : 401).end(isKnown ? log.tile((request.url ?? '').slice(1)) : '');
    });
    after.push(served.close);
    expect(await (await witnessOf(log, served, { token })).mayCosign(checkpoint(log))).toBeUndefined();
    const unknown = await witnessOf(log, served, { token: `${token}!` });
    log.record(UNIT);
    const fault = await unknown.mayCosign(checkpoint(log)).catch((cause: unknown) => cause);
    expect(fault).toBeInstanceOf(LogUnreachable);
    expect(String((fault as Error).stack)).not.toContain(token);
  });

  it('may be out of reach, or nonsense, which is no finding', async () => {
    const { log } = good();
    const bodies: readonly [status: number, body: Buffer | string][] = [
      [404, ''],
      [500, ''],
      [302, ''],
      [200, 'nonsense'],
      [200, ''],
      [200, Buffer.of(0, 200, 1)],
      [200, Buffer.alloc(20 * 65_537)],
    ];
    for (const [status, body] of bodies) {
      const served = await serve((_, response) => response.writeHead(status).end(body));
      after.push(served.close);
      const witness = await witnessOf(log, served);
      await expect(witness.mayCosign(checkpoint(log))).rejects.toThrow(LogUnreachable);
      expect(await witness.findings()).toEqual([]);
    }
    const slow = await serve(() => undefined);
    after.push(slow.close);
    const late = await witnessOf(log, slow, { timeoutMs: 50 });
    await expect(late.mayCosign(checkpoint(log))).rejects.toThrow(LogUnreachable);
    const stop = new AbortController();
    const stopped = (await witnessOf(log, slow, { signal: stop.signal })).mayCosign(checkpoint(log));
    stop.abort();
    await expect(stopped).rejects.toThrow(LogUnreachable);
  });
});

describe('the state of a semantic witness', () => {
  setUp(aFile);

  it('is of one log', async () => {
    const { log } = good();
    await (await witnessOf(log)).mayCosign(checkpoint(log));
    const other = new GivenJournal('another.go.id/log');
    await expect(witnessOf(other)).rejects.toThrow(/mirrors the log sibolga/);
    const witness = await witnessOf(log);
    expect(await witness.mayCosign(checkpoint(other, 0))).toContain('not looked into');
  });

  it('is read from a URL of HTTP without a password', async () => {
    for (const url of ['ftp://x', 'x', 'http://me:secret@x'])
      await expect(SemanticWitness.open(database, { origin: 'x', url })).rejects.toThrow(TypeError);
  });
});
