import { isRefusal, type Refusal, refuse } from '@app/domain/event';
import { type OutboxState, outboxRow, type SiasnOutboxRow } from '@app/projections';
import { Missing } from './outbox-cells.ts';
import type { SiasnCodes } from './outbox-codes.ts';
import { SIASN_SERVICES } from './outbox-fields.ts';
import { kindSaid, type Looked, lookUp, siasnRow, standing, type Trail, trailOf } from './outbox-lookup.ts';
import { isLacking, type Lack, type Payload, payloadOf } from './outbox-payload.ts';
import { digestOf } from './row.ts';

/** What a person has to do in SIASN: delete the row, by a service that there is, or by hand. */
export type DeletionTask = {
  readonly siasnId: string | null;
  readonly service?: string;
  readonly does: string;
};

/** An item as it can be sent now, or what it lacks, or what a person has to do, or nothing: it was undone. */
export type Prepared = {
  readonly row: SiasnOutboxRow;
  readonly payload?: Payload;
  /** SHA-256 of the payload without personal fields. */
  readonly digest?: string;
  readonly lacks?: readonly Lack[];
  readonly task?: DeletionTask;
  /** The account that put it on the record. */
  readonly recordedBy: string;
  /** Whose data this tells. */
  readonly subjects: readonly string[];
  /** Words that name somebody. */
  readonly hide: readonly string[];
};

/** Makes an item, from what is known now; undefined: SIASN need not be told of such an event. */
export async function prepare(from: Looked, codes: SiasnCodes, event: string): Promise<Prepared | undefined> {
  const row = await outboxRow(from.database, event);
  return row ? preparedOf(from, codes, row) : undefined;
}

export async function preparedOf(from: Looked, codes: SiasnCodes, row: SiasnOutboxRow): Promise<Prepared> {
  const trail = await trailOf(from.store, row.subject);
  const recordedBy = trail.events.find(({ id }) => id === row.event)?.metadata.actor ?? row.actor;
  const bare = { row, recordedBy, subjects: [row.subject], hide: [] };
  const fact = standing(trail, row.event);
  if (!fact) {
    const isTask = row.state === 'to-delete';
    return isTask ? { ...bare, task: await deletion(from, trail, row) } : bare;
  }
  const { told, ...found } = await lookUp(from, codes, row, trail, fact);
  const payload = payloadOf(told, codes);
  if (isLacking(payload)) return { ...bare, ...found, lacks: payload.lacks };
  return { ...bare, ...found, payload, digest: digest(payload) };
}

function digest({ body }: Payload): string {
  const made = digestOf(body);
  if (typeof made !== 'string') throw new Error(`a payload without a digest: ${made.because}`);
  return made;
}

async function deletion({ store }: Looked, trail: Trail, row: SiasnOutboxRow): Promise<DeletionTask> {
  const original = trail.events.find(({ id }) => id === row.event);
  const kind = kindSaid(original);
  const source = original?.metadata.source;
  const at = kind ? await siasnRow(store, trail, row.event, kind) : (source?.row ?? null);
  if (at === null) return { siasnId: null, does: 'tidak ada yang perlu dihapus / nothing of it is in SIASN' };
  if (at instanceof Missing) return { siasnId: null, does: `hapus di SIASN; ${at.why}` };
  const { remove } = kind ? SIASN_SERVICES[kind] : { remove: undefined };
  const list = kind ? SIASN_SERVICES[kind].list : source?.list;
  return remove
    ? { siasnId: at, service: `${remove}/${at}`, does: `hapus di SIASN (${list}) / delete it in SIASN` }
    : { siasnId: at, does: `hapus dengan tangan di SIASN (${list}) / delete it by hand in SIASN` };
}

const OPEN: readonly OutboxState[] = ['prepared', 'released', 'failed', 'uncertain', 'withdrawn'];

/** What can be released: a payload that lacks nothing, of an event that stands; else why not. */
export function releasable(prepared: Prepared | undefined): Required<Pick<Prepared, 'digest'>> | Refusal {
  if (!prepared) return refuse('not-in-outbox', 'SIASN is not told of such an event', BASIS, 'event');
  const { row, lacks, digest: made } = prepared;
  if (lacks)
    return refuse('lacking', lacks.map(({ field, why }) => `${field}: ${why}`).join('; '), BASIS, 'event');
  if (made === undefined || !OPEN.includes(row.state))
    return refuse('nothing-to-release', `it is ${made === undefined ? 'undone' : row.state}`, BASIS, 'event');
  return { digest: made };
}

export const BASIS = 'docs/siasn-outbox.md';
export const isReleasable = (made: ReturnType<typeof releasable>): made is { digest: string } =>
  !isRefusal(made);
