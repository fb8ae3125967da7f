import { canonical } from '@app/event-store';
import {
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
import { FORMAT, type Leaf, type Manifest } from './bundle-format.ts';
import { type About, type BundleVerdict, SOUND, UNTRUSTED, verdict, WORDS } from './bundle-verdict.ts';
import { checkEvidence, checkRules, checkScope, checkTimes, type Entry } from './check-entries.ts';

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

/** Every name that a file of a bundle may have, and those that the manifest does not name. */
const PLACES =
  /^(MANIFEST\.json|ISSUE\.(leaf\.json|tlog-proof|consistency)|(checkpoint|policy|BACA-SAYA)\.txt|prov\.json|timeline\.html|verify\.(py|html)|(entries\/\d+|policies\/[^/]+@\d+|heads\/commitment)\.(leaf\.json|tlog-proof)|heads\/head\.json|evidence\/[0-9a-f]{64}|time\/\d+\.(txt|consistency|tsr))$/;
const OUTSIDE = /^(MANIFEST\.json|ISSUE\.(leaf\.json|tlog-proof|consistency))$/;

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
    const opened = { files: this.#files, manifest: this.#manifest };
    checkScope(opened, entries);
    checkRules(opened, entries);
    checkEvidence(opened, entries);
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
