import { type CivilServantEvent, streamOf, subjectOf } from '@app/domain/civil-servant';
import { isRefusal } from '@app/domain/event';
import { EVIDENCE, eraseEvidence, evidenceStream } from '@app/domain/evidence';
import { decode, type EventStore, type Transact, uuidv7 } from '@app/event-store';
import type { JobKind, Jobs, NewJob } from '@app/jobs';
import type { Database, Journal, Sql } from '@app/journal';
import type { EvidenceStore } from '@app/ledger';
import { erasePerson, type Identifiers, type People, within } from '@app/people';
import { erasures } from '@app/projections';

/** What an erasure needs of the record. */
export type Erasable = {
  readonly store: EventStore;
  readonly transact: Transact;
  readonly database: Database;
  readonly journal: Journal;
  readonly people: People;
  readonly jobs: Jobs;
};

/** Tables that hold, or in passing held, what somebody is known by: their bytes are made to vanish. */
const TABLES = ['person', 'nip', 'account', 'job', 'parked'] as const;
/** Words that a driver or an importer may have put there; who they name is not theirs to tell. */
const WORDS = [
  ['job', 'outcome'],
  ['parked', 'cause'],
] as const;

const KIND = 'erasure';
const MINUTE_MS = 60_000;
const PAGE = 500;

/**
 * Destroys who a subject is, and the documents that were proposed with it, because the event `approval` on the record
 * says so; without it, throws. Can be called again, whenever it was killed: then it finishes. The events stay, and all
 * that was ever proven of them, since none of them says who it is about. Gives what was done, in words without names.
 */
export async function erase(
  record: Erasable,
  documents: EvidenceStore,
  subject: string,
  approval: string,
): Promise<string> {
  const { evidence } = await decidedBy(record.store, subject, approval);
  for (const sha256 of evidence) await eraseDocument(record, documents, sha256, approval);
  const found = await record.database.write(
    async (sql) => {
      const identifiers = await erasePerson(sql, subject);
      await eraseWords(sql, identifiers);
      return identifiers;
    },
    { durable: true },
  );
  await record.database.scrub(TABLES);
  return `${found.numbers.length} identifiers, ${evidence.length} documents`;
}

/** The proposal that an approval on this subject's record decides on. */
async function decidedBy(store: EventStore, subject: string, approval: string) {
  const events = (await store.read(streamOf(subject))).map((stored) => decode<CivilServantEvent>(stored));
  const approved = events.find(({ id }) => id === approval);
  const proposal =
    approved?.type === 'ErasureApproved' ? events.find(({ id }) => id === approved.data.proposal) : undefined;
  if (proposal?.type !== 'ErasureProposed')
    throw new Error(`no decision ${approval} to erase is on the record of ${subject}; nothing is erased`);
  return proposal.data;
}

/** The event first: from then on nobody can bring the document back. */
async function eraseDocument(
  record: Erasable,
  documents: EvidenceStore,
  sha256: string,
  approval: string,
): Promise<void> {
  const actor = await record.people.account('urn:jejak:courier', KIND);
  const commandId = uuidv7();
  const asking = { actor, role: 'operator', commandId, correlationId: commandId, causationId: approval };
  const outcome = await record.transact(
    EVIDENCE,
    evidenceStream(sha256),
    { ...asking, askedAt: Date.now() },
    (known) => eraseEvidence(approval, known),
  );
  if (isRefusal(outcome)) throw new Error(`the document ${sha256} cannot be erased: ${outcome.because}`);
  await documents.erase(sha256);
}

async function eraseWords(sql: Sql, { numbers, names }: Identifiers): Promise<void> {
  for (const [table, column] of WORDS)
    for (const words of [...numbers, ...names])
      await sql(`UPDATE ${table} SET ${column} = '' WHERE UPPER(${column}) LIKE ? ESCAPE '!'`, [
        within(words),
      ]);
}

/** How approved erasures are carried out: a job each, whose key is the event that approved it. */
export const erasureJobs = (record: Erasable, documents: EvidenceStore): JobKind => ({
  name: KIND,
  attempts: 20,
  backoffMs: (attempt) => Math.min(60, 2 ** attempt) * MINUTE_MS,
  claimMs: 30 * MINUTE_MS,
  run: async ({ key }) => {
    const found = await record.journal.find(key);
    const subject = found && subjectOf(found.stream);
    if (subject === undefined) throw new Error(`the decision ${key} is not in the journal`);
    return { outcome: await erase(record, documents, subject, key) };
  },
});

/**
 * Enters the jobs of approved erasures: those that are new to the view, whose row was committed with its checkpoint, and
 * again those whose people are there once more, as after a restore of an older backup. `documents`: looks for theirs,
 * too. To be called when the views have caught up; costs a look where there is nothing to do. Gives how many there were.
 */
export async function enterErasures(record: Erasable, documents?: EvidenceStore): Promise<number> {
  const { read } = record.database;
  const due = await read<{ approval: string }>(
    `SELECT e.settled_by AS approval FROM erasure e LEFT JOIN job j ON j.id = '${KIND}:' || e.settled_by
     WHERE e.state = 'approved' AND (j.id IS NULL OR (j.state = 'done' AND (
       EXISTS (SELECT 1 FROM person p WHERE p.subject = e.subject) OR
       EXISTS (SELECT 1 FROM nip n WHERE n.subject = e.subject))))`,
  );
  const keys = new Set(due.map(({ approval }) => approval));
  if (documents) for (const approval of await returned(record, documents)) keys.add(approval);
  if (keys.size > 0)
    await record.jobs.again([...keys].map((key): NewJob => ({ kind: KIND, key, dueAt: Date.now() })));
  return keys.size;
}

/** The approvals of erasures whose documents are in the store again. */
async function returned({ database }: Erasable, documents: EvidenceStore): Promise<string[]> {
  const approvals: string[] = [];
  for (let after = -1; ; ) {
    const page = await erasures(database, { state: 'approved', after, limit: PAGE });
    for (const { evidence, settledBy } of page) {
      const there = await Promise.all(evidence.map((sha256) => documents.has(sha256)));
      if (settledBy !== null && there.includes(true)) approvals.push(settledBy);
    }
    if (page.length < PAGE) return approvals;
    after = page.at(-1)?.index ?? after;
  }
}

/** Enters what is due and does it at once, for where no courier runs. Gives the outcomes. Throws where one fails. */
export async function eraseNow(record: Erasable, documents: EvidenceStore): Promise<number> {
  await enterErasures(record, documents);
  const kind = erasureJobs(record, documents);
  const due = await record.jobs.due([KIND], Date.now(), Number.MAX_SAFE_INTEGER);
  for (const { id } of due) {
    const state = await record.jobs.run(id, kind, new AbortController().signal);
    if (state !== 'done' && state !== undefined)
      throw new Error(`the erasure ${id} is not done yet; see: jejak jobs ${state}`);
  }
  return due.length;
}
