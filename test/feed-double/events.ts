import { type CloudEvent, cloudEvent } from '@app/delivery';
import { canonical } from '@app/event-store';

/** What a test puts on the record, of one of its subjects. */
export type Said = { readonly of: number; readonly type: string; readonly data: object };

const uuid = (first: string, n: number) => `${first}-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const subjectOf = (n: number): string => `civilServant-${uuid('00000000', n)}`;
export const idOf = (index: number): string => uuid('019a0000', index);

/** An event as the server tells it to who may read everything. */
export function eventAt(index: number, { of, type, data }: Said, origin: string): CloudEvent {
  const leaf = canonical({
    v: 1,
    id: idOf(index),
    type,
    stream: subjectOf(of),
    revision: index,
    recordedAt: '2026-01-31T01:02:03.004Z',
    data,
    metadata: { actor: 'a1', role: 'bkpsdm', commandId: 'c', correlationId: 'c1' },
  });
  const row = { index, leaf, leafHash: Buffer.alloc(32, index).toString('base64') };
  return cloudEvent(row, { sees: 'restricted', reads: 'restricted' }, origin) as CloudEvent;
}

/** One of many events: promotions and placements of seven people, in turn. */
export const anyAt = (index: number): Said =>
  index % 2 === 0
    ? { of: index % 7, type: 'Promoted', data: { golongan: 'III/b', jenis: 'reguler', tmt: '2025-04-01' } }
    : { of: index % 7, type: 'Placed', data: { unit: `u${index % 5}`, tmt: '2025-04-01' } };
