import {
  consistencyRanges,
  formatTlogProof,
  inclusionRanges,
  leafHash,
  sha256,
  signatureLine,
} from '@app/proof';
import canonicalize from 'canonicalize';
import { GivenLog } from '../ledger/log.ts';
import { type Leaf, leafAt, ORIGIN, over, type Plan } from './make.ts';
import { zipOf } from './zip.ts';

/** RFC 8785 text of a value; ours refuses values that a spoiled bundle must be able to have. */
const canonical = canonicalize as unknown as (value: unknown) => string;

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

/** The bundle of a plan. */
export function bundleOf(made: Plan, spoil: Spoil = {}): Buffer {
  return zipOf(filesOf(made, spoil));
}

/** The files of the bundle of a plan. */
export function filesOf(made: Plan, spoil: Spoil = {}): Map<string, Buffer> {
  const content = contentOf(made, spoil);
  spoil.files?.(content);
  return issuedOf(made, content, spoil);
}

/** The same content with a manifest, issued. */
export function issuedOf(
  made: Plan,
  content: ReadonlyMap<string, Buffer>,
  spoil: Spoil = {},
): Map<string, Buffer> {
  const files = new Map(content);
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
  const checkpoints = new Map<number, Buffer>();
  const checkpoint = (size: number): Buffer => {
    const before = checkpoints.get(size);
    if (before) return before;
    const text = spoil.text?.(given.text(size), size) ?? given.text(size);
    const lines = made.signers(size).map((signer) => signatureLine(signer, text));
    const note = `${text}\n${lines.join('')}`;
    const bytes = Buffer.from(spoil.note?.(note, size) ?? note);
    checkpoints.set(size, bytes);
    return bytes;
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

/** All files but the manifest and ISSUE.*. */
export function contentOf(made: Plan, spoil: Spoil = {}): Map<string, Buffer> {
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
