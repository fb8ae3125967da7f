import { isRefusal } from '@app/domain/event';
import {
  beginSending,
  type SiasnSubmission,
  type Submission,
  tellOutcome,
} from '@app/domain/siasn-submission';
import { type Asking, uuidv7 } from '@app/event-store';
import { type Job, type JobKind, type Jobs } from '@app/jobs';
import { entryOf, type Journal } from '@app/journal';
import type { SiasnCodes } from './outbox-codes.ts';
import { type Decidable, onSubmission } from './outbox-decide.ts';
import { submissionOf } from './outbox-lookup.ts';
import { type Prepared, prepare } from './outbox-prepare.ts';
import { wordsWithout } from './outbox-words.ts';
import type { SiasnAnswer, SiasnService } from './siasn-service.ts';

/** What sending needs of the record. */
export type Sendable = Decidable & { readonly journal: Journal; readonly jobs: Jobs };

const KIND = 'siasn-send';
const MINUTE_MS = 60_000;
const ATTEMPTS = 8;

/**
 * Enters a job for every release that has none; its row was committed with the view's checkpoint. To be called when the
 * views have caught up. Gives how many there were.
 */
export async function enterSubmissions({
  database,
  jobs,
}: Pick<Sendable, 'database' | 'jobs'>): Promise<number> {
  const due = await database.read<{ release: string }>(
    `SELECT o."release" AS "release" FROM siasn_outbox o LEFT JOIN job j ON j.id = '${KIND}:' || o."release"
     WHERE o.state = 'released' AND j.id IS NULL`,
  );
  if (due.length > 0)
    await jobs.enter(due.map(({ release }) => ({ kind: KIND, key: release, dueAt: Date.now() })));
  return due.length;
}

/** How released items are sent: a job each, whose key is the event that released it. */
export const submissionJobs = (
  record: Sendable,
  service: SiasnService,
  codes: () => Promise<SiasnCodes>,
): JobKind => ({
  name: KIND,
  attempts: ATTEMPTS,
  backoffMs: (attempt) => Math.min(60, 2 ** attempt) * MINUTE_MS,
  claimMs: 5 * MINUTE_MS,
  run: async (job, signal) => ({
    outcome: await new Sending(record, service, await codes(), job, signal).run(),
  }),
});

/** One attempt. That it is being sent is on the record before it is: who finds only that, does not send again. */
class Sending {
  #event = '';

  constructor(
    private readonly record: Sendable,
    private readonly service: SiasnService,
    private readonly codes: SiasnCodes,
    private readonly job: Job,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<string> {
    this.#event = await this.#released();
    const now = await submissionOf(this.record.store, this.#event);
    if (now.release !== this.job.key) return 'it was released again since';
    if (now.state === 'sending') return this.#unknownSince();
    if (now.state !== 'released') return `it is ${now.state}`;
    const prepared = await prepare(this.record, this.codes, this.#event);
    return this.#send(prepared, now);
  }

  async #send(prepared: Prepared | undefined, { digest }: Submission): Promise<string> {
    if (!prepared?.payload) return this.#cannot(prepared);
    if (prepared.digest !== digest)
      return this.#fail('what is said has changed since it was released; look at it and release it again');
    await this.#tell((now) => beginSending({ event: this.#event }, now));
    return this.#told(await this.service.send(prepared.payload, this.signal), prepared);
  }

  /** Undone since: nothing is to be sent, and the row says so. */
  #cannot(prepared: Prepared | undefined): Promise<string> {
    const lacks = prepared?.lacks?.map(({ field }) => field).join(', ');
    return lacks === undefined
      ? Promise.resolve('it was corrected or annulled; nothing is sent')
      : this.#fail(`it lacks ${lacks} now`);
  }

  async #told(answer: SiasnAnswer, { hide, payload }: Prepared): Promise<string> {
    if ('id' in answer) {
      await this.#outcome({ change: 'sent', siasnId: answer.id });
      return 'sent';
    }
    const error = wordsWithout(answer.error, hide, payload?.body ?? {});
    const again = answer.what === 'not-reached' && this.job.attempts < ATTEMPTS;
    const change = again ? 'postponed' : answer.what === 'unknown' ? 'uncertain' : 'failed';
    await this.#outcome({ change, error, mendedBy: answer.mendedBy });
    if (again) throw new Error(error);
    return `${change}: ${error}`;
  }

  async #unknownSince(): Promise<string> {
    const error = 'the process ended while it was being sent; look in SIASN, then confirm or release it';
    await this.#outcome({ change: 'uncertain', error, mendedBy: 'BKPSDM' });
    return `uncertain: ${error}`;
  }

  async #fail(error: string): Promise<string> {
    await this.#outcome({ change: 'failed', error, mendedBy: 'BKPSDM' });
    return `failed: ${error}`;
  }

  #outcome(data: Omit<SiasnSubmission['data'], 'event'>): Promise<void> {
    return this.#tell((now) => tellOutcome({ event: this.#event, ...data }, now));
  }

  async #tell(decide: Parameters<typeof onSubmission>[3]): Promise<void> {
    const outcome = await onSubmission(this.record, this.#event, await this.#asking(), decide);
    if (isRefusal(outcome)) throw new Error(`${outcome.refused}: ${outcome.because}`);
  }

  async #asking(): Promise<Asking> {
    const actor = await this.record.people.account('urn:jejak:courier', KIND);
    const commandId = uuidv7();
    const told = { actor, role: 'operator', commandId, correlationId: commandId, causationId: this.job.key };
    return { ...told, askedAt: Date.now() };
  }

  /** The event that the release is of. */
  async #released(): Promise<string> {
    const found = await this.record.journal.find(this.job.key);
    const entry = found && entryOf(found);
    if (entry?.type !== 'SiasnSubmission')
      throw new Error(`the release ${this.job.key} is not in the journal`);
    return entry.data.event;
  }
}
