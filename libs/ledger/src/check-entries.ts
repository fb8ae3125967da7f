import { fromBase64, hashOf, isIncluded, leafHash, sha256, type Trusted } from '@app/proof';
import { type BundleFiles, Wrong } from './bundle-files.ts';
import {
  type HeadFile,
  type Leaf,
  type Manifest,
  personStream,
  ruleSetFile,
  ruleSetIn,
} from './bundle-format.ts';
import { SKEW_SECONDS } from './due-checkpoints.ts';
import { headLeaf } from './heads.ts';

/** A leaf of the scope, proven to be at its index. */
export type Entry = { readonly index: number; readonly leaf: Leaf };

/** A bundle whose manifest was checked. */
export type Opened = { readonly files: BundleFiles; readonly manifest: Manifest };

/** The entries are those of the scope, in order and, where that is said, all of them. Throws `Wrong`. */
export function checkScope({ files, manifest }: Opened, entries: readonly Entry[]): void {
  const { scope } = manifest.request;
  if (scope.kind === 'decision') {
    if (!entries.some(({ leaf }) => leaf.id === scope.event))
      throw new Wrong('gap', `the decision ${scope.event} is not among the entries`);
    return;
  }
  const stream = personStream(scope.subject);
  for (const [n, { index, leaf }] of entries.entries()) {
    if (leaf.stream !== stream) throw new Wrong('gap', `entry ${index} is of another stream`, { index });
    if (leaf.revision !== n)
      throw new Wrong('gap', `entry ${index} is revision ${leaf.revision}, where ${n} is due`, { index });
  }
  if (manifest.complete) checkComplete({ files, manifest }, stream, entries);
}

function checkComplete({ files, manifest }: Opened, stream: string, entries: readonly Entry[]): void {
  const file = 'heads/head.json';
  const gap = (message: string) => new Wrong('gap', message, { file });
  if (!files.find(file) || !files.find('heads/commitment.leaf.json'))
    throw gap('that these are all entries of the person is said, but not proven');
  const head = files.canonical<HeadFile>(file);
  const { type, data } = JSON.parse(files.text('heads/commitment.leaf.json')) as Leaf;
  const last = entries.at(-1);
  const agrees =
    type === 'HeadsCommitted' &&
    data.asOf === manifest.asOf &&
    data.count === head.count &&
    head.stream === stream &&
    head.versions === entries.length &&
    head.lastIndex === last?.index;
  const isProven =
    agrees &&
    isIncluded({
      index: BigInt(head.position),
      size: BigInt(head.count),
      leafHash: leafHash(headLeaf(stream, BigInt(head.versions), BigInt(head.lastIndex))),
      proof: head.proof.map(hashOf),
      root: fromBase64(String(data.root), 'the root of the heads'),
    });
  if (!isProven) throw gap('these are not all entries of the person, or others');
}

/** The rules that each entry names are here, and were published before it. Throws `Wrong`. */
export function checkRules({ files }: Opened, entries: readonly Entry[]): void {
  for (const { index, leaf } of entries) {
    const ruleSet = ruleSetIn(leaf);
    if (!ruleSet) continue;
    const name = ruleSetFile(ruleSet);
    const file = `${name}.leaf.json`;
    const published = files.find(file);
    if (!published)
      throw new Wrong('rule', `entry ${index} was decided under rules that are not here`, { index });
    const { type, data } = JSON.parse(published.toString()) as Leaf;
    const isIt = type === 'RuleSetPublished' && data.id === ruleSet.id && data.version === ruleSet.version;
    const isEarlier = files.proof(`${name}.tlog-proof`, 'inclusion').index < BigInt(index);
    if (!isIt || !isEarlier)
      throw new Wrong(
        'rule',
        `the rules that entry ${index} names are not those that were published before it`,
        {
          index,
        },
      );
  }
}

/** Each document that an entry names is here as it was, or said to be missing; and no other. Throws `Wrong`. */
export function checkEvidence({ files, manifest }: Opened, entries: readonly Entry[]): void {
  const named = new Set<string>();
  for (const { index, leaf } of entries)
    for (const document of leaf.metadata.evidence ?? []) {
      checkDocument({ files, manifest }, document, index);
      named.add(document.sha256);
    }
  for (const [file, hash] of files.named(/^evidence\/(.+)$/))
    if (!named.has(hash) || sha256(files.need(file)).toString('hex') !== hash)
      throw new Wrong('evidence', `${file} is not the document that an entry names`, { file });
}

function checkDocument(
  { files, manifest }: Opened,
  { sha256: hash, size }: { sha256: string; size: number },
  index: number,
): void {
  const content = files.find(`evidence/${hash}`);
  const isMissed = manifest.missing.some(({ what }) => what === `evidence/${hash}`);
  if (!content && !isMissed)
    throw new Wrong('evidence', `the document ${hash} of entry ${index} is not here`, { index });
  if (content && content.length !== size)
    throw new Wrong('evidence', `the document ${hash} has not the size that entry ${index} says`, {
      index,
    });
}

/** Each entry was recorded after the entry before it, and between the times of the checkpoints around it. Throws `Wrong`. */
export function checkTimes(entries: readonly Entry[], checkpoints: readonly Trusted[]): void {
  let before = '';
  for (const { index, leaf } of entries) {
    const recorded = Date.parse(leaf.recordedAt) / 1_000;
    const without = checkpoints.findLast(({ size }) => size <= BigInt(index));
    const covering = checkpoints.find(({ size }) => size > BigInt(index));
    const earliest = Math.max(...(without?.cosigned.values() ?? []), Number.NEGATIVE_INFINITY) - SKEW_SECONDS;
    const latest = Math.min(...(covering?.cosigned.values() ?? []), Number.POSITIVE_INFINITY) + SKEW_SECONDS;
    if (!(recorded >= earliest && recorded <= latest) || leaf.recordedAt < before)
      throw new Wrong('time', `entry ${index} says it was recorded at ${leaf.recordedAt}, which cannot be`, {
        index,
      });
    before = leaf.recordedAt;
  }
}
