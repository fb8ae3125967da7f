import { decisionPlan, type Leaf, type Plan, plan, recordedAt } from './make.ts';
import {
  at,
  copy,
  drop,
  edit,
  leafFile,
  leafOf,
  otherHash,
  recommit,
  type Spoiled,
  spoils,
} from './spoiled.ts';

const inclusion = spoils('inclusion');
/** Where a proof cannot be read, the name of an entry still tells its index. */
const STEMS: readonly [string, number][] = [
  ['entries/1', 1],
  ['entries/2', 2],
  ['entries/4', 4],
  ['policies/predikat-kuadran@1', 0],
  ['heads/commitment', 5],
];
const onEach = (
  what: string,
  part: 'leaf.json' | 'tlog-proof',
  change: (file: string) => (files: Map<string, Buffer>) => void,
): Spoiled[] =>
  STEMS.map(([stem, index]) => {
    const file = `${stem}.${part}`;
    const isKnown = part === 'leaf.json' || stem.startsWith('entries/');
    return inclusion(`${stem} ${what}`, { file, ...(isKnown ? { index } : {}) }, () => ({
      files: change(file),
    }));
  });
const unread = (what: string, change: (leaf: Record<string, unknown>) => void): Spoiled =>
  inclusion(`a leaf that is in the log, but ${what}`, { index: 2, file: leafFile(2) }, (made) => {
    change(leafOf(made, 2));
  });

const INCLUSIONS: Spoiled[] = [
  ...onEach('is another leaf', 'leaf.json', (file) =>
    edit(file, (text) => text.replace('operator', 'inspector')),
  ),
  ...onEach('has another hash in its proof', 'leaf.json', (file) =>
    edit(file.replace('leaf.json', 'tlog-proof'), (text) => text.replace(/[^\n]+(?=\n\n)/, otherHash)),
  ),
  ...onEach('has a hash too few', 'leaf.json', (file) =>
    edit(file.replace('leaf.json', 'tlog-proof'), (text) => text.replace(/[^\n]+\n(?=\n)/, '')),
  ),
  ...onEach('has a hash too many', 'leaf.json', (file) =>
    edit(file.replace('leaf.json', 'tlog-proof'), (text) => text.replace(/([^\n]+\n)(?=\n)/, '$1$1')),
  ),
  ...onEach('has no leaf', 'leaf.json', drop),
  ...onEach('has no proof', 'tlog-proof', drop),
  ...onEach('has an empty proof', 'tlog-proof', (file) => edit(file, () => '')),
  ...onEach('has a hash in other spelling', 'tlog-proof', (file) =>
    edit(file, (text) => text.replace(/.=(?=\n\n)/, 'B=')),
  ),
  ...onEach('has a hash of 31 bytes', 'tlog-proof', (file) =>
    edit(file, (text) => text.replace(/...=(?=\n\n)/, 'AA==')),
  ),
  ...onEach('has an index with a sign', 'tlog-proof', (file) =>
    edit(file, (text) => text.replace('index ', 'index +')),
  ),
  ...onEach('has an extra that is not base64', 'tlog-proof', (file) =>
    edit(file, (text) => text.replace('\nindex', '\nextra !\nindex')),
  ),
  ...onEach('stands under the checkpoint with one signature less', 'tlog-proof', (file) =>
    edit(file, (text) => text.replace(/—[^\n]*\n$/, '')),
  ),
  ...onEach(
    'stands under an older checkpoint',
    'tlog-proof',
    (file) => (files) =>
      files.set(
        file,
        Buffer.from(
          `${files.get(file)?.toString().split('\n\n')[0]}\n\n${files.get('time/5.txt')?.toString()}`,
        ),
      ),
  ),
  inclusion('an entry is under the index of another', { index: 3, file: 'entries/3.tlog-proof' }, () => ({
    files: (files) => {
      for (const part of ['leaf.json', 'tlog-proof']) {
        copy(`entries/2.${part}`, `entries/3.${part}`)(files);
        drop(`entries/2.${part}`)(files);
      }
    },
  })),
  inclusion('the first of two is told', { index: 2, file: leafFile(2) }, () => ({
    files: (files) => {
      for (const index of [4, 2]) edit(leafFile(index), (text) => text.replace('operator', 'x'))(files);
    },
  })),
  inclusion(
    '10 comes after 8',
    { index: 8, file: leafFile(8) },
    () => ({
      files: (files) => {
        for (const index of [10, 8]) edit(leafFile(index), (text) => text.replace('operator', 'x'))(files);
      },
    }),
    () => plan(12),
  ),
  unread('has a member more', (leaf) => {
    leaf.z = 1;
  }),
  unread('has another version', (leaf) => {
    leaf.v = 2;
  }),
  unread('has true for its version', (leaf) => {
    leaf.v = true;
  }),
  unread('has no stream', (leaf) => {
    delete leaf.stream;
  }),
  unread('has a revision that is a text', (leaf) => {
    leaf.revision = '1';
  }),
  unread('has a list for data', (leaf) => {
    leaf.data = [];
  }),
  unread('was recorded on no day', (leaf) => {
    leaf.recordedAt = '2026-02-30T02:00:00.000Z';
  }),
  ...[
    ['has white space', (text: string) => text.replace(',', ', ')],
    ['has a member twice', (text: string) => text.replace('"v":1', '"v":1,"v":1')],
    ['has a number in other spelling', (text: string) => text.replace('"revision":1', '"revision":1.0')],
    [
      'has a number that no reader can hold',
      (text: string) => text.replace('"predikat"', '"n":9007199254740993,"predikat"'),
    ],
    [
      'has an endless number',
      (text: string) => text.replace('"predikat"', `"n":${'9'.repeat(5_000)},"predikat"`),
    ],
    ['has half a character', (text: string) => text.replace('"baik"', '"\\udc00"')],
    ['is nested too deep', (text: string) => text.replace('"baik"', `${'['.repeat(200)}${']'.repeat(200)}`)],
    [
      'is nested without measure',
      (text: string) => text.replace('"baik"', `${'['.repeat(2e4)}${']'.repeat(2e4)}`),
    ],
    ['is no JSON', (text: string) => text.slice(1)],
  ].map(([what, change]) =>
    inclusion(`a leaf that is in the log, but ${what}`, { index: 2, file: leafFile(2) }, () => ({
      leaf: (bytes, index) =>
        index === 2 ? Buffer.from((change as (text: string) => string)(bytes.toString())) : bytes,
    })),
  ),
  unread('was recorded in local time', (leaf) => {
    leaf.recordedAt = '2026-01-05T09:02:00.000+07:00';
  }),
];

const gap = spoils('gap');
const HEAD = { file: 'heads/head.json' };
const inHead = (what: string, change: (head: Record<string, unknown>) => void): Spoiled =>
  gap(`its head ${what}`, HEAD, ({ head }) => {
    if (head) change(head);
  });
/** The commitment says something else, and the head is that of it. */
const inCommitment = (what: string, change: (leaf: Leaf, made: Plan) => void): Spoiled =>
  gap(`the commitment ${what}`, HEAD, (made) => {
    change(leafOf(made, 5), made);
  });

const GAPS: Spoiled[] = [
  gap('an entry of another stream', at(3), (made) => {
    made.entries = [1, 2, 3, 4];
  }),
  gap('an entry in between is left out', at(4), (made) => {
    made.entries = [1, 4];
  }),
  gap('the first entry is left out', at(2), (made) => {
    made.entries = [2, 4];
    made.complete = false;
  }),
  gap('two entries have one revision', at(4), (made) => {
    leafOf(made, 4).revision = 1;
  }),
  gap('the order of revisions is not that of indexes', at(1), ({ leaves }) => {
    [leaves[1], leaves[2]] = [leaves[2] as Leaf, leaves[1] as Leaf];
    for (const index of [1, 2])
      (leaves[index] as Leaf).recordedAt = new Date(recordedAt(index)).toISOString();
  }),
  gap('the last entry is left out', HEAD, (made) => {
    made.entries = [1, 2];
    made.documents.clear();
  }),
  gap('no entry is there', HEAD, (made) => {
    made.entries = [];
    made.documents.clear();
  }),
  gap('there is no head', HEAD, (made) => {
    made.head = undefined;
  }),
  gap('there is no commitment', HEAD, (made) => {
    made.commitment = undefined;
  }),
  inHead('is of another stream', (head) => {
    head.stream = 'civilServant-other';
  }),
  inHead('has fewer versions', (head) => {
    head.versions = 2;
  }),
  inHead('ends elsewhere', (head) => {
    head.lastIndex = 3;
  }),
  inHead('is elsewhere', (head) => {
    head.position = 1;
  }),
  inHead('is beyond the last', (head) => {
    head.position = head.count;
  }),
  inHead('is among another number', (head) => {
    head.count = 4;
  }),
  inHead('has another proof', (head) => {
    head.proof = (head.proof as string[]).map(otherHash);
  }),
  inHead('has a member more', (head) => {
    head.asOf = 5;
  }),
  inHead('has a proof that is no list', (head) => {
    head.proof = (head.proof as string[]).join('\n');
  }),
  gap('its head is not RFC 8785', HEAD, () => ({ files: edit(HEAD.file, (text) => `${text}\n`) })),
  inCommitment('is another event', (leaf) => {
    leaf.type = 'AccessAnchored';
  }),
  inCommitment('is as of another size', (leaf) => {
    leaf.data.asOf = 4;
  }),
  inCommitment('is to another count', (leaf) => {
    leaf.data.count = 4;
  }),
  inCommitment('is to another root', (leaf) => {
    leaf.data.root = otherHash(leaf.data.root as string);
  }),
  inCommitment('has its root in hex', (leaf) => {
    leaf.data.root = Buffer.from(leaf.data.root as string, 'base64').toString('hex');
  }),
  inCommitment('has no root', (leaf) => {
    delete leaf.data.root;
  }),
  inCommitment('is to more entries than there are', (_, made) => {
    recommit(made, [...made.leaves.slice(0, 5), { ...leafOf(made, 4), revision: 3 }]);
  }),
  inCommitment('is to fewer entries than there are', (_, made) => {
    recommit(made, made.leaves.slice(0, 4));
  }),
  inCommitment('is to as many entries, but another last one', (_, made) => {
    const leaves = made.leaves.slice(0, 5);
    recommit(made, [...leaves, leafOf(made, 4)]);
  }),
  gap(
    'the decision is not among the entries',
    {},
    (made) => {
      made.scope.event = leafOf(made, 3).id;
    },
    decisionPlan,
  ),
  gap(
    'a decision is said to be complete',
    {},
    (made) => {
      made.complete = true;
    },
    decisionPlan,
  ),
];

/** Every clause of the reasons `inclusion` and `gap`. */
export const SPOILED_LEAVES: readonly Spoiled[] = [...INCLUSIONS, ...GAPS];
