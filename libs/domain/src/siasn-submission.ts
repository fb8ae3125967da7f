import type { CivilServantEvent } from './civil-servant.ts';
import { SOMEBODYS_NUMBER } from './erase.ts';
import { type Decision, type Event, type Recorded, type Refusal, refuse } from './event.ts';

/** What SIASN can be told, each by a service of its own (domain 10.5). */
export const SIASN_KINDS = [
  'skp22',
  'kinerjaperiodik',
  'hukdis',
  'kursus',
  'diklat',
  'penghargaan',
  'unorjabatan',
] as const;
export type SiasnKind = (typeof SIASN_KINDS)[number];

/** Who can mend what went wrong: the city's HR agency, the national one, or who runs this program. */
export type SiasnMender = 'BKPSDM' | 'BKN' | 'operator';

/**
 * What became of telling SIASN an event: an official released or withdrew it, it is being sent, it was sent (by this
 * program, or by hand), could not be sent yet, was refused, or nobody knows. `digest` is SHA-256 of what was released
 * without personal fields; `siasnId` the id of SIASN's row; `error` SIASN's words without names and numbers.
 */
export type SiasnSubmission = Event<
  'SiasnSubmission',
  {
    event: string;
    change: 'released' | 'withdrawn' | 'sending' | 'sent' | 'postponed' | 'failed' | 'uncertain';
    digest?: string;
    siasnId?: string;
    because?: string;
    error?: string;
    mendedBy?: SiasnMender;
  }
>;

export type SubmissionState =
  | 'prepared'
  | 'released'
  | 'withdrawn'
  | 'sending'
  | 'sent'
  | 'failed'
  | 'uncertain';

/** How the telling of one event stands; `release` is the event that last released it. */
export type Submission = {
  readonly state: SubmissionState;
  readonly release?: string;
  readonly digest?: string;
  readonly siasnId?: string;
};

export const submissionStream = (event: string): string => `siasnOutbox-${event}`;

/** What cannot be sent yet is released still. */
export const stateAfter = (change: SiasnSubmission['data']['change']): SubmissionState =>
  change === 'postponed' ? 'released' : change;

export function evolveSubmission(before: Submission, { id, data }: Recorded<SiasnSubmission>): Submission {
  const { change, digest, siasnId } = data;
  return {
    ...before,
    state: stateAfter(change),
    ...(change === 'released' ? { release: id } : {}),
    ...(digest === undefined ? {} : { digest }),
    ...(siasnId === undefined ? {} : { siasnId }),
  };
}

/** How a stream of this category is folded. */
export const SIASN_SUBMISSION = {
  initial: { state: 'prepared' } as Submission,
  evolve: evolveSubmission,
};

/** The kind by which SIASN is told of a fact; undefined: there is no service for it. */
export function siasnKindOf(fact: CivilServantEvent): SiasnKind | undefined {
  switch (fact.type) {
    case 'AppraisalScored':
      return fact.data.period.kind === 'tahunan' ? 'skp22' : 'kinerjaperiodik';
    case 'SanctionImposed':
    case 'SanctionLifted':
      return 'hukdis';
    case 'TrainingCompleted':
      return fact.data.form === 'diklat-struktural' ? 'diklat' : 'kursus';
    case 'Awarded':
      return 'penghargaan';
    case 'Appointed':
      return 'unorjabatan';
    default:
      return undefined;
  }
}

const BASIS = 'PP 71/2019 Pasal 22; docs/siasn-outbox.md';
const inState = (state: SubmissionState, wanted: string): Refusal =>
  refuse('wrong-state', `it is ${state}; ${wanted}`, BASIS, 'event');

type Told = Decision<SiasnSubmission>;
const change = (data: SiasnSubmission['data']): Told => [{ type: 'SiasnSubmission', data }];

/** What is released, who put the event on the record, and who releases it: another (four eyes). */
export type Release = {
  readonly event: string;
  readonly digest: string;
  readonly recordedBy: string;
  readonly actor: string;
};

/** Lets an event be sent as it says now; after a refusal or where nobody knows, again. */
export function releaseSubmission({ event, digest, recordedBy, actor }: Release, now: Submission): Told {
  if (now.state === 'released' && now.digest === digest) return [];
  if (now.state === 'sending' || now.state === 'sent')
    return inState(now.state, 'it cannot be released any more');
  if (recordedBy === actor)
    return refuse('same-official', 'whoever put it on the record does not release it', BASIS);
  return change({ event, change: 'released', digest });
}

/** Has it not sent, or closes a task that was done by hand. `isTask`: what was sent is to be deleted in SIASN. */
export function withdrawSubmission(
  { event, because, isTask }: { event: string; because: string; isTask: boolean },
  { state }: Submission,
): Told {
  if (state === 'withdrawn') return [];
  if (state === 'sending' || (state === 'sent' && !isTask))
    return inState(state, 'it cannot be withdrawn any more');
  return namesSomebody(because) ?? change({ event, change: 'withdrawn', because });
}

const CONFIRMABLE: readonly SubmissionState[] = ['released', 'sending', 'failed', 'uncertain'];

/** An official says that SIASN has it, under this id: sent by hand, or found there where nobody knew. */
export function confirmSubmission(
  { event, siasnId }: { event: string; siasnId: string },
  now: Submission,
): Told {
  if (now.state === 'sent' && now.siasnId === siasnId) return [];
  if (!CONFIRMABLE.includes(now.state))
    return inState(now.state, 'release it before you confirm that SIASN has it');
  return change({ event, change: 'sent', siasnId });
}

/** Says, before it is sent, that it is being sent: whoever finds that later does not know whether it was. */
export function beginSending({ event }: { event: string }, { state }: Submission): Told {
  return state === 'released'
    ? change({ event, change: 'sending' })
    : inState(state, 'only what is released is sent');
}

/** What came of an attempt; of one whose outcome nobody knew, it may still be known that it was sent. */
export function tellOutcome(data: SiasnSubmission['data'], { state }: Submission): Told {
  const fits = state === 'sending' || (state === 'uncertain' && data.change === 'sent');
  const beforeSending = state === 'released' && data.change === 'failed';
  return fits || beforeSending ? change(data) : inState(state, 'nothing is being sent');
}

const namesSomebody = (text: string): Refusal | undefined =>
  SOMEBODYS_NUMBER.test(text)
    ? refuse(
        'names-somebody',
        'the log holds no NIP, NIK or PNS ID; say it without',
        'docs/adr/0002',
        'because',
      )
    : undefined;
