import { canonical } from '@app/event-store';
import {
  fromBase64,
  hashOf,
  isConsistent,
  isIncluded,
  isQuorum,
  leafHash,
  Malformed,
  type Policy,
  parseNote,
  parsePolicy,
  sha256,
  type Trusted,
  trust,
  verifiedBy,
} from '@app/proof';
import { BundleFiles, type Reason, Wrong } from './bundle-files.ts';
import {
  FORMAT,
  type HeadFile,
  type Leaf,
  type Manifest,
  type Missing,
  personStream,
  ruleSetFile,
  ruleSetIn,
} from './bundle-format.ts';
import { SKEW_SECONDS } from './due-checkpoints.ts';
import { headLeaf } from './heads.ts';

/** What a verifier says of a bundle (docs/bundle.md). */
export type BundleVerdict = {
  readonly verdict: 'sound' | 'tampered' | 'undecided';
  readonly reason: Reason | null;
  readonly index: number | null;
  readonly file: string | null;
  readonly words: { readonly en: string; readonly id: string };
  readonly origin: string | null;
  readonly size: number | null;
  readonly asOf: number | null;
  readonly complete: boolean | null;
  readonly missing: readonly Missing[];
  readonly entries: number;
  /** Ids of the keys that signed the checkpoint. */
  readonly keys: readonly string[];
};

type About = { -readonly [K in keyof BundleVerdict]?: BundleVerdict[K] };

/**
 * Whether an evidence bundle holds, under the policy that its reader believes; with none, under its own, and then the
 * best verdict is `undecided`. Reads nothing but the bytes. Never throws.
 */
export function verifyBundle(bytes: Buffer, believed?: Policy): BundleVerdict {
  const about: About = {};
  try {
    new Verification(bytes, believed, about).run();
    if (believed) return verdict('sound', null, SOUND, about);
    return verdict('undecided', 'trust', UNTRUSTED, about);
  } catch (cause) {
    const wrong =
      cause instanceof Wrong
        ? cause
        : new Wrong('manifest', `a file is malformed: ${(cause as Error).message}`);
    const words = { en: wrong.message, id: `${WORDS[wrong.reason]} (${wrong.message})` };
    return { ...verdict('tampered', wrong.reason, words, about), index: null, file: null, ...wrong.at };
  }
}

const SOUND = {
  en: 'everything holds under the policy that was given',
  id: 'semuanya utuh menurut kebijakan kepercayaan yang diberikan',
};
const UNTRUSTED = {
  en: 'it is whole in itself, but signed by keys that nobody vouched for; give --policy or --log-key',
  id: 'berkas ini utuh, tetapi ditandatangani kunci yang belum dijamin siapa pun; berikan --policy atau --log-key',
};
const WORDS: Readonly<Record<Reason, string>> = {
  zip: 'isi berkas zip tidak sesuai bentuk bakunya',
  manifest: 'daftar isi tidak cocok dengan berkas-berkasnya',
  signature: 'tanda tangan pada checkpoint tidak sah',
  quorum: 'saksi yang ikut menandatangani belum mencukupi',
  issue: 'penerbitan bundel ini tidak tercatat sebagaimana mestinya',
  inclusion: 'catatan tidak terbukti ada di dalam log',
  gap: 'rangkaian catatan tidak lengkap',
  rule: 'aturan yang dipakai tidak tercatat sebelum keputusan',
  evidence: 'dokumen bukti tidak cocok',
  consistency: 'checkpoint lama bukan awal dari yang baru',
  time: 'waktu pencatatan tidak masuk akal',
  trust: 'kunci belum dipercaya',
};

function verdict(
  kind: BundleVerdict['verdict'],
  reason: Reason | null,
  words: BundleVerdict['words'],
  about: Partial<BundleVerdict>,
): BundleVerdict {
  const nothing = { index: null, file: null, origin: null, size: null, asOf: null, complete: null };
  return { ...nothing, missing: [], entries: 0, keys: [], ...about, verdict: kind, reason, words };
}

/** Every name that a file of a bundle may have, and those that the manifest does not name. */
const PLACES =
  /^(MANIFEST\.json|ISSUE\.(leaf\.json|tlog-proof|consistency)|(checkpoint|policy|BACA-SAYA)\.txt|prov\.json|timeline\.html|verify\.(py|html)|(entries\/\d+|policies\/[^/]+@\d+|heads\/commitment)\.(leaf\.json|tlog-proof)|heads\/head\.json|evidence\/[0-9a-f]{64}|time\/\d+\.(txt|consistency|tsr))$/;
const OUTSIDE = /^(MANIFEST\.json|ISSUE\.(leaf\.json|tlog-proof|consistency))$/;

type Entry = { readonly index: number; readonly leaf: Leaf };

/** The checks, in the order of docs/bundle.md; each throws `Wrong`. */
class Verification {
  readonly #files: BundleFiles;
  #manifest: Manifest = {} as Manifest;
  #own: Policy = parsePolicy('quorum none');

  constructor(
    bytes: Buffer,
    private readonly believed: Policy | undefined,
    private readonly about: About,
  ) {
    this.#files = new BundleFiles(bytes);
  }

  run(): void {
    this.#checkManifest();
    const checkpoint = this.#checkpoint('checkpoint.txt', this.#files.text('checkpoint.txt'), true);
    Object.assign(this.about, {
      size: Number(checkpoint.size),
      keys: checkpoint.by.map(({ name, id }) => `${name}+${id}`),
    });
    const issueNote = this.#files.proof('ISSUE.tlog-proof', 'issue').checkpoint;
    const issued = this.#checkpoint('ISSUE.tlog-proof', issueNote, true);
    const older = this.#olderCheckpoints();
    this.#checkIssue(checkpoint, issued);
    const entries = this.#entries(checkpoint);
    this.about.entries = entries.length;
    this.#checkScope(entries);
    this.#checkRules(entries);
    this.#checkEvidence(entries);
    this.#checkHistory([...older, checkpoint]);
    checkTimes(entries, [...older, checkpoint]);
  }

  #checkManifest(): void {
    const manifest = this.#files.canonical<Manifest>('MANIFEST.json');
    if (manifest.format !== FORMAT || !isManifest(manifest))
      throw new Wrong('manifest', `MANIFEST.json is not of the format ${FORMAT}`, { file: 'MANIFEST.json' });
    this.#manifest = manifest;
    const { origin, asOf, complete, missing } = manifest;
    Object.assign(this.about, { origin, asOf, complete, missing });
    for (const name of [
      'ISSUE.leaf.json',
      'ISSUE.tlog-proof',
      'ISSUE.consistency',
      'checkpoint.txt',
      'policy.txt',
    ])
      this.#files.need(name);
    const names = this.#files.names.filter((name) => name !== 'MANIFEST.json' && !name.startsWith('ISSUE.'));
    for (const name of [...new Set([...names, ...Object.keys(manifest.files)])].sort()) {
      const content = this.#files.need(name);
      if (manifest.files[name] !== sha256(content).toString('hex'))
        throw new Wrong('manifest', `${name} is not the file that MANIFEST.json names`, at(name));
    }
    const extra = this.#files.names.find(
      (name) => !(name in manifest.files || OUTSIDE.test(name)) || !PLACES.test(name),
    );
    if (extra) throw new Wrong('manifest', `${extra} does not belong here`, at(extra));
    this.#own = parsePolicy(this.#files.text('policy.txt'));
  }

  /** A checkpoint that is believed; every signature line is one of the bundle's own policy, and right. */
  #checkpoint(file: string, note: string, needsQuorum: boolean): Trusted {
    const signature = (message: string) => new Wrong('signature', `${file}: ${message}`, { file });
    try {
      const read = parseNote(note);
      const own = [...this.#own.logs, ...this.#own.witnesses.values()].map(({ verifier }) => verifier);
      if (verifiedBy(read, own).length !== read.signatures.length)
        throw new Malformed('a signature line is of a key that is not in policy.txt');
    } catch (cause) {
      throw signature((cause as Error).message);
    }
    const policy = this.believed ?? this.#own;
    const { quorum: _, ...anyQuorum } = policy;
    const trusted = trust(note, anyQuorum);
    if ('distrusted' in trusted) throw signature(trusted.because);
    if (trusted.origin !== this.#manifest.origin)
      throw signature(`it is of ${trusted.origin}, the bundle of ${this.#manifest.origin}`);
    if (needsQuorum && !isQuorum(policy, new Set(trusted.cosigned.keys())))
      throw new Wrong('quorum', `${file}: the quorum ${policy.quorum} did not cosign it`, { file });
    return trusted;
  }

  #olderCheckpoints(): Trusted[] {
    return this.#files.named(/^time\/(\d+)\.txt$/).map(([file, size]) => {
      const older = this.#checkpoint(file, this.#files.text(file), false);
      if (older.size !== BigInt(size))
        throw new Wrong('signature', `${file} is of the size ${older.size}`, { file });
      return older;
    });
  }

  #checkIssue(checkpoint: Trusted, issued: Trusted): void {
    const wrong = (message: string, file = 'ISSUE.leaf.json') => new Wrong('issue', message, { file });
    const bytes = this.#files.need('ISSUE.leaf.json');
    const { type, data } = JSON.parse(bytes.toString()) as Leaf;
    const { asOf, complete, request } = this.#manifest;
    const manifest = sha256(this.#files.need('MANIFEST.json')).toString('hex');
    const said = { asOf, complete, manifest, purpose: request.purpose, scope: request.scope };
    if (type !== 'BundleIssued' || canonical(data) !== canonical(said))
      throw wrong('what was recorded when the bundle was issued is not this bundle');
    const { index, proof } = this.#files.proof('ISSUE.tlog-proof', 'issue');
    const { size, root } = issued;
    if (!isIncluded({ index, size, leafHash: leafHash(bytes), proof, root }))
      throw wrong('that the bundle was issued is not in the log', 'ISSUE.tlog-proof');
    if (!this.#goesOn('ISSUE.consistency', checkpoint, issued, 'issue'))
      throw wrong('the log at the issue does not go on from checkpoint.txt', 'ISSUE.consistency');
  }

  /** Every leaf at its place; the entries of the scope, by index. */
  #entries(checkpoint: Trusted): Entry[] {
    const note = this.#files.text('checkpoint.txt');
    const named = this.#files.named(/^((?:entries|policies|heads)\/.+)\.leaf\.json$/).map(([file, name]) => {
      const index = Number(this.#files.proof(`${name}.tlog-proof`, 'inclusion').index);
      return { file, name, index };
    });
    const entries: Entry[] = [];
    for (const { file, name, index } of named.sort((a, b) => a.index - b.index)) {
      const bytes = this.#files.need(file);
      const { proof, checkpoint: under } = this.#files.proof(`${name}.tlog-proof`, 'inclusion');
      const { size, root } = checkpoint;
      const isThere =
        under === note &&
        (!name.startsWith('entries/') || name === `entries/${index}`) &&
        isIncluded({ index: BigInt(index), size, leafHash: leafHash(bytes), proof, root });
      if (!isThere)
        throw new Wrong('inclusion', `${file} is not at ${index} in the log of ${checkpoint.size}`, {
          index,
          file,
        });
      if (name.startsWith('entries/')) entries.push({ index, leaf: JSON.parse(bytes.toString()) as Leaf });
    }
    return entries;
  }

  #checkScope(entries: readonly Entry[]): void {
    const { scope } = this.#manifest.request;
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
    if (this.#manifest.complete) this.#checkComplete(stream, entries);
  }

  #checkComplete(stream: string, entries: readonly Entry[]): void {
    const file = 'heads/head.json';
    const gap = (message: string) => new Wrong('gap', message, { file });
    if (!this.#files.find(file) || !this.#files.find('heads/commitment.leaf.json'))
      throw gap('that these are all entries of the person is said, but not proven');
    const head = this.#files.canonical<HeadFile>(file);
    const { type, data } = JSON.parse(this.#files.text('heads/commitment.leaf.json')) as Leaf;
    const last = entries.at(-1);
    const agrees =
      type === 'HeadsCommitted' &&
      data.asOf === this.#manifest.asOf &&
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

  #checkRules(entries: readonly Entry[]): void {
    for (const { index, leaf } of entries) {
      const ruleSet = ruleSetIn(leaf);
      if (!ruleSet) continue;
      const name = ruleSetFile(ruleSet);
      const file = `${name}.leaf.json`;
      const published = this.#files.find(file);
      if (!published)
        throw new Wrong('rule', `entry ${index} was decided under rules that are not here`, { index });
      const { type, data } = JSON.parse(published.toString()) as Leaf;
      const isIt = type === 'RuleSetPublished' && data.id === ruleSet.id && data.version === ruleSet.version;
      const isEarlier = this.#files.proof(`${name}.tlog-proof`, 'inclusion').index < BigInt(index);
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

  #checkEvidence(entries: readonly Entry[]): void {
    const named = new Set<string>();
    for (const { index, leaf } of entries)
      for (const document of leaf.metadata.evidence ?? []) {
        this.#checkDocument(document, index);
        named.add(document.sha256);
      }
    for (const [file, hash] of this.#files.named(/^evidence\/(.+)$/))
      if (!named.has(hash) || sha256(this.#files.need(file)).toString('hex') !== hash)
        throw new Wrong('evidence', `${file} is not the document that an entry names`, { file });
  }

  #checkDocument({ sha256: hash, size }: { sha256: string; size: number }, index: number): void {
    const content = this.#files.find(`evidence/${hash}`);
    const isMissed = this.#manifest.missing.some(({ what }) => what === `evidence/${hash}`);
    if (!content && !isMissed)
      throw new Wrong('evidence', `the document ${hash} of entry ${index} is not here`, { index });
    if (content && content.length !== size)
      throw new Wrong('evidence', `the document ${hash} has not the size that entry ${index} says`, {
        index,
      });
  }

  /** Each checkpoint goes on from the one before. */
  #checkHistory(checkpoints: readonly Trusted[]): void {
    for (const [n, older] of checkpoints.slice(0, -1).entries()) {
      const file = `time/${older.size}.consistency`;
      if (!this.#files.find(file) || !this.#goesOn(file, older, checkpoints[n + 1] as Trusted, 'consistency'))
        throw new Wrong('consistency', `the log of ${older.size} is not the beginning of the next`, { file });
    }
  }

  #goesOn(file: string, older: Trusted, newer: Trusted, reason: Reason): boolean {
    const proof = this.#files.hashes(file, reason);
    return isConsistent({
      from: older.size,
      fromRoot: older.root,
      size: newer.size,
      root: newer.root,
      proof,
    });
  }
}

const at = (file: string) => ({ file });

function isManifest({ files, missing, request, asOf, complete, origin }: Manifest): boolean {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null;
  return (
    isObject(files) &&
    Array.isArray(missing) &&
    isObject(request) &&
    isObject(request.scope) &&
    Number.isSafeInteger(asOf) &&
    typeof complete === 'boolean' &&
    typeof origin === 'string'
  );
}

/** Each entry was recorded after the entry before it, and between the times of the checkpoints around it. */
function checkTimes(entries: readonly Entry[], checkpoints: readonly Trusted[]): void {
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
