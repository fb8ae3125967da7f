import { rootOf } from '@app/proof';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeDialects } from '../../../test/engines/databases.ts';
import {
  at,
  BOSS,
  by,
  CLERK,
  DOCUMENT,
  good,
  heads,
  on,
  PERSON,
  UNIT,
  under,
} from '../../../test/ledger/good-journal.ts';
import { BEGUN, type GivenJournal, type Said, uuid } from '../../../test/ledger/journal.ts';
import { checkpointOf, Mirroring } from '../../../test/ledger/mirroring.ts';

const OTHER_DOCUMENT = 'cd'.repeat(32);
const MINUTE = 60_000;
let mirroring: Mirroring;

type Break = (log: GivenJournal, proposal: string) => void;

/** What breaks a rule, as the entry that comes next, and the rule. */
const BREAKS: readonly [what: string, rule: string, add: Break][] = [
  ['skips a revision', 'revision-gap', (log) => log.record(PERSON, { revision: 6 })],
  ['repeats a revision', 'revision-gap', (log) => log.record(PERSON, { revision: 4 })],
  ['begins a stream later than at 0', 'revision-gap', (log) => log.record('unit-new', { revision: 1 })],
  ['was recorded before the one before', 'time-goes-back', (log) => log.record(UNIT, at(BEGUN + 10_999))],
  ['is to come', 'time-in-the-future', (log) => log.record(UNIT, at(mirroring.now + 5 * MINUTE + 1))],
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
  beforeEach(async () => {
    mirroring = await Mirroring.begin(aPlace);
  });
  afterEach(() => mirroring.end());

  it.each(BREAKS)('refuses a log where an entry %s', async (_, rule, breakIt) => {
    const { log, proposal } = good();
    breakIt(log, proposal);
    const index = log.leaves.length - 1;
    log.append('what comes after is not looked at');
    const witness = await mirroring.witness(log);
    const because = await witness.mayCosign(checkpointOf(log));
    expect(because).toContain(`entry ${index}: `);
    expect(because).toContain(`(${rule})`);
    expect(await witness.findings()).toMatchObject([{ index, rule, size: String(log.leaves.length) }]);
    // All before it was good, and is cosigned.
    expect(await mirroring.size()).toBe(0);
    expect(await witness.mayCosign(checkpointOf(log, index))).toBeUndefined();
    expect(await witness.mayCosign(checkpointOf(log, index + 1))).toBe(because);
    expect(await mirroring.size()).toBe(index);
    // It was found once, with the first checkpoint.
    expect(await witness.findings()).toMatchObject([{ index, rule, size: String(log.leaves.length) }]);
  });
});
