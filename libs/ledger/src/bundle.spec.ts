import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CIVIL_SERVANT, type CivilServantEvent } from '@app/domain/civil-servant';
import type { Draft, Evidence } from '@app/domain/event';
import { PREDIKAT_RULES } from '@app/domain/predikat';
import { publishRuleSet, RULE_SETS, ruleSetStream } from '@app/domain/rule-set';
import { type Asking, canonical, SqliteEventStore, transactor, uuidv7 } from '@app/event-store';
import { CreateJournal1764000000000, Database, Journal, JournalEntry } from '@app/journal';
import { parsePolicy, sha256, signatureLine, signerOf, WITNESS_KEY } from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BundleSources, makeBundle } from './bundle.ts';
import { NoBundle } from './bundle-entries.ts';
import type { Manifest } from './bundle-format.ts';
import { Checkpoints, SignedCheckpoint } from './checkpoints.ts';
import { CreateLedger1764000000005 } from './migrations.ts';
import { type Sealing, seal, sealedNow } from './seal.ts';
import { LogSigner, makeKeyFile } from './signer.ts';
import { TileRow, Tree, TreeSize } from './tree.ts';
import { verifyBundle } from './verify-bundle.ts';
import { unzip, zip } from './zip.ts';

const SUBJECT = '9b2f7a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
const OTHER = '9b2f7a52-6a53-4f6e-9d0e-3c2c5d8f9a02';
const DOCUMENT = Buffer.from('%PDF-1.7 surat keputusan');
const EVIDENCE: Evidence = {
  sha256: sha256(DOCUMENT).toString('hex'),
  size: DOCUMENT.length,
  mediaType: 'application/pdf',
};
const sk = { number: '800/1/2024', date: '2024-01-02' };

describe('an evidence bundle', () => {
  let directory: string;
  let store: SqliteEventStore;
  let database: Database;
  let sources: BundleSources;
  let sealing: Sealing;
  let policyText: string;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-bundle-'));
    store = new SqliteEventStore(join(directory, 'events.db'));
    database = await Database.open(join(directory, 'jejak.db'), {
      entities: [JournalEntry, TreeSize, TileRow, SignedCheckpoint],
      migrations: [CreateJournal1764000000000, CreateLedger1764000000005],
    });
    const journal = new Journal(database, store);
    const log = makeKeyFile('sibolga.example/log', join(directory, 'log.key'));
    const witness = signerOf('inspektorat.example', WITNESS_KEY, Buffer.alloc(32, 7));
    policyText = `log ${log.vkey}\nwitness insp ${witness.verifier.vkey}\nquorum insp\n`;
    const tree = new Tree(database, 'journal', (from, limit) => journal.leafHashes(from, limit));
    const checkpoints = new Checkpoints(database);
    sealing = {
      database,
      tree,
      checkpoints,
      signer: LogSigner.open({ file: join(directory, 'log.key') }, join(directory, 'signed')),
      policy: parsePolicy(policyText),
      collect: async (note) => ({
        lines: [signatureLine(witness, note.slice(0, note.indexOf('\n\n') + 1))],
        failed: [],
      }),
    };
    sources = {
      database,
      journal,
      tree,
      checkpoints,
      transact: transactor(store),
      policy: policyText,
      covered: () => sealedNow(sealing),
      evidence: async (hash) => (hash === EVIDENCE.sha256 ? DOCUMENT : 'not-kept'),
    };
    await sources.transact(RULE_SETS, ruleSetStream(PREDIKAT_RULES.id), asking(), (published) =>
      publishRuleSet(PREDIKAT_RULES, published),
    );
    for (const subject of [SUBJECT, OTHER]) {
      await record(subject, [
        { type: 'Registered', data: { kind: 'pns', tmt: '2020-01-01' } },
        { type: 'Promoted', data: { golongan: 'III/a', jenis: 'reguler', tmt: '2024-01-02', sk } },
      ]);
      await seal(await filled());
    }
    await record(
      SUBJECT,
      [
        {
          type: 'AppraisalScored',
          data: {
            period: { kind: 'tahunan', year: 2024 },
            hasil: 'sesuai-ekspektasi',
            perilaku: 'sesuai-ekspektasi',
            predikat: 'baik',
            penilai: { asn: false },
            ruleSet: { id: PREDIKAT_RULES.id, version: 1 },
          },
        },
      ],
      [EVIDENCE],
    );
  });
  afterEach(async () => {
    await database.close();
    await store.close();
    rmSync(directory, { recursive: true });
  });

  const asking = (more: Partial<Asking> = {}): Asking => ({
    actor: 'a-1',
    role: 'inspektorat',
    commandId: uuidv7(),
    correlationId: 'c-1',
    askedAt: Date.now(),
    ...more,
  });
  const record = (subject: string, events: Draft<CivilServantEvent>[], evidence?: Evidence[]) =>
    sources.transact(
      CIVIL_SERVANT,
      `civilServant-${subject}`,
      asking(evidence ? { evidence } : {}),
      () => events,
    );
  const filled = async () => {
    await sources.journal.fill();
    return sealing;
  };
  const ask = (more: object = {}) =>
    makeBundle(
      { scope: { kind: 'person', subject: SUBJECT }, purpose: 'pemeriksaan reguler', ...more },
      sources,
      asking(),
    );
  const believed = () => parsePolicy(policyText);
  const filesOf = (bytes: Buffer) => unzip(bytes) as Map<string, Buffer>;
  const respelt = (files: Map<string, Buffer>) => zip([...files].map(([name, bytes]) => ({ name, bytes })));
  /** The bundle with one file changed, and its manifest with it. */
  const changed = (bytes: Buffer, name: string, content: Buffer | undefined) => {
    const files = filesOf(bytes);
    const manifest = JSON.parse((files.get('MANIFEST.json') as Buffer).toString()) as Manifest;
    const listed = manifest.files as Record<string, string>;
    if (content) {
      files.set(name, content);
      if (!name.startsWith('ISSUE')) listed[name] = sha256(content).toString('hex');
    } else {
      files.delete(name);
      delete listed[name];
    }
    files.set('MANIFEST.json', Buffer.from(canonical(manifest)));
    return respelt(files);
  };

  it('of a person is sound, complete as of a size, for whoever believes the keys', async () => {
    const { bytes } = await ask();
    expect(verifyBundle(bytes, believed())).toMatchObject({
      verdict: 'sound',
      reason: null,
      complete: true,
      entries: 3,
      missing: [],
      origin: 'sibolga.example/log',
    });
    expect(filesOf(bytes).get(`evidence/${EVIDENCE.sha256}`)).toEqual(DOCUMENT);
    expect([...filesOf(bytes).keys()].filter((name) => name.startsWith('time/')).length).toBeGreaterThan(2);
  });

  it('is not said to be sound where nobody vouched for its keys, nor under the keys of another', async () => {
    const { bytes } = await ask();
    expect(verifyBundle(bytes)).toMatchObject({ verdict: 'undecided', reason: 'trust', entries: 3 });
    const another = makeKeyFile('sibolga.example/log', join(directory, 'another.key')).vkey;
    expect(verifyBundle(bytes, parsePolicy(`log ${another}\nquorum none\n`))).toMatchObject({
      verdict: 'tampered',
      reason: 'signature',
    });
  });

  it('of one decision holds it and what it names, and does not claim to be all', async () => {
    await filled();
    const row = await sources.journal.newest(`civilServant-${SUBJECT}`);
    const { id } = JSON.parse(row?.leaf ?? '{}') as { id: string };
    const { bytes } = await ask({ scope: { kind: 'decision', event: id } });
    expect(verifyBundle(bytes, believed())).toMatchObject({ verdict: 'sound', complete: false, entries: 1 });
  });

  it('is the same, byte for byte, where everything it is made from is the same', async () => {
    const { bytes } = await ask();
    expect(respelt(filesOf(bytes))).toEqual(bytes);
  });

  it.each([
    ['erased', 'erased'],
    ['lost', 'lost'],
    ['altered', Buffer.concat([DOCUMENT, Buffer.of(0)])],
  ] as const)('says what is missing, and why: %s', async (why, found) => {
    const without = { ...sources, evidence: async () => found };
    const { bytes } = await makeBundle(
      { scope: { kind: 'person', subject: SUBJECT }, purpose: 'pemeriksaan' },
      without,
      asking(),
    );
    expect(verifyBundle(bytes, believed())).toMatchObject({
      verdict: 'sound',
      missing: [{ what: `evidence/${EVIDENCE.sha256}`, why }],
    });
    expect([...filesOf(bytes).keys()].filter((name) => name.startsWith('evidence/'))).toEqual([]);
  });

  it('is not made where nothing is on the record, nor for a purpose with a NIP in it', async () => {
    const nobody = { kind: 'person', subject: '00000000-0000-4000-8000-000000000000' };
    await expect(ask({ scope: nobody })).rejects.toThrow(NoBundle);
    await expect(ask({ purpose: 'NIP 198001012005011001' })).rejects.toThrow(/must not hold a NIP/);
  });

  it('is made only under a checkpoint that the quorum cosigned', async () => {
    const collect = async () => ({ lines: [], failed: [{ name: 'insp', because: 'no answer' }] });
    const alone = { ...sources, covered: () => sealedNow({ ...sealing, collect }) };
    const asked = { scope: { kind: 'person' as const, subject: SUBJECT }, purpose: 'pemeriksaan' };
    await expect(makeBundle(asked, alone, asking())).rejects.toThrow(/did not cosign \(insp: no answer\)/);
  });

  it('does not verify with any one byte changed', async () => {
    const { bytes } = await ask();
    const flipped = Buffer.from(bytes);
    const verdicts = new Set<string>();
    for (let n = 0; n < bytes.length; n++) {
      flipped[n] = (bytes[n] as number) ^ (1 << (n % 8));
      verdicts.add(verifyBundle(flipped, believed()).verdict);
      flipped[n] = bytes[n] as number;
    }
    expect([...verdicts]).toEqual(['tampered']);
  }, 120_000);

  it('does not verify with any one byte of a file changed, whoever spells the zip anew', async () => {
    const { bytes } = await ask();
    const files = filesOf(bytes);
    for (const [name, content] of files) {
      const step = Math.max(1, Math.floor(content.length / 40));
      for (let n = 0; n < content.length; n += step) {
        const other = Buffer.from(content);
        other[n] = (other[n] as number) ^ 1;
        const { verdict } = verifyBundle(respelt(new Map(files).set(name, other)), believed());
        expect([name, n, verdict]).toEqual([name, n, 'tampered']);
        expect(verifyBundle(changed(bytes, name, other), believed()).verdict).toBe('tampered');
      }
    }
  }, 120_000);

  it('does not verify with a file left out or put in, whoever writes the manifest anew', async () => {
    const { bytes } = await ask();
    for (const name of filesOf(bytes).keys()) {
      const files = filesOf(bytes);
      files.delete(name);
      expect([name, verifyBundle(respelt(files), believed()).verdict]).toEqual([name, 'tampered']);
      if (name !== 'MANIFEST.json')
        expect(verifyBundle(changed(bytes, name, undefined), believed()).verdict).toBe('tampered');
    }
    expect(verifyBundle(changed(bytes, 'anything.txt', Buffer.from('x')), believed())).toMatchObject({
      verdict: 'tampered',
      reason: 'manifest',
      file: 'anything.txt',
    });
    expect(verifyBundle(changed(bytes, 'entries/9.leaf.json', Buffer.from('{}')), believed())).toMatchObject({
      verdict: 'tampered',
      reason: 'issue',
    });
  });

  it('is never more than garbage where it is garbage', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('PK'), Buffer.alloc(1_000, 80)])
      expect(verifyBundle(bytes)).toMatchObject({ verdict: 'tampered', reason: 'zip' });
  });
});
