import {
  inclusionRanges,
  leafHash,
  type Range,
  rootOf,
  type Signer,
  sha256,
  signerOf,
  WITNESS_KEY,
} from '@app/proof';
import { GivenLog, seed } from '../ledger/log.ts';

export type Leaf = {
  data: Record<string, unknown>;
  id: string;
  metadata: Record<string, unknown>;
  recordedAt: string;
  revision: number;
  stream: string;
  type: string;
  v: number;
};

export const ORIGIN = 'sibolga.go.id/log';
export const SUBJECT = '9b2f7a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
const STREAM = `civilServant-${SUBJECT}`;
const BEGIN = Date.UTC(2026, 0, 5, 2);

/** When an entry is recorded, ms since 1970: one a minute. */
export const recordedAt = (index: number): number => BEGIN + index * 60_000;

const log = new GivenLog(ORIGIN).signer;
const witnesses = new Map<string, Signer>();
/** A witness at a time, seconds since 1970. */
export function witness(n: 1 | 2 | 3, seconds = 0): Signer {
  const known = witnesses.get(`${n} ${seconds}`);
  const made = known ?? signerOf(`saksi-${n}.example`, WITNESS_KEY, seed(10 + n), () => seconds * 1_000);
  witnesses.set(`${n} ${seconds}`, made);
  return made;
}

export const LOG_VKEY = log.verifier.vkey;
export const POLICY = `log ${LOG_VKEY} https://sibolga.go.id/log
witness inspektorat ${witness(1).verifier.vkey}
witness bkpsdm ${witness(2).verifier.vkey}
group sah all inspektorat bkpsdm
quorum sah
`;

/** What a bundle is made of. A test changes one thing before, or in `Spoil` (bundle.ts) while, the bundle is made of it. */
export type Plan = {
  /** The journal, by index. */
  leaves: Leaf[];
  /** The indexes that are in the bundle. */
  entries: number[];
  /** Rule sets by the names of their files, and the indexes where they were published. */
  policies: Map<string, number>;
  /** Index of `HeadsCommitted`; undefined: it is not in the bundle. */
  commitment: number | undefined;
  head: Record<string, unknown> | undefined;
  documents: Map<string, Buffer>;
  missing: { what: string; why: string }[];
  scope: Record<string, string>;
  asOf: number;
  complete: boolean;
  /** The sizes of the checkpoints in time/, of checkpoint.txt and of the one under which the bundle was issued. */
  older: number[];
  size: number;
  policy: string;
  /** Who signs the checkpoint of a size, and when the witnesses do. */
  signers: (size: number) => Signer[];
};

export const atTime =
  (seconds: (size: number) => number = secondsOf) =>
  (size: number): Signer[] => [log, witness(1, seconds(size)), witness(2, seconds(size) + 2)];

/** The witnesses look 5 seconds after the last entry. */
export const secondsOf = (size: number): number => recordedAt(size - 1) / 1_000 + 5;

/** A leaf as the journal has it at an index. */
export const leafAt = (index: number, leaf: Pick<Leaf, 'stream' | 'type' | 'revision' | 'data'>): Leaf => ({
  ...leaf,
  id: `019b8b00-0000-7000-8000-${index.toString(16).padStart(12, '0')}`,
  metadata: { actor: 'e8a71268-eaef-4587-8267-867f8e802a61', role: 'operator' },
  recordedAt: new Date(recordedAt(index)).toISOString(),
  v: 1,
});

/** A plan with this many entries of one civil servant, and another one's in between. */
export function plan(many = 3): Plan {
  const leaves: Leaf[] = [];
  const add = (leaf: Pick<Leaf, 'stream' | 'type' | 'revision' | 'data'>) =>
    leaves.push(leafAt(leaves.length, leaf)) - 1;
  const ruleSet = { id: 'predikat-kuadran', version: 1 };
  const data = { ...ruleSet, basis: 'PermenPANRB 6/2022', from: '2022-01-01', terms: {}, verified: true };
  const policies = new Map([['predikat-kuadran@1', 0]]);
  add({ stream: 'policy-predikat-kuadran', type: 'RuleSetPublished', revision: 0, data });
  const documents = new Map<string, Buffer>();
  const missing: Plan['missing'] = [];
  const entries = Array.from({ length: many }, (_, revision) => {
    const index = add({ stream: STREAM, revision, ...said(revision, ruleSet) });
    if (revision % 3 === 2) {
      const content = Buffer.from(`SK ${revision}`);
      const sha = sha256(content).toString('hex');
      if (leaves[index])
        leaves[index].metadata.evidence = [{ sha256: sha, size: content.length, mediaType: 'text/plain' }];
      if (revision % 2 === 0) documents.set(sha, content);
      else missing.push({ what: `evidence/${sha}`, why: 'withheld' });
    }
    if (revision % 2 === 1)
      add({ stream: 'civilServant-other', type: 'Placed', revision: revision >> 1, data: { skp: 87.5 } });
    return index;
  });
  const asOf = leaves.length;
  const { count, root, head } = headsOf(leaves);
  const commitment = add({
    stream: 'ledger-heads',
    type: 'HeadsCommitted',
    revision: 0,
    data: { asOf, count, root },
  });
  add({ stream: 'unit-1', type: 'UnitNamed', revision: 0, data: {} });
  return {
    leaves,
    entries,
    policies,
    commitment,
    head,
    documents,
    missing,
    scope: { kind: 'person', subject: SUBJECT },
    asOf,
    complete: true,
    older: [...new Set([1, asOf >> 1, asOf])],
    size: leaves.length,
    policy: POLICY,
    signers: atTime(),
  };
}

/** The same as a bundle of one decision: an appraisal, and the entry before it. */
export function decisionPlan(): Plan {
  const person = plan(3);
  const decision = person.leaves[person.entries[1] ?? 0];
  return {
    ...person,
    entries: person.entries.slice(0, 2),
    commitment: undefined,
    head: undefined,
    documents: new Map(),
    scope: { kind: 'decision', event: decision?.id ?? '' },
    asOf: person.size,
    complete: false,
  };
}

function said(revision: number, ruleSet: Record<string, unknown>): Pick<Leaf, 'type' | 'data'> {
  if (revision === 0) return { type: 'Registered', data: { kind: 'pns', tmt: '2017-04-01' } };
  return revision % 2 === 1
    ? { type: 'AppraisalScored', data: { predikat: 'baik', ruleSet } }
    : { type: 'Promoted', data: { golongan: 'III/b', tmt: '2021-10-01' } };
}

/** The heads of all streams (proof 3.17), and that of the civil servant among them. */
export function headsOf(leaves: readonly Leaf[]) {
  const heads = new Map<string, { versions: number; lastIndex: number }>();
  for (const [index, { stream, revision }] of leaves.entries())
    heads.set(stream, { versions: revision + 1, lastIndex: index });
  const streams = [...heads.keys()].sort();
  const position = streams.indexOf(STREAM);
  const hashes = streams.map((stream) => leafHash(headLeaf(stream, heads.get(stream))));
  const proof = inclusionRanges(BigInt(position), BigInt(streams.length)).map((range) =>
    over(hashes, range).toString('base64'),
  );
  const count = streams.length;
  const head = { ...heads.get(STREAM), count, position, proof, stream: STREAM };
  return { count, root: rootOf(hashes).toString('base64'), head };
}

function headLeaf(stream: string, head = { versions: 0, lastIndex: 0 }): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64BE(BigInt(head.versions), 0);
  numbers.writeBigUInt64BE(BigInt(head.lastIndex), 8);
  return Buffer.concat([Buffer.from(`${stream}\0`), numbers]);
}

/** The root over some of these hashes. */
export const over = (hashes: readonly Buffer[], { start, end }: Range): Buffer =>
  rootOf(hashes.slice(Number(start), Number(end)));
