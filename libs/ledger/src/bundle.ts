import { isRefusal } from '@app/domain/event';
import { type BundleIssued, type HeadsCommitted, LEDGER, LEDGER_STREAMS } from '@app/domain/ledger';
import { ruleSetStream } from '@app/domain/rule-set';
import { type Asking, canonical, type Transact } from '@app/event-store';
import type { Database, Journal, JournalRow } from '@app/journal';
import { formatTlogProof, type Hash, sha256 } from '@app/proof';
import { entriesOf, NoBundle, type Row, rowOf, rowsOfStream } from './bundle-entries.ts';
import {
  FORMAT,
  type HeadFile,
  type Manifest,
  type Missing,
  personStream,
  READ_ME,
  ruleSetFile,
  ruleSetIn,
  type Scope,
} from './bundle-format.ts';
import type { Checkpoints, SignedCheckpoint } from './checkpoints.ts';
import { commitHeads } from './commit-heads.ts';
import { provenance } from './provenance.ts';
import { headProof } from './stream-heads.ts';
import { timeline } from './timeline.ts';
import type { Tree } from './tree.ts';
import { type ArchiveFile, zip } from './zip.ts';

/** What a bundle is asked for. `person`: what its reader calls the person, for the timeline only. */
export type BundleAsked = {
  readonly scope: Scope;
  readonly purpose: string;
  readonly person?: { readonly name: string; readonly nip: string } | undefined;
};

/** A document's content, or why there is none. */
export type FindEvidence = (sha256: string) => Promise<Buffer | Missing['why']>;

/**
 * What bundles are made from. `policy`: the text of the log's tlog-policy. `covered`: a checkpoint that covers a journal
 * of some size, cosigned as the policy says; throws `NoBundle` where there is none in time.
 */
export type BundleSources = {
  readonly database: Database;
  readonly journal: Journal;
  readonly transact: Transact;
  readonly tree: Tree;
  readonly checkpoints: Checkpoints;
  readonly covered: (size: number) => Promise<SignedCheckpoint>;
  readonly policy: string;
  readonly evidence: FindEvidence;
  /** More files for whoever opens the bundle, such as verifiers. */
  readonly more?: readonly ArchiveFile[];
};

export type Bundle = {
  readonly bytes: Buffer;
  readonly manifest: Manifest;
  readonly entries: number;
};

/** A number as long as a NIK or a NIP. */
const IDENTIFIER = /\d{16}/;

/**
 * Makes an evidence bundle (docs/bundle.md) of all events of a person, or of one decision and what it names. That it was
 * issued, to whom and for what, is recorded before it is given. Throws `NoBundle`.
 */
export async function makeBundle(
  asked: BundleAsked,
  sources: BundleSources,
  asking: Asking,
): Promise<Bundle> {
  if (IDENTIFIER.test(asked.purpose))
    throw new NoBundle(
      'the purpose goes into the log for ever and must not hold a NIP or NIK; say it without',
    );
  return new Making(asked, sources, asking).run();
}

class Making {
  readonly #files = new Map<string, Buffer>();
  readonly #missing: Missing[] = [];

  constructor(
    private readonly asked: BundleAsked,
    private readonly sources: BundleSources,
    private readonly asking: Asking,
  ) {}

  async run(): Promise<Bundle> {
    const { journal, policy, more = [] } = this.sources;
    await journal.fill();
    const entries = await entriesOf(this.asked.scope, journal);
    const heads = await this.#heads(entries);
    const checkpoint = await this.#sealed();
    for (const { event, ...row } of entries) await this.#leaf(`entries/${row.index}`, row, checkpoint);
    if (heads) await this.#leaf('heads/commitment', heads.row, checkpoint);
    await this.#ruleSets(entries, checkpoint);
    await this.#evidence(entries);
    await this.#times(entries, checkpoint);
    this.#put('checkpoint.txt', checkpoint.note);
    this.#put('policy.txt', policy);
    this.#put('prov.json', canonical(provenance(entries)));
    this.#put('BACA-SAYA.txt', READ_ME);
    const { scope, purpose, person } = this.asked;
    const asOf = heads?.data.asOf ?? checkpoint.size;
    const request = {
      at: new Date(this.asking.askedAt).toISOString(),
      by: this.asking.actor,
      purpose,
      role: this.asking.role,
      scope,
    };
    const complete = heads !== undefined;
    this.#put(
      'timeline.html',
      timeline({ request, person, entries, asOf, complete, missing: this.#missing }),
    );
    for (const { name, bytes } of more) this.#files.set(name, bytes);
    const manifest: Manifest = {
      asOf,
      complete,
      files: Object.fromEntries(
        [...this.#files].map(([name, bytes]) => [name, sha256(bytes).toString('hex')]),
      ),
      format: FORMAT,
      missing: this.#missing,
      origin: checkpoint.origin,
      request,
    };
    await this.#issue(manifest, checkpoint);
    const files = [...this.#files].map(([name, bytes]) => ({ name, bytes }));
    return { bytes: zip(files), manifest, entries: entries.length };
  }

  #put(name: string, text: string): void {
    this.#files.set(name, Buffer.from(text));
  }

  /** The commitment that covers all entries of the person: the newest, or one made now. */
  async #heads(entries: readonly Row[]) {
    const { scope } = this.asked;
    if (scope.kind !== 'person') return undefined;
    const last = entries.at(-1)?.index ?? -1;
    let row = await this.#newestHeads();
    if (!row || dataOf(row).asOf <= last) {
      await commitHeads(this.sources, this.asking);
      await this.sources.journal.fill();
      row = await this.#newestHeads();
    }
    if (!row) throw new NoBundle('the heads of the streams could not be recorded; ask again');
    const data = dataOf(row);
    const stream = personStream(scope.subject);
    const found = await headProof(this.sources.database, stream, data.asOf);
    if (!found) throw new NoBundle(`the stream of ${scope.subject} is not among the heads; run jejak verify`);
    const head: HeadFile = {
      count: Number(found.count),
      lastIndex: Number(found.head.lastIndex),
      position: Number(found.position),
      proof: found.proof.map(base64),
      stream,
      versions: Number(found.head.versions),
    };
    this.#put('heads/head.json', canonical(head));
    return { row, data };
  }

  async #newestHeads(): Promise<Row | undefined> {
    const row = await this.sources.journal.newest(LEDGER_STREAMS.HeadsCommitted);
    return row && rowOf(row);
  }

  /** A checkpoint over everything that is in the journal now. */
  async #sealed(): Promise<SignedCheckpoint> {
    return this.sources.covered(await this.sources.journal.fill());
  }

  async #leaf(name: string, row: JournalRow, checkpoint: SignedCheckpoint): Promise<void> {
    const index = BigInt(row.index);
    const proof = await this.sources.tree.inclusion(index, BigInt(checkpoint.size));
    this.#put(`${name}.leaf.json`, row.leaf);
    this.#put(`${name}.tlog-proof`, formatTlogProof({ index, proof, checkpoint: checkpoint.note }));
  }

  async #ruleSets(entries: readonly Row[], checkpoint: SignedCheckpoint): Promise<void> {
    for (const { event } of entries) {
      const ruleSet = ruleSetIn(event);
      if (!ruleSet || this.#files.has(`${ruleSetFile(ruleSet)}.leaf.json`)) continue;
      const published = await rowsOfStream(this.sources.journal, ruleSetStream(ruleSet.id));
      const row = published.find(({ event: { data } }) => data.version === ruleSet.version);
      if (row) await this.#leaf(ruleSetFile(ruleSet), row, checkpoint);
    }
  }

  async #evidence(entries: readonly Row[]): Promise<void> {
    const named = new Set(
      entries.flatMap(({ event }) => (event.metadata.evidence ?? []).map(({ sha256: of }) => of)),
    );
    for (const hash of [...named].sort()) {
      const found = await this.sources.evidence(hash);
      const isWhole = typeof found !== 'string' && sha256(found).toString('hex') === hash;
      if (isWhole) this.#files.set(`evidence/${hash}`, found);
      else
        this.#missing.push({ what: `evidence/${hash}`, why: typeof found === 'string' ? found : 'altered' });
    }
  }

  /** The checkpoints around the entries, each proven to go on from the one before. */
  async #times(entries: readonly Row[], newest: SignedCheckpoint): Promise<void> {
    const older = await this.#older(entries, newest);
    const { tree } = this.sources;
    for (const [n, { size, note }] of older.entries()) {
      this.#put(`time/${size}.txt`, note);
      const proof = await tree.consistency(BigInt(size), BigInt((older[n + 1] ?? newest).size));
      this.#put(`time/${size}.consistency`, lines(proof));
    }
    for (const { size, tsr } of [...older, newest])
      if (tsr !== '') this.#files.set(`time/${size}.tsr`, Buffer.from(tsr, 'base64'));
  }

  /** The checkpoints just before and just after each entry, oldest first. */
  async #older(entries: readonly Row[], { origin, size }: SignedCheckpoint): Promise<SignedCheckpoint[]> {
    const older = new Map<number, SignedCheckpoint>();
    for (const { index } of entries)
      for (const one of await this.sources.checkpoints.around(origin, index))
        if (one.size < size) older.set(one.size, one);
    return [...older.values()].sort((a, b) => a.size - b.size);
  }

  /** Records that this bundle is issued, and proves that it was recorded. */
  async #issue(manifest: Manifest, checkpoint: SignedCheckpoint): Promise<void> {
    const { transact, journal, tree } = this.sources;
    const text = canonical(manifest);
    const data: BundleIssued['data'] = {
      manifest: sha256(text).toString('hex'),
      scope: manifest.request.scope,
      purpose: manifest.request.purpose,
      asOf: manifest.asOf,
      complete: manifest.complete,
    };
    const outcome = await transact(LEDGER, LEDGER_STREAMS.BundleIssued, this.asking, () => [
      { type: 'BundleIssued', data },
    ]);
    if (isRefusal(outcome) || 'moved' in outcome)
      throw new NoBundle('that it is issued could not be recorded; ask again');
    await journal.fill();
    const row = await journal.find(outcome.events[0]?.id ?? '');
    if (!row) throw new NoBundle('that it is issued is not in the journal yet; ask again');
    const issued = await this.#sealed();
    await this.#leaf('ISSUE', row, issued);
    const proof = await tree.consistency(BigInt(checkpoint.size), BigInt(issued.size));
    this.#put('ISSUE.consistency', lines(proof));
    this.#put('MANIFEST.json', text);
  }
}

const dataOf = ({ event }: Row) => event.data as HeadsCommitted['data'];
const base64 = (hash: Hash): string => hash.toString('base64');
const lines = (hashes: readonly Hash[]): string => hashes.map((hash) => `${base64(hash)}\n`).join('');
