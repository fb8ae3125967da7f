import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CIVIL_SERVANT } from '@app/domain/civil-servant';
import { type Evidence, isRefusal } from '@app/domain/event';
import { evidenceStream } from '@app/domain/evidence';
import { refTo } from '@app/domain/rule-set';
import { JP_RULES } from '@app/domain/training';
import { uuidv7 } from '@app/event-store';
import {
  anchorAccess,
  commitHeads,
  contentOf,
  EvidenceStore,
  keepDocument,
  makeBundle,
  makeKeyFile,
  type Scope,
  sealedNow,
} from '@app/ledger';
import type { OpenRecord } from '@app/record';
import { importSiasn } from '@app/siasn';
import { daysAgo } from './clock.ts';
import { asking, ledgerIn, type Opened, ORIGIN, opened, type Prepared } from './lab.ts';
import { policyWith } from './witnesses.ts';

const SAMPLE = 'test/sample/siasn';
const DOCUMENT = Buffer.from('%PDF-1.7 surat keputusan kenaikan pangkat');

/** Imports the sample in stages, days apart, each sealed; about five seconds. */
export async function prepare(): Promise<Prepared> {
  const directory = mkdtempSync(join(tmpdir(), 'jejak-prepared-'));
  const ledger = ledgerIn(directory);
  const { vkey } = makeKeyFile(ORIGIN, ledger.key.file);
  const policyText = policyWith(vkey);
  writeFileSync(ledger.policyFile, policyText);
  const stage = (days: number, work: (it: Opened) => Promise<unknown>) =>
    daysAgo(days, () =>
      opened(directory, policyText, async (it) => {
        await work(it);
        await it.record.catchUp();
        return (await sealedNow(it.sealing)).note;
      }),
    );

  await stage(30, ({ record }) => bring(record, ['asn-export.csv', 'ref-unor.json']));
  const backup = join(directory, 'backup');
  mkdirSync(backup);
  for (const name of ['events.db', 'jejak.db']) cpSync(join(directory, name), join(backup, name));
  await stage(20, ({ record }) => bring(record, ['pull-2026-01-31']));
  let decided = { subject: '', event: '', document: '' };
  const kept = await stage(10, async ({ record }) => {
    await bring(record, ['pull-2026-02-28']);
    await record.journal.fill();
    await commitHeads(record, asking());
    await read(record, 5);
    await anchorAccess(record, asking());
    decided = await decide(record, directory);
    await read(record, 3);
    await anchorAccess(record, asking());
  });
  const bundles = await opened(directory, policyText, async ({ record, sealing }) => {
    const documents = new EvidenceStore(join(directory, 'evidence'));
    const sources = {
      ...parts(record),
      covered: () => sealedNow(sealing),
      policy: policyText,
      evidence: (hash: string) => contentOf(record.store, documents, hash),
    };
    const make = async (scope: Scope) =>
      (await makeBundle({ scope, purpose: 'pemeriksaan' }, sources, asking())).bytes;
    const person = await make({ kind: 'person', subject: decided.subject });
    const decision = await make({ kind: 'decision', event: decided.event });
    await read(record, 2);
    return { person, decision };
  });
  return {
    directory,
    policyText,
    kept,
    bundle: bundles.person,
    small: bundles.decision,
    subject: decided.subject,
    document: decided.document,
    ...(await placesIn(directory, policyText, decided.document)),
    reads: { anchored: 8, all: 10 },
  };
}

const parts = ({ database, journal, transact, tree, checkpoints }: OpenRecord) => ({
  database,
  journal,
  transact,
  tree,
  checkpoints,
});

/** Imports files of the sample. */
export async function bring(record: OpenRecord, files: readonly string[]): Promise<void> {
  const { actor, role, correlationId } = asking();
  await importSiasn(
    files.map((file) => join(SAMPLE, file)),
    record,
    { actor, role, correlationId },
    { concurrency: 1 },
  );
}

function read(record: OpenRecord, times: number): Promise<void> {
  const access = {
    actor: 'a6b1f0de-3c55-4a0e-8a70-0d5b7c7c1a11',
    role: 'inspektorat',
    purpose: 'pemeriksaan berkala',
    what: 'GET /v1/findings',
    subject: null,
    outcome: 'answered',
  } as const;
  return record.access.note(Array.from({ length: times }, () => access));
}

/** Keeps a document and records a decision that names it, and rules that were published. */
async function decide(record: OpenRecord, directory: string) {
  const documents = new EvidenceStore(join(directory, 'evidence'));
  const kept = await keepDocument(record, documents, asking(), bytes(), {
    mediaType: 'application/pdf',
    maxBytes: 1_000,
  });
  if (isRefusal(kept)) throw new Error(kept.because);
  const { sha256, size, mediaType } = kept;
  const evidence: Evidence[] = [{ sha256, size, mediaType }];
  await record.journal.fill();
  const [first] = await record.database.read<{ stream: string }>(
    "SELECT stream FROM journal WHERE type = 'AppraisalScored' ORDER BY idx LIMIT 1",
  );
  const stream = first?.stream ?? '';
  const written = await record.transact(CIVIL_SERVANT, stream, asking({ evidence }), () => [
    {
      type: 'TrainingCompleted',
      data: {
        name: 'Pelatihan Kepemimpinan Pengawas',
        form: 'diklat-struktural',
        organiser: 'BPSDM Provinsi',
        from: '2025-02-03',
        to: '2025-02-05',
        year: 2025,
        jpClaimed: 24,
        jpRecognised: 24,
        ruleSet: refTo(JP_RULES),
      },
    },
  ]);
  if (isRefusal(written) || 'moved' in written) throw new Error(`nothing was decided in ${stream}`);
  const subject = stream.slice('civilServant-'.length);
  return { subject, event: written.events[0]?.id ?? uuidv7(), document: sha256 };
}

async function* bytes(): AsyncGenerator<Buffer> {
  yield DOCUMENT;
}

/** What was sealed, and what is attacked in it: with enough events of others before the next of its stream. */
function placesIn(
  directory: string,
  policyText: string,
  document: string,
): Promise<Pick<Prepared, 'sizes' | 'attacked' | 'keptAt'>> {
  return opened(directory, policyText, async ({ record }) => {
    const sizes = (await record.checkpoints.page(ORIGIN, -1, 100)).map(({ size }) => size);
    const [attacked] = await record.database.read<Prepared['attacked']>(
      `SELECT idx AS "index", next FROM (
         SELECT idx, type, leaf, LEAD(idx) OVER (PARTITION BY stream ORDER BY idx) AS next FROM journal
       ) AS following
       WHERE idx >= ? AND next < ? AND next > idx + 20 AND type = 'AppraisalScored' AND leaf LIKE '%"baik"%'
       ORDER BY idx LIMIT 1`,
      [sizes[0], sizes[1]],
    );
    if (!attacked) throw new Error('the sample has no event that the attacks are made for');
    const keptAt = (await record.journal.newest(evidenceStream(document)))?.index ?? -1;
    return { sizes, attacked, keptAt };
  });
}
