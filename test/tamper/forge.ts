import { LEDGER, LEDGER_STREAMS } from '@app/domain/ledger';
import { canonical } from '@app/event-store';
import {
  contentOf,
  EvidenceStore,
  headProof,
  type Manifest,
  makeBundle,
  type Scope,
  seal,
  sealedNow,
} from '@app/ledger';
import { formatTlogProof, type Hash, parseTlogProof, sha256 } from '@app/proof';
import { unzip, zip } from '../../libs/ledger/src/zip.ts';
import { asking, type Lab, type Opened } from './lab.ts';

export type Files = Map<string, Buffer>;
type Forged = Manifest & { files: Record<string, string> };

export const filesOf = (bundle: Buffer): Files => new Map(unzip(bundle));
export const zipped = (files: Files): Buffer => zip([...files].map(([name, bytes]) => ({ name, bytes })));

const isListed = (name: string): boolean => name !== 'MANIFEST.json' && !name.startsWith('ISSUE.');

/** A bundle with other files, whose manifest names them as they are. `say`: what else the manifest says. */
export function relisted(files: Files, say: Partial<Manifest> = {}): Files {
  const manifest = JSON.parse(String(files.get('MANIFEST.json'))) as Forged;
  const hash = (bytes: Buffer) => sha256(bytes).toString('hex');
  const listed = [...files].filter(([name]) => isListed(name)).map(([name, bytes]) => [name, hash(bytes)]);
  const forged = canonical({ ...manifest, ...say, files: Object.fromEntries(listed) });
  return new Map(files).set('MANIFEST.json', Buffer.from(forged));
}

/** Has a forged bundle recorded as issued, by whoever may write the log; what was recorded is cosigned like all else. */
export const issued = (lab: Lab, files: Files): Promise<Buffer> =>
  lab.open(async ({ record, sealing }) => {
    const text = files.get('MANIFEST.json') as Buffer;
    const { asOf, complete, request } = JSON.parse(String(text)) as Manifest;
    const data = {
      manifest: sha256(text).toString('hex'),
      scope: request.scope,
      purpose: request.purpose,
      asOf,
      complete,
    };
    await record.transact(LEDGER, LEDGER_STREAMS.BundleIssued, asking(), () => [
      { type: 'BundleIssued', data },
    ]);
    await record.journal.fill();
    const row = await record.journal.newest(LEDGER_STREAMS.BundleIssued);
    if (!row) throw new Error('nothing was issued');
    const checkpoint = await sealedNow(sealing);
    const size = BigInt(checkpoint.size);
    const proof = await record.tree.inclusion(BigInt(row.index), size);
    const before = Number(String(files.get('checkpoint.txt')).split('\n')[1]);
    const goesOn = await record.tree.consistency(BigInt(before), size);
    return zipped(
      new Map(files)
        .set('ISSUE.leaf.json', Buffer.from(row.leaf))
        .set(
          'ISSUE.tlog-proof',
          Buffer.from(formatTlogProof({ index: BigInt(row.index), proof, checkpoint: checkpoint.note })),
        )
        .set('ISSUE.consistency', Buffer.from(goesOn.map((hash) => `${base64(hash)}\n`).join(''))),
    );
  });

/** Files that say how far a stream had come, under the nth commitment to the heads. */
export const headFiles = (lab: Lab, stream: string, commitment: number): Promise<Files> =>
  lab.open(async ({ record }) => {
    const row = (await record.journal.read({ stream: LEDGER_STREAMS.HeadsCommitted, limit: 10 }))[commitment];
    if (!row) throw new Error('there is no such commitment');
    const { asOf } = (JSON.parse(row.leaf) as { data: { asOf: number } }).data;
    const found = await headProof(record.database, stream, asOf);
    if (!found) throw new Error(`${stream} had not begun`);
    const checkpoint = parseTlogProof(
      String(filesOf(lab.bundle).get('heads/commitment.tlog-proof')),
    ).checkpoint;
    const size = BigInt(checkpoint.split('\n')[1] ?? 0);
    const proof = await record.tree.inclusion(BigInt(row.index), size);
    const head = {
      count: Number(found.count),
      lastIndex: Number(found.head.lastIndex),
      position: Number(found.position),
      proof: found.proof.map(base64),
      stream,
      versions: Number(found.head.versions),
    };
    return new Map([
      ['heads/head.json', Buffer.from(canonical(head))],
      ['heads/commitment.leaf.json', Buffer.from(row.leaf)],
      [
        'heads/commitment.tlog-proof',
        Buffer.from(formatTlogProof({ index: BigInt(row.index), proof, checkpoint })),
      ],
    ]);
  });

/** A bundle of the person as the product makes it from the record as it is now. */
export const bundleOf = (lab: Lab): Promise<Buffer> => lab.open((it) => made(lab, it));

/** The same of a log whose owner asks no witness. */
export const bundleAlone = (lab: Lab): Promise<Buffer> =>
  lab.open(({ sealing: { collect: _, ...alone }, ...it }) => made(lab, { ...it, sealing: alone }));

async function made(lab: Lab, { record, sealing }: Opened): Promise<Buffer> {
  const scope: Scope = { kind: 'person', subject: lab.prepared.subject };
  const documents = new EvidenceStore(lab.file('evidence'));
  const { database, journal, transact, tree, checkpoints, store } = record;
  const sources = {
    ...{ database, journal, transact, tree, checkpoints },
    covered: async () => (await seal(sealing)).checkpoint,
    policy: lab.prepared.policyText,
    evidence: (hash: string) => contentOf(store, documents, hash),
  };
  return (await makeBundle({ scope, purpose: 'pemeriksaan' }, sources, asking())).bytes;
}

const base64 = (hash: Hash): string => hash.toString('base64');
