import { subjectOf } from '@app/domain/civil-servant';
import {
  SIASN_KINDS,
  type SiasnKind,
  type SiasnMender,
  type SubmissionState,
  siasnKindOf,
  stateAfter,
} from '@app/domain/siasn-submission';
import type { Database, Entry } from '@app/journal';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { stated } from './fact-rows.ts';
import type { Projection } from './projection.ts';

/** `superseded`: corrected or annulled before it was sent. `to-delete`: annulled, and SIASN has it. */
export const OUTBOX_STATES = [
  'prepared',
  'released',
  'sending',
  'sent',
  'failed',
  'uncertain',
  'withdrawn',
  'superseded',
  'to-delete',
] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/**
 * One row an event that SIASN is, or is not yet, told of; and of what came from SIASN, one where it was annulled here.
 * It holds nothing of anybody but the subject: what is sent is made when it is looked at (docs/siasn-outbox.md).
 */
@Entity('siasn_outbox')
@Index('siasn_outbox_state', ['state', 'index'])
export class SiasnOutboxRow {
  @PrimaryColumn('text')
  event: string;

  /** Its journal index; of what came from SIASN, the index of its annulment. */
  @Column('bigint', { name: 'idx' })
  index: number;

  @Column('text')
  subject: string;

  /** The account that recorded it; empty: it came from SIASN. */
  @Column('text')
  actor: string;

  @Column('text')
  kind: SiasnKind | 'annulment';

  @Column('text')
  state: OutboxState;

  /** How its telling stands, whatever became of the event. */
  @Column('text')
  submission: SubmissionState;

  @Column('text', { nullable: true })
  undone: 'corrected' | 'annulled' | null;

  /** The event that released it last, by whom, and when. */
  @Column('text', { nullable: true })
  release: string | null;

  @Column('text', { name: 'released_by', nullable: true })
  releasedBy: string | null;

  @Column('text', { name: 'released_at', nullable: true })
  releasedAt: string | null;

  @Column('text', { name: 'sent_at', nullable: true })
  sentAt: string | null;

  /** The id of SIASN's row. */
  @Column('text', { name: 'siasn_id', nullable: true })
  siasnId: string | null;

  @Column('text', { nullable: true })
  error: string | null;

  @Column('text', { name: 'mended_by', nullable: true })
  mendedBy: SiasnMender | null;

  /** How often sending it was begun. */
  @Column('integer')
  attempts: number;
}

export const siasnOutbox: Projection<SiasnOutboxRow> = {
  name: 'siasn-outbox',
  version: 1,
  entity: SiasnOutboxRow,
  types: [
    'AppraisalScored',
    'SanctionImposed',
    'SanctionLifted',
    'TrainingCompleted',
    'Awarded',
    'Appointed',
    'Corrected',
    'Annulled',
    'SiasnSubmission',
  ],
  keys: (entry) => {
    if (entry.type === 'SiasnSubmission' || entry.type === 'Annulled') return [entry.data.event];
    const own = toldKind(entry) === undefined ? [] : [entry.id];
    return entry.type === 'Corrected' ? [entry.data.event, ...own] : own;
  },
  evolve: (row, entry, key) => {
    if (entry.type === 'SiasnSubmission') return row && settled(submitted(row, entry));
    if (entry.type === 'Annulled') return annulled(row, entry, key);
    if (key !== entry.id) return row && settled({ ...row, undone: 'corrected' });
    const kind = toldKind(entry);
    return kind && newRow(entry, entry.id, { kind, actor: entry.metadata.actor, undone: null });
  },
};

const isFromSiasn = ({ metadata: { source } }: Entry): boolean => source?.system === 'siasn';

/** The kind by which SIASN is told of what an entry states; what SIASN said itself is never told it. */
function toldKind(entry: Entry): SiasnKind | undefined {
  const fact = isFromSiasn(entry) ? undefined : stated(entry);
  return fact && siasnKindOf(fact);
}

type Beginning = Pick<SiasnOutboxRow, 'kind' | 'actor' | 'undone'>;

function newRow({ stream, index }: Entry, event: string, of: Beginning): SiasnOutboxRow | undefined {
  const subject = subjectOf(stream);
  if (subject === undefined) return undefined;
  const nothing = { release: null, releasedBy: null, releasedAt: null, sentAt: null, siasnId: null };
  return settled({
    event,
    index,
    subject,
    ...of,
    ...nothing,
    state: 'prepared',
    submission: 'prepared',
    error: null,
    mendedBy: null,
    attempts: 0,
  });
}

/** What is annulled here and was not recorded here may stand in SIASN still. */
function annulled(row: SiasnOutboxRow | undefined, entry: Entry, key: string): SiasnOutboxRow | undefined {
  if (row) return settled({ ...row, undone: 'annulled' });
  if (isFromSiasn(entry)) return undefined;
  return newRow(entry, key, { kind: 'annulment', actor: '', undone: 'annulled' });
}

function submitted(row: SiasnOutboxRow, entry: Entry & { type: 'SiasnSubmission' }): SiasnOutboxRow {
  const { change, siasnId, error, mendedBy } = entry.data;
  const at = entry.recordedAt;
  const release = { release: entry.id, releasedBy: entry.metadata.actor, releasedAt: at };
  return {
    ...row,
    submission: stateAfter(change),
    ...(change === 'released' ? release : {}),
    ...(change === 'sent' ? { sentAt: at, siasnId: siasnId ?? row.siasnId } : {}),
    error: error ?? null,
    mendedBy: mendedBy ?? null,
    attempts: row.attempts + (change === 'sending' ? 1 : 0),
  };
}

const settled = (row: SiasnOutboxRow): SiasnOutboxRow => ({ ...row, state: stateOf(row) });

/** What was corrected or annulled before it was sent is not sent; where it is not known whether it was, that stays. */
function stateOf({ submission, undone, kind }: SiasnOutboxRow): OutboxState {
  if (undone === null || submission === 'sending' || submission === 'uncertain' || submission === 'withdrawn')
    return submission;
  const isThere = submission === 'sent' || kind === 'annulment';
  if (!isThere) return 'superseded';
  return undone === 'annulled' ? 'to-delete' : 'sent';
}

/** What to list: after a journal index, at most so many, in a state or of a kind. */
export type OutboxWanted = {
  readonly state?: OutboxState;
  readonly kind?: SiasnOutboxRow['kind'];
  readonly after?: number;
  readonly limit: number;
};

export const OUTBOX_KINDS = [...SIASN_KINDS, 'annulment'] as const;

/** Rows in the order their events were recorded. */
export function outbox(
  database: Database,
  { state, kind, after = -1, limit }: OutboxWanted,
): Promise<SiasnOutboxRow[]> {
  const query = database.reader
    .getRepository(SiasnOutboxRow)
    .createQueryBuilder('o')
    .where('o.index > :after', { after });
  if (state !== undefined) query.andWhere('o.state = :state', { state });
  if (kind !== undefined) query.andWhere('o.kind = :kind', { kind });
  return query.orderBy('o.index').limit(limit).getMany();
}

export const outboxRow = (database: Database, event: string): Promise<SiasnOutboxRow | null> =>
  database.reader.getRepository(SiasnOutboxRow).findOneBy({ event });
