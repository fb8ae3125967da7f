import type { Settings } from '@app/config';
import { type Asking, uuidv7 } from '@app/event-store';
import { daily, type JobKind } from '@app/jobs';
import { anchorAccess, commitHeads, EvidenceStore } from '@app/ledger';
import { unitIdsByName } from '@app/projections';
import { enterErasures, erasureJobs, type OpenRecord } from '@app/record';
import { BknService, importSiasn, readSiasnCodes, submissionJobs } from '@app/siasn';

/** A little after midnight: the day has passed in every clock's reading of it. */
const DAY_HAS_PASSED = '00:01';
const HEADS_AT = '00:05';
const ANCHOR_AT = '00:10';
const ERASED_AGAIN_AT = '00:20';
const MINUTE_MS = 60_000;
const ATTEMPTS_FORGOTTEN_AT = '00:30';
const ATTEMPTS_KEPT_MS = 30 * 24 * 60 * MINUTE_MS;
const later = (attempt: number): number => Math.min(60, 2 ** attempt) * MINUTE_MS;

const KEPT_UP = { attempts: 10, backoffMs: later, claimMs: 10 * MINUTE_MS };

/** Who asks when nobody does. */
async function asking({ people }: OpenRecord): Promise<Asking> {
  const actor = await people.account('urn:jejak:courier', 'ledger');
  const commandId = uuidv7();
  return { actor, role: 'operator', commandId, correlationId: commandId, askedAt: Date.now() };
}

/** The jobs that the courier does, whatever causes them. */
export function works(record: OpenRecord, { timeZone, dailyImport, evidence, siasn }: Settings): JobKind[] {
  const day = daily(
    'date-passed',
    { at: DAY_HAS_PASSED, timeZone },
    async () => `${await record.views.passDay()} rows settled`,
    KEPT_UP,
  );
  const heads = daily(
    'heads',
    { at: HEADS_AT, timeZone },
    async () => {
      await record.journal.fill();
      const { asOf, count } = await commitHeads(record, await asking(record));
      return `${count} streams as of ${asOf}`;
    },
    KEPT_UP,
  );
  const anchor = daily(
    'access-anchor',
    { at: ANCHOR_AT, timeZone },
    async () => {
      const anchored = await anchorAccess(record, await asking(record));
      return `${anchored?.size ?? 0} entries`;
    },
    KEPT_UP,
  );
  const documents = new EvidenceStore(evidence.directory);
  const erasures = erasureJobs(record, documents);
  // Documents, too, come back with a copy of before (docs/adr/0014).
  const stayErased = daily(
    'erased-again',
    { at: ERASED_AGAIN_AT, timeZone },
    async () => `${await enterErasures(record, documents)} erasures entered`,
    KEPT_UP,
  );
  const attempts = daily(
    'webhook-attempts',
    { at: ATTEMPTS_FORGOTTEN_AT, timeZone },
    async () => {
      await record.subscriptions.forget(Date.now() - ATTEMPTS_KEPT_MS);
      return 'those of a month ago are forgotten';
    },
    KEPT_UP,
  );
  const kinds = [day, heads, anchor, erasures, stayErased, attempts, ...siasnWorks(record, siasn)];
  if (!dailyImport) return kinds;
  const { directory, at } = dailyImport;
  const pull = daily('import', { at, timeZone }, (_, signal) => importOnce(record, directory, signal), {
    attempts: 5,
    backoffMs: later,
    claimMs: 10 * MINUTE_MS,
  });
  return [...kinds, pull];
}

/** Sending what was released, where there are accounts for it. The codes are read anew each time. */
const siasnWorks = (record: OpenRecord, { service, codesFile, ...ids }: Settings['siasn']): JobKind[] =>
  service ? [submissionJobs(record, new BknService(service), () => readSiasnCodes(codesFile, ids))] : [];

/** Imports a directory as it is now; what was imported before writes nothing. Gives the counts, and nobody's name. */
async function importOnce(record: OpenRecord, directory: string, signal: AbortSignal): Promise<string> {
  // Units that are on the record are named by their ids.
  await record.catchUp(undefined, signal);
  const actor = await record.people.account('urn:jejak:courier', 'import');
  const { transact, people, today } = record;
  const report = await importSiasn(
    [directory],
    { transact, people, today, unitIdOf: await unitIdsByName(record.database) },
    { actor, role: 'operator', correlationId: uuidv7() },
    { signal },
  );
  return `${report.events} events, ${report.refusedTotal} rows refused`;
}
