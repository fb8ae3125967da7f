import { type Signer, sha256 } from '@app/proof';
import { GivenLog, seed } from '../ledger/log.ts';
import { atTime, LOG_VKEY, ORIGIN, POLICY, witness } from './make.ts';
import { edit, otherHash, type Spoiled, spoils } from './spoiled.ts';

const signature = spoils('signature');
/** The checkpoints of the plan: where they stand, and their sizes. */
const CHECKPOINTS: readonly [string, number][] = [
  ['checkpoint.txt', 7],
  ['ISSUE.tlog-proof', 9],
  ['time/1.txt', 1],
  ['time/2.txt', 2],
  ['time/5.txt', 5],
];
const onEach = (what: string, change: (note: string) => string): Spoiled[] =>
  CHECKPOINTS.map(([file, at]) =>
    signature(`${file} ${what}`, { file }, () => ({
      note: (note, size) => (size === at ? change(note) : note),
    })),
  );
/** Signed by everybody as it stands. */
const textOnEach = (what: string, change: (text: string) => string): Spoiled[] =>
  CHECKPOINTS.map(([file, at]) =>
    signature(`${file} ${what}`, { file }, () => ({
      text: (text, size) => (size === at ? change(text) : text),
    })),
  );
const signedOnEach = (what: string, signers: (signers: Signer[]) => Signer[]): Spoiled[] =>
  CHECKPOINTS.map(([file, at]) =>
    signature(`${file} ${what}`, { file }, (made) => {
      made.signers = (size) => (size === at ? signers(atTime()(size)) : atTime()(size));
    }),
  );
const inPolicy = (what: string, change: (text: string) => string): Spoiled =>
  signature(`policy.txt ${what}`, { file: 'policy.txt' }, (made) => {
    made.policy = change(made.policy);
  });
const readers = (what: string, policy: string): Spoiled =>
  signature(what, { file: 'checkpoint.txt', policy }, () => undefined);
const stranger = new GivenLog('sibolga.go.id/log', seed(9)).signer;
const namesake = new GivenLog('lain.go.id/log', seed(9)).signer;

const SIGNATURES: Spoiled[] = [
  ...textOnEach('has a fourth line', (text) => `${text}more\n`),
  ...textOnEach('is of another log', (text) => text.replace(ORIGIN, 'lain.go.id/log')),
  ...textOnEach('has a size with a zero before it', (text) => text.replace('\n', '\n0')),
  ...textOnEach('has a root of 31 bytes', (text) => text.replace(/\n[^\n]*\n$/, `\n${'A'.repeat(40)}AA==\n`)),
  ...textOnEach('has a root in other spelling', (text) => text.replace(/.=\n$/, 'B=\n')),
  ...onEach('has no signature', (note) => note.slice(0, note.lastIndexOf('\n\n') + 1)),
  ...onEach('has a wrong signature of the log', (note) =>
    note.replace(/(— sibolga\S+ .{20})./, (all, head) => head + (all.endsWith('A') ? 'B' : 'A')),
  ),
  ...onEach('has a wrong signature of a witness', (note) =>
    note.replace(/(— saksi-2\S+ .{40})./, (all, head) => head + (all.endsWith('A') ? 'B' : 'A')),
  ),
  ...onEach('has another time of a witness', (note) => note.replace(/(— saksi-1\S+ .{14})../, '$1zz')),
  ...onEach('has a signature in other spelling', (note) => note.replace(/=\n$/, '\n')),
  ...onEach('has a carriage return', (note) => note.replace('\n—', '\r\n—')),
  ...onEach('has a line that is no signature', (note) => `${note}saksi-3.example AAAA\n`),
  ...signedOnEach('is not signed by the log', (signers) => signers.slice(1)),
  ...signedOnEach('is signed by the log twice', ([log, ...rest]) => (log ? [log, log, ...rest] : rest)),
  ...signedOnEach('is signed by a witness twice', (signers) => [...signers, ...signers.slice(1)]),
  ...signedOnEach('is signed by a witness that policy.txt does not have', (signers) => [
    ...signers,
    witness(3),
  ]),
  ...signedOnEach('is signed by another key under the name of the log', (signers) => [...signers, stranger]),
  signature('a checkpoint is of another size than its file', { file: 'time/2.txt' }, () => ({
    files: (files) => files.set('time/2.txt', files.get('time/5.txt') ?? Buffer.alloc(0)),
  })),
  signature('the proof of the issue has no checkpoint', { file: 'ISSUE.tlog-proof' }, () => ({
    all: edit('ISSUE.tlog-proof', (text) => text.slice(0, text.indexOf('\n\n') + 1)),
  })),
  inPolicy('has no quorum', (text) => text.replace(/quorum.*\n/, '')),
  inPolicy('has two quorums', (text) => `${text}quorum none\n`),
  inPolicy('has a line of another kind', (text) => `${text}banner halo\n`),
  inPolicy('has a word too many', (text) => text.replace('quorum sah', 'quorum sah sekali')),
  inPolicy('has one key as two witnesses', (text) =>
    text.replace('group', `witness kembar ${witness(1).verifier.vkey}\ngroup`),
  ),
  inPolicy('has one log twice', (text) => `log ${LOG_VKEY}\n${text}`),
  inPolicy('has a witness in two groups', (text) => text.replace('quorum', 'group lain any bkpsdm\nquorum')),
  inPolicy('has a name twice', (text) => text.replace('quorum', 'group sah any inspektorat\nquorum')),
  inPolicy('has a group of an unknown one', (text) => text.replace('all inspektorat', 'all camat')),
  inPolicy('has a threshold beyond its members', (text) => text.replace('sah all', 'sah 3')),
  inPolicy('has a threshold of none', (text) => text.replace('sah all', 'sah 0')),
  inPolicy('has a quorum of an unknown one', (text) => text.replace('quorum sah', 'quorum camat')),
  inPolicy('has a key with another id', (text) => text.replace(/(sibolga\S+?\+)./, '$1x')),
  inPolicy('has a key of a log as a witness', (text) =>
    text.replace(witness(1).verifier.vkey, stranger.verifier.vkey),
  ),
  inPolicy('has carriage returns', (text) => text.replaceAll('\n', '\r\n')),
  readers('the reader believes another key of that name', `log ${stranger.verifier.vkey}\nquorum none\n`),
  readers('the reader believes one key, and it is another', stranger.verifier.vkey),
  signature(
    'the log that the reader believes signed under another name than its own',
    { file: 'checkpoint.txt', policy: `log ${namesake.verifier.vkey}\nquorum none\n` },
    (made) => {
      made.policy = `log ${namesake.verifier.vkey}\n${POLICY}`;
      made.signers = (size) => [...atTime()(size), namesake];
    },
  ),
];

/** A quorum of groups: one witness, and one of two others. */
export const NESTED = `${POLICY.replace(/group.*/s, '')}witness camat ${witness(3).verifier.vkey}
group satu all inspektorat
group dua any bkpsdm camat
group keduanya 2 satu dua
quorum keduanya
`;
/** One of two witnesses is enough. */
export const WEAKER = POLICY.replace('sah all', 'sah any');

const quorum = spoils('quorum');
const byOne = (at: number) => (size: number) => atTime()(size).slice(0, size === at ? 2 : 3);
const QUORUMS: Spoiled[] = [
  ...CHECKPOINTS.slice(0, 2).flatMap(([file, at]) => [
    quorum(`${file} lacks a witness`, { file }, (made) => {
      made.signers = byOne(at);
    }),
    quorum(`${file} lacks a witness of the reader, not of the issuer`, { file }, (made) => {
      made.policy = WEAKER;
      made.signers = byOne(at);
    }),
    quorum(`${file} lacks a group within a group`, { file, policy: NESTED }, (made) => {
      made.policy = NESTED;
      made.signers = byOne(at);
    }),
  ]),
];

const issue = spoils('issue');
const states = (name: string, value: unknown): Spoiled =>
  issue(`it states another ${name}`, { file: 'ISSUE.leaf.json' }, () => ({
    issued: ({ data }) => {
      data[name] = value;
    },
  }));
const ISSUES: Spoiled[] = [
  issue('it is of another type', { file: 'ISSUE.leaf.json' }, () => ({
    issued: (leaf) => {
      leaf.type = 'AccessAnchored';
    },
  })),
  issue('it is no leaf', { file: 'ISSUE.leaf.json' }, () => ({
    issued: (leaf) => {
      leaf.v = 2;
    },
  })),
  states('manifest', sha256('another').toString('hex')),
  states('scope', { kind: 'person', subject: '00000000-0000-4000-8000-000000000000' }),
  states('purpose', 'lain'),
  states('asOf', 7),
  states('complete', false),
  states('complete', 1),
  issue('its leaf is not in the log', { file: 'ISSUE.tlog-proof' }, () => ({
    all: edit('ISSUE.leaf.json', (text) => text.replace('operator', 'inspector')),
  })),
  issue('its proof has another hash', { file: 'ISSUE.tlog-proof' }, () => ({
    all: edit('ISSUE.tlog-proof', (text) => text.replace(/[^\n]+(?=\n\n)/, otherHash)),
  })),
  issue('its proof has another index', { file: 'ISSUE.tlog-proof' }, () => ({
    all: edit('ISSUE.tlog-proof', (text) => text.replace('index 7', 'index 8')),
  })),
  issue('its proof has no index', { file: 'ISSUE.tlog-proof' }, () => ({
    all: edit('ISSUE.tlog-proof', (text) => text.replace('index 7\n', '')),
  })),
  issue('its proof is of another version', { file: 'ISSUE.tlog-proof' }, () => ({
    all: edit('ISSUE.tlog-proof', (text) => text.replace('@v1', '@v2')),
  })),
  issue('its log does not go on from the checkpoint', { file: 'ISSUE.consistency' }, () => ({
    all: edit('ISSUE.consistency', otherHash),
  })),
  issue('its consistency has a line too many', { file: 'ISSUE.consistency' }, () => ({
    all: edit('ISSUE.consistency', (text) => text + text.slice(0, 45)),
  })),
  issue('its consistency does not end its last line', { file: 'ISSUE.consistency' }, () => ({
    all: edit('ISSUE.consistency', (text) => text.slice(0, -1)),
  })),
];

/** Every clause of the reasons `signature`, `quorum` and `issue`. */
export const SPOILED_TRUST: readonly Spoiled[] = [...SIGNATURES, ...QUORUMS, ...ISSUES];
