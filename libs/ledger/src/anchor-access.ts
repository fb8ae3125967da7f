import { isRefusal } from '@app/domain/event';
import { type AccessAnchored, LEDGER, LEDGER_STREAMS } from '@app/domain/ledger';
import type { Asking, Transact } from '@app/event-store';
import type { Database, Journal } from '@app/journal';
import { CompactRange, leafHash } from '@app/proof';
import { type AccessEntry, leafOfAccess } from './access-entry.ts';
import type { AccessLog } from './access-log.ts';
import type { Tree } from './tree.ts';

/** Where the access log is kept, and where its roots are recorded. */
export type Anchoring = {
  readonly database: Database;
  readonly access: AccessLog;
  readonly accessTree: Tree;
  readonly journal: Journal;
  readonly transact: Transact;
};

const PAGE = 2_000;

/** The roots of the access log that were recorded, oldest first. */
async function* anchors(journal: Journal): AsyncGenerator<Anchor> {
  for (let after = -1; ; ) {
    const rows = await journal.read({ stream: LEDGER_STREAMS.AccessAnchored, after, limit: PAGE });
    for (const { index, leaf } of rows)
      yield { ...(JSON.parse(leaf) as { data: AccessAnchored['data'] }).data, index };
    const end = rows.at(-1);
    if (!end || rows.length < PAGE) return;
    after = end.index;
  }
}

/**
 * Records the size and the root of the access log in the journal, where it grew since: what it says of the time before
 * cannot change any more. Gives what stands.
 */
export async function anchorAccess(
  { accessTree, journal, transact }: Anchoring,
  asking: Asking,
): Promise<AccessAnchored['data'] | undefined> {
  await journal.fill();
  const newest = await journal.newest(LEDGER_STREAMS.AccessAnchored);
  const before = newest && (JSON.parse(newest.leaf) as { data: AccessAnchored['data'] }).data;
  const size = await accessTree.extend();
  if (Number(size) === (before?.size ?? 0)) return before;
  const data = { size: Number(size), root: (await accessTree.root(size)).toString('base64') };
  const outcome = await transact(LEDGER, LEDGER_STREAMS.AccessAnchored, asking, () => [
    { type: 'AccessAnchored', data },
  ]);
  if (isRefusal(outcome)) throw new Error(outcome.because);
  return data;
}

/** What is wrong with the access log first: at which of its entries, and why. */
export type AccessFault = { readonly index: number; readonly because: string };

/**
 * Whether the access log is whole: no entry is missing or changed, and the roots recorded in the journal are its own.
 * Bounded memory. Undefined: nothing is wrong.
 */
export async function verifyAccess({
  access,
  journal,
}: Pick<Anchoring, 'access' | 'journal'>): Promise<AccessFault | undefined> {
  const comparison = new AccessComparison(anchors(journal));
  try {
    for (let ended = false; !ended; ) {
      const rows = await access.rows(comparison.size, PAGE);
      for (const row of rows) await comparison.take(row);
      ended = rows.length < PAGE;
    }
    await comparison.end();
    return undefined;
  } catch (cause) {
    if (cause instanceof AccessTampered) return { index: cause.index, because: cause.message };
    throw cause;
  }
}

class AccessTampered extends Error {
  constructor(
    readonly index: number,
    because: string,
  ) {
    super(because);
  }
}

type Anchor = AccessAnchored['data'] & { readonly index: number };

/** Takes the entries of the access log in order and meets the recorded roots on the way. Throws `AccessTampered`. */
class AccessComparison {
  readonly #range = new CompactRange();
  /** Entries up to here have the root that was recorded. */
  #held = 0;
  #due: Anchor | undefined;

  constructor(private readonly roots: AsyncGenerator<Anchor>) {}

  get size(): number {
    return Number(this.#range.size);
  }

  async take(row: AccessEntry): Promise<void> {
    if (row.index !== this.size)
      throw new AccessTampered(this.size, `the access log has no entry here; the next is ${row.index}`);
    const hash = leafHash(row.leaf);
    if (hash.toString('base64') !== row.leafHash || leafOfAccess(row) !== row.leaf)
      throw new AccessTampered(this.size, 'the entry of the access log is not what was entered');
    if (this.size === 0) await this.#next();
    this.#range.append(hash);
    while (this.#due?.size === this.size) await this.#meet(this.#due);
  }

  async end(): Promise<void> {
    if (this.size === 0) await this.#next();
    if (this.#due)
      throw new AccessTampered(
        this.size,
        `the access log ends here, but journal entry ${this.#due.index} recorded ${this.#due.size} entries`,
      );
  }

  async #meet({ index, size, root }: Anchor): Promise<void> {
    if (this.#range.root().toString('base64') !== root)
      throw new AccessTampered(
        this.#held,
        `journal entry ${index} recorded another root over these ${size} entries`,
      );
    this.#held = size;
    await this.#next();
  }

  async #next(): Promise<void> {
    const { value, done } = await this.roots.next();
    this.#due = done ? undefined : value;
  }
}
