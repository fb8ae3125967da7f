import { type Decision, type Refusal, refuse } from '@app/domain/event';
import {
  confirmSubmission,
  releaseSubmission,
  SIASN_SUBMISSION,
  type SiasnSubmission,
  type Submission,
  submissionStream,
  withdrawSubmission,
} from '@app/domain/siasn-submission';
import type { Asking, Moved, Receipt, Transact } from '@app/event-store';
import { outboxRow } from '@app/projections';
import type { SiasnCodes } from './outbox-codes.ts';
import type { Looked } from './outbox-lookup.ts';
import { BASIS, isReleasable, prepare, releasable } from './outbox-prepare.ts';

/** What an official decides about an item needs. */
export type Decidable = Looked & { readonly transact: Transact };
type Outcome = Receipt | Refusal | Moved;

/** The one way to the stream of an item. */
export const onSubmission = (
  { transact }: { readonly transact: Transact },
  event: string,
  asking: Asking,
  decide: (now: Submission) => Decision<SiasnSubmission>,
): Promise<Outcome> => transact(SIASN_SUBMISSION, submissionStream(event), asking, decide);

/** Releases an item as it is now: another official than the one who put it on the record, and only if it lacks nothing. */
export async function release(
  record: Decidable,
  codes: SiasnCodes,
  event: string,
  asking: Asking,
): Promise<Outcome> {
  const prepared = await prepare(record, codes, event);
  const made = releasable(prepared);
  if (!prepared || !isReleasable(made)) return made as Refusal;
  const { recordedBy } = prepared;
  return onSubmission(record, event, asking, (now) =>
    releaseSubmission({ event, digest: made.digest, recordedBy, actor: asking.actor }, now),
  );
}

/** Has an item not sent; or closes a task. */
export async function withdraw(
  record: Decidable,
  { event, because }: { readonly event: string; readonly because: string },
  asking: Asking,
): Promise<Outcome> {
  const row = await outboxRow(record.database, event);
  if (!row) return unknown();
  const isTask = row.state === 'to-delete';
  return onSubmission(record, event, asking, (now) => withdrawSubmission({ event, because, isTask }, now));
}

/** Says that SIASN has an item under an id: it was sent by hand, or was there where nobody knew. */
export async function confirm(
  record: Decidable,
  asked: { readonly event: string; readonly siasnId: string },
  asking: Asking,
): Promise<Outcome> {
  if (!(await outboxRow(record.database, asked.event))) return unknown();
  return onSubmission(record, asked.event, asking, (now) => confirmSubmission(asked, now));
}

const unknown = () => refuse('not-in-outbox', 'SIASN is not told of such an event', BASIS, 'event');
