import { sha256, signNote } from '@app/proof';
import { GivenLog } from '../ledger/log.ts';
import { atTime, ORIGIN, type Plan, recordedAt, secondsOf } from './make.ts';
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

const rule = spoils('rule');
const POLICY_FILE = 'policies/predikat-kuadran@1.leaf.json';
const under = (what: string, change: (made: Plan) => void): Spoiled =>
  rule(what, { index: 2, file: POLICY_FILE }, (made) => {
    change(made);
  });
const names = (what: string, file: string, ruleSet: unknown): Spoiled =>
  rule(`an entry names ${what}`, { index: 2, file }, (made) => {
    leafOf(made, 2).data.ruleSet = ruleSet;
  });
const RULES: Spoiled[] = [
  under('the rule set is not there', ({ policies }) => {
    policies.clear();
  }),
  under('the rule set has another id', (made) => {
    leafOf(made, 0).data.id = 'predikat';
  }),
  under('the rule set has another version', (made) => {
    leafOf(made, 0).data.version = 2;
  }),
  under('the rule set has true for its version', (made) => {
    leafOf(made, 0).data.version = true;
  }),
  under('the rule set is another event', (made) => {
    leafOf(made, 0).type = 'UnitNamed';
  }),
  under('the rule set was published later', (made) => {
    made.leaves[6] = { ...leafOf(made, 0), recordedAt: leafOf(made, 6).recordedAt };
    made.policies.set('predikat-kuadran@1', 6);
  }),
  rule('the rule set is the entry itself', { index: 0, file: POLICY_FILE }, (made) => {
    const { data } = leafOf(made, 0);
    Object.assign(leafOf(made, 0), { stream: leafOf(made, 1).stream, type: 'RuleSetPublished' });
    data.ruleSet = { id: 'predikat-kuadran', version: 1 };
    for (const index of [1, 2, 4]) leafOf(made, index).revision++;
    made.entries = [0, 1, 2, 4];
    recommit(made, made.leaves.slice(0, 5));
  }),
  names('a rule set that is not there', 'policies/jp@1.leaf.json', { id: 'jp', version: 1 }),
  names('a version that is not there', 'policies/predikat-kuadran@2.leaf.json', {
    id: 'predikat-kuadran',
    version: 2,
  }),
  names('a rule set without a version', leafFile(2), { id: 'predikat-kuadran' }),
  names('a version as a text', leafFile(2), { id: 'predikat-kuadran', version: '1' }),
  names('nothing', leafFile(2), null),
];

const evidence = spoils('evidence');
const sha = sha256('SK 2').toString('hex');
const DOCUMENT = `evidence/${sha}`;
const OTHER = sha256('SK lain').toString('hex');
const states = (what: string, file: string, value: unknown): Spoiled =>
  evidence(`an entry states ${what}`, { index: 4, file }, (made) => {
    leafOf(made, 4).metadata.evidence = value;
  });
const EVIDENCES: Spoiled[] = [
  evidence('a document has another content', { file: DOCUMENT }, ({ documents }) => {
    documents.set(sha, Buffer.from('SK 3'));
  }),
  evidence(
    'a document is neither there nor said to be missing',
    { index: 4, file: DOCUMENT },
    ({ documents }) => {
      documents.clear();
    },
  ),
  evidence(
    'another document is said to be missing',
    { index: 4, file: DOCUMENT },
    ({ documents, missing }) => {
      documents.clear();
      missing.push({ what: `evidence/${OTHER}`, why: 'erased' });
    },
  ),
  evidence('a document is there that no entry names', { file: `evidence/${OTHER}` }, ({ documents }) => {
    documents.set(OTHER, Buffer.from('SK lain'));
  }),
  states('another size', DOCUMENT, [{ sha256: sha, size: 5, mediaType: 'text/plain' }]),
  states('a document without a size', leafFile(4), [{ sha256: sha }]),
  states('a document without a hash', leafFile(4), [{ size: 4 }]),
  states('a document outside a list', leafFile(4), { sha256: sha, size: 4 }),
  states('a second document that is not there', `evidence/${OTHER}`, [
    { sha256: sha, size: 4 },
    { sha256: OTHER, size: 7 },
  ]),
];

const consistency = spoils('consistency');
const newer = new GivenLog(ORIGIN).text(9, sha256('another log'));
const CONSISTENCIES: Spoiled[] = [
  ...[1, 2, 5].flatMap((size) => {
    const file = `time/${size}.consistency`;
    return [
      consistency(`the proof from ${size} is another`, { file }, () => ({ files: edit(file, otherHash) })),
      consistency(`the proof from ${size} has a hash too many`, { file }, () => ({
        files: edit(file, (text) => text + text.slice(-45)),
      })),
      consistency(`the proof from ${size} is empty`, { file }, () => ({ files: edit(file, () => '') })),
      consistency(`the proof from ${size} is missing`, { file }, () => ({ files: drop(file) })),
      consistency(`the checkpoint of ${size} is missing`, { file }, () => ({
        files: drop(`time/${size}.txt`),
      })),
      consistency(`the last line from ${size} is not ended`, { file }, () => ({
        files: edit(file, (text) => text.slice(0, -1)),
      })),
    ];
  }),
  consistency('a checkpoint is of another log', { file: 'time/1.consistency' }, () => ({
    text: (text, size) =>
      size === 2 ? text.replace(/(\n\d+\n)(.)/, (_, line, first) => line + otherHash(first)) : text,
  })),
  consistency('a checkpoint of nothing has a root', { file: 'time/0.consistency' }, (made) => {
    made.older = [0, 5];
    return { text: (text, size) => (size === 0 ? text.replace(/\n0\n./, '\n0\nA') : text) };
  }),
  consistency('a checkpoint is as old as the last', { file: 'time/7.consistency' }, (made) => {
    made.older = [5, 7];
  }),
  consistency('a checkpoint is newer than the last', { file: 'time/9.consistency' }, (made) => {
    made.older = [];
    return {
      files: (files) => {
        files.set('time/9.consistency', Buffer.alloc(0));
        files.set('time/9.txt', Buffer.from(signNote(newer, atTime()(9))));
      },
    };
  }),
];

const time = spoils('time');
const shifted = (what: string, index: number, size: number, seconds: number): Spoiled =>
  time(what, at(index), (made) => {
    made.signers = atTime((one) => (one === size ? seconds : secondsOf(one)));
  });
const second = (index: number) => recordedAt(index) / 1_000;
const TIMES: Spoiled[] = [
  shifted('an entry was recorded 301 s after witnesses saw it', 2, 5, second(2) - 301),
  shifted('the last entry was recorded 301 s after witnesses saw it', 4, 5, second(4) - 301),
  shifted('an entry was recorded 301 s before witnesses saw a log without it', 1, 1, second(1) + 299),
  time('an entry was recorded a ms more than 300 s before', at(1), (made) => {
    made.signers = atTime((size) => (size === 1 ? second(1) + 298 : secondsOf(size)));
    leafOf(made, 1).recordedAt = new Date(recordedAt(1) - 1).toISOString();
  }),
  time('checkpoints without a witness say nothing; the next one does', at(2), (made) => {
    made.signers = (size) =>
      atTime((one) => (one === 7 ? second(2) - 301 : secondsOf(one)))(size).slice(0, size < 7 ? 1 : 3);
  }),
  time('an entry was recorded before the one before it', at(2), (made) => {
    leafOf(made, 2).recordedAt = new Date(recordedAt(1) - 1).toISOString();
  }),
  time('a timestamp is of no checkpoint', { file: 'time/3.tsr' }, () => ({
    files: copy('prov.json', 'time/3.tsr'),
  })),
];
/** Every clause of the reasons `rule`, `evidence`, `consistency` and `time`. */
export const SPOILED_REST: readonly Spoiled[] = [...RULES, ...EVIDENCES, ...CONSISTENCIES, ...TIMES];
