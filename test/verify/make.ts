import { canonical } from '@app/event-store';
import {
  consistencyRanges,
  formatTlogProof,
  inclusionRanges,
  leafHash,
  type Range,
  rootOf,
  type Signer,
  sha256,
  signatureLine,
  signerOf,
  WITNESS_KEY,
} from '@app/proof';
import { GivenLog, seed } from '../ledger/log.ts';
import { zipOf } from './zip.ts';

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
/** A witness at a time, seconds since 1970. */
export const witness = (n: 1 | 2 | 3, seconds = 0): Signer =>
  signerOf(`saksi-${n}.example`, WITNESS_KEY, seed(10 + n), () => seconds * 1_000);

export const LOG_VKEY = log.verifier.vkey;
export const POLICY = `log ${LOG_VKEY} https://sibolga.go.id/log
witness inspektorat ${witness(1).verifier.vkey}
witness bkpsdm ${witness(2).verifier.vkey}
group sah all inspektorat bkpsdm
quorum sah
`;

/** What a bundle is made of. A test changes one thing before, or in `Spoil` while, the bundle is made of it. */
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

/** Interference with one step of the making: all that is made after it, is made of what it left. */
export type Spoil = {
  /** The text that a checkpoint's signers see, and the note that comes of it. */
  text?: (text: string, size: number) => string;
  note?: (note: string, size: number) => string;
  /** The bytes of a leaf, before they are hashed. */
  leaf?: (leaf: Buffer, index: number) => Buffer;
  /** All files but the manifest and ISSUE.*, before the manifest names them. */
  files?: (files: Map<string, Buffer>) => void;
  manifest?: (manifest: Record<string, unknown>) => void;
  /** The bytes of MANIFEST.json. */
  spelled?: (manifest: Buffer) => Buffer;
  issued?: (leaf: Leaf) => void;
  /** All files, when nothing is made of them any more. */
  all?: (files: Map<string, Buffer>) => void;
};

export const atTime =
  (seconds: (size: number) => number = secondsOf) =>
  (size: number): Signer[] => [log, witness(1, seconds(size)), witness(2, seconds(size) + 2)];

/** The witnesses look 5 seconds after the last entry. */
export const secondsOf = (size: number): number => recordedAt(size - 1) / 1_000 + 5;

const leafAt = (index: number, leaf: Pick<Leaf, 'stream' | 'type' | 'revision' | 'data'>): Leaf => ({
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

const over = (hashes: readonly Buffer[], { start, end }: Range): Buffer =>
  rootOf(hashes.slice(Number(start), Number(end)));

/** The bundle of a plan. */
export function bundleOf(made: Plan, spoil: Spoil = {}): Buffer {
  return zipOf(filesOf(made, spoil));
}

/** The files of the bundle of a plan. */
export function filesOf(made: Plan, spoil: Spoil = {}): Map<string, Buffer> {
  const files = files0(made, spoil);
  spoil.files?.(files);
  const named = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const manifest = {
    asOf: made.asOf,
    complete: made.complete,
    files: Object.fromEntries(named.map(([name, content]) => [name, sha256(content).toString('hex')])),
    format: 'jejak-bundle/1',
    missing: made.missing,
    origin: ORIGIN,
    request: {
      at: '2026-01-05T09:00:00.000Z',
      by: 'e8a71268-eaef-4587-8267-867f8e802a61',
      purpose: 'pemeriksaan reguler',
      role: 'inspector',
      scope: made.scope,
    },
  };
  spoil.manifest?.(manifest);
  const spelled = spoil.spelled ?? ((bytes) => bytes);
  issue(made, manifest, spelled(Buffer.from(canonical(manifest))), files, spoil);
  spoil.all?.(files);
  return files;
}

/** The log as it stood at a size, under a spoiled or sound checkpoint. */
function logOf(made: Plan, spoil: Spoil, more: readonly Leaf[] = []) {
  const bytes = [...made.leaves, ...more].map((leaf, index) => {
    const spelled = Buffer.from(canonical(leaf));
    return spoil.leaf?.(spelled, index) ?? spelled;
  });
  const given = new GivenLog(ORIGIN).append(...bytes);
  const hashes = bytes.map(leafHash);
  const checkpoint = (size: number): Buffer => {
    const text = spoil.text?.(given.text(size), size) ?? given.text(size);
    const lines = made.signers(size).map((signer) => signatureLine(signer, text));
    const note = `${text}\n${lines.join('')}`;
    return Buffer.from(spoil.note?.(note, size) ?? note);
  };
  const proof = (index: number, size: number) =>
    Buffer.from(
      formatTlogProof({
        index: BigInt(index),
        proof: inclusionRanges(BigInt(index), BigInt(size)).map((range) => over(hashes, range)),
        checkpoint: checkpoint(size).toString(),
      }),
    );
  const consistency = (from: number, size: number) =>
    Buffer.from(
      consistencyRanges(BigInt(from), BigInt(size))
        .map((range) => `${over(hashes, range).toString('base64')}\n`)
        .join(''),
    );
  return { bytes, checkpoint, proof, consistency };
}

function files0(made: Plan, spoil: Spoil): Map<string, Buffer> {
  const { bytes, checkpoint, proof, consistency } = logOf(made, spoil);
  const files = new Map([
    ['checkpoint.txt', checkpoint(made.size)],
    ['policy.txt', Buffer.from(made.policy)],
    ['prov.json', Buffer.from('{}')],
    ['timeline.html', Buffer.from('<script>document.title = "run"</script>')],
    ['BACA-SAYA.txt', Buffer.from('Periksa dengan verify.html.\n')],
  ]);
  const add = (stem: string, index: number) => {
    files.set(`${stem}.leaf.json`, bytes[index] ?? Buffer.alloc(0));
    files.set(`${stem}.tlog-proof`, proof(index, made.size));
  };
  for (const index of made.entries) add(`entries/${index}`, index);
  for (const [name, index] of made.policies) add(`policies/${name}`, index);
  if (made.commitment !== undefined) add('heads/commitment', made.commitment);
  if (made.head) files.set('heads/head.json', Buffer.from(canonical(made.head)));
  for (const [sha, content] of made.documents) files.set(`evidence/${sha}`, content);
  const ascending = [...made.older, made.size];
  for (const [n, size] of made.older.entries()) {
    files.set(`time/${size}.txt`, checkpoint(size));
    files.set(`time/${size}.consistency`, consistency(size, ascending[n + 1] ?? size));
  }
  return files;
}

/** Issues the bundle: its event is the last but one of the log by then. */
function issue(
  made: Plan,
  manifest: Record<string, unknown>,
  bytes: Buffer,
  files: Map<string, Buffer>,
  spoil: Spoil,
) {
  const { asOf, complete, request } = manifest as Plan & { request: { scope: unknown; purpose: string } };
  const index = made.leaves.length;
  const leaf = leafAt(index, {
    stream: 'ledger-bundles',
    type: 'BundleIssued',
    revision: 0,
    data: {
      asOf,
      complete,
      manifest: sha256(bytes).toString('hex'),
      purpose: request.purpose,
      scope: request.scope,
    },
  });
  spoil.issued?.(leaf);
  const later = leafAt(index + 1, { stream: 'unit-2', type: 'UnitNamed', revision: 0, data: {} });
  const issued = logOf(made, spoil, [leaf, later]);
  files.set('MANIFEST.json', bytes);
  files.set('ISSUE.leaf.json', issued.bytes[index] ?? Buffer.alloc(0));
  files.set('ISSUE.tlog-proof', issued.proof(index, index + 2));
  files.set('ISSUE.consistency', issued.consistency(made.size, index + 2));
}
