import type { Evidence } from '@app/domain/event';
import type { JournalRow } from '@app/journal';
import type { Comparing, LogFault } from './comparing.ts';
import { documentOf } from './document.ts';

const PAGE = 100;
const SHA256 = /^[0-9a-f]{64}$/;

/** The documents that the journal says are kept, one after the other: each must be there, with its hash and its size. */
export class KeptDocuments {
  #after: number;
  #checked: number;

  constructor(
    private readonly by: Comparing,
    private readonly fault: (fault: LogFault) => void,
  ) {
    this.#after = by.from?.documents.after ?? -1;
    this.#checked = by.from?.documents.checked ?? 0;
  }

  /** How many were looked at. */
  get checked(): number {
    return this.#checked;
  }

  state() {
    return { after: this.#after, checked: this.#checked };
  }

  /** Looks at the next ones of the first `size` entries; false: there are no more. Can be stopped between two of them. */
  async page(size: number): Promise<boolean> {
    const { journal, signal } = this.by;
    const asked = { type: 'EvidenceKept', after: this.#after, upTo: size - 1, limit: PAGE };
    const rows = await journal.read(asked);
    for (const row of rows) {
      if (signal?.aborted) break;
      const because = await this.#wrong(row);
      if (because) this.fault({ kind: 'evidence', index: row.index, because });
      this.#after = row.index;
      this.#checked++;
    }
    return rows.length === PAGE;
  }

  /** What is wrong with a document; undefined: nothing, or a decision destroyed it, of which the event comes first. */
  async #wrong({ leaf }: JournalRow): Promise<string | undefined> {
    const kept = keptIn(leaf);
    if (!kept) return 'the entry does not say which document is kept';
    const { sha256, size } = kept;
    const is = await this.by.documents.sizeOf(sha256);
    if (is === size) return undefined;
    if ((await documentOf(this.by.store, sha256)).erasedBy !== undefined) return undefined;
    if (is === undefined) return `the document ${sha256} is not there`;
    if (is === 'altered') return `the document ${sha256} is no longer what was kept`;
    return `the document ${sha256} has ${is} bytes, not ${size}`;
  }
}

/** The document that an entry says is kept; undefined: it does not, somebody changed it. */
function keptIn(leaf: string): Evidence | undefined {
  try {
    const { data } = JSON.parse(leaf) as { data?: Partial<Evidence> };
    return SHA256.test(data?.sha256 ?? '') ? (data as Evidence) : undefined;
  } catch {
    return undefined;
  }
}
