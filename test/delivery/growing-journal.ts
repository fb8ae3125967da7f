import { canonical } from '@app/event-store';
import type { Journal, PassedRow, Passing } from '@app/journal';

type Made = { readonly type?: string; readonly stream?: string; readonly data?: object };

/** A journal in memory, for specs: as gapless as the real one, and counted how often it is read. */
export class GrowingJournal {
  readonly rows: PassedRow[] = [];
  reads = 0;
  looks = 0;

  add(count: number, { type = 'Promoted', stream = 'civilServant-s', data = {} }: Made = {}): this {
    for (let n = 0; n < count; n++) {
      const index = this.rows.length;
      this.rows.push({ index, leafHash: '', leaf: leafOf(index, type, stream, data) });
    }
    return this;
  }

  get journal(): Journal {
    return this as unknown as Journal;
  }

  async size(): Promise<number> {
    this.looks++;
    return this.rows.length;
  }

  async pass({ after, upTo, limit, types, streams }: Passing): Promise<PassedRow[]> {
    this.reads++;
    if (!types && !streams) return this.rows.slice(after + 1, Math.min(upTo, after + limit) + 1);
    const isWanted = ({ leaf }: PassedRow) => {
      const { type, stream } = JSON.parse(leaf);
      return (types?.includes(type) ?? true) && (streams?.includes(stream) ?? true);
    };
    return this.rows
      .slice(after + 1, upTo + 1)
      .filter(isWanted)
      .slice(0, limit);
  }
}

const leafOf = (index: number, type: string, stream: string, data: object): string =>
  canonical({
    v: 1,
    id: `event-${index}`,
    type,
    stream,
    revision: index,
    recordedAt: '2026-01-31T00:00:00.000Z',
    data,
    metadata: { actor: 'a', role: 'bkpsdm', commandId: 'c', correlationId: 'c' },
  });
