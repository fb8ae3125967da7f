import type { Metadata } from '@app/domain/event';
import { canonical } from '@app/event-store';
import { leafOf } from '@app/journal';
import { headLeaf } from '@app/ledger';
import { leafHash, rootOf } from '@app/proof';
import { GivenLog } from './log.ts';

/** What is said of an event; the rest is as it must be. */
export type Said = {
  readonly type?: string;
  readonly data?: unknown;
  readonly id?: string;
  readonly revision?: number;
  readonly recordedAt?: string;
  readonly metadata?: Partial<Metadata> & Record<string, unknown>;
};

export const BEGUN = Date.parse('2025-01-06T01:00:00.000Z');

export const uuid = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** A log whose leaves are events, each a second after the one before. */
export class GivenJournal extends GivenLog {
  readonly #heads = new Map<string, { versions: bigint; lastIndex: bigint }>();

  /** Records an event; gives its id. */
  record(stream: string, said: Said = {}): string {
    const index = this.leaves.length;
    const versions = this.#heads.get(stream)?.versions ?? 0n;
    this.#heads.set(stream, { versions: versions + 1n, lastIndex: BigInt(index) });
    const id = said.id ?? uuid(index);
    this.append(
      leafOf({
        id,
        stream,
        type: said.type ?? 'Noted',
        revision: said.revision ?? Number(versions),
        recordedAt: said.recordedAt ?? new Date(BEGUN + index * 1_000).toISOString(),
        data: canonical(said.data ?? { n: index }),
        metadata: canonical({ actor: uuid(1), role: 'bkpsdm', ...said.metadata }),
        position: index,
      }),
    );
    return id;
  }

  /** What `HeadsCommitted` says as of now. */
  heads(): { asOf: number; count: number; root: string } {
    const sorted = [...this.#heads].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const leaves = sorted.map(([stream, { versions, lastIndex }]) =>
      leafHash(headLeaf(stream, versions, lastIndex)),
    );
    return {
      asOf: this.leaves.length,
      count: leaves.length,
      root: rootOf(leaves).toString('base64'),
    };
  }

  publish(id: string, version = 1, stream = `policy-${id}`): string {
    return this.record(stream, { type: 'RuleSetPublished', data: { id, version, terms: {} } });
  }

  keep(sha256: string, stream = `evidence-${sha256}`): string {
    return this.record(stream, {
      type: 'EvidenceKept',
      data: { sha256, size: 3, mediaType: 'application/pdf' },
    });
  }
}
