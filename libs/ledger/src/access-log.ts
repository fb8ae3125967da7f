import { setImmediate as turn } from 'node:timers/promises';
import { canonical, NotStorable } from '@app/event-store';
import type { Database, Sql } from '@app/journal';
import { leafHash } from '@app/proof';
import { type Access, type AccessEntry, type Accessed, leafOfAccess } from './access-entry.ts';

/** Which entries: after an index, at most so many, of one subject or actor. */
export type AccessWanted = {
  readonly after?: number;
  readonly limit: number;
  readonly subject?: string;
  readonly actor?: string;
};

type Waiting = {
  readonly entries: readonly Access[];
  readonly settle: () => void;
  readonly fail: (cause: unknown) => void;
};

/** How many calls one transaction takes, and how many rows one statement. */
const MOST_CALLS = 1_000;
const MOST_ROWS = 100;

const COLUMNS = 'idx AS "index", "at", actor, role, purpose, what, subject, outcome';

/**
 * Who read whose data, for what: entered before the answer, in one gapless order over all processes of a database, and
 * never changed. Whoever answers a read MUST wait for `note`, and MUST NOT answer where it throws.
 */
export class AccessLog {
  #waiting: Waiting[] = [];
  #committing: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Enters reads, next to each other; ends when they are on the device. Calls of the same moment, and those that come
   * while others are written, are one transaction. Throws `NotStorable` for text that cannot be kept, and what the
   * database throws: then nothing of this call is entered.
   */
  note(entries: readonly Access[]): Promise<void> {
    return new Promise((settle, fail) => {
      for (const entry of entries) assertStorable(entry);
      if (entries.length === 0) return settle();
      this.#waiting.push({ entries, settle, fail });
      this.#committing ??= this.#commitWaiting();
    });
  }

  /** Entries in order. */
  read({ after = -1, limit, subject, actor }: AccessWanted): Promise<Accessed[]> {
    const only = Object.entries({ subject, actor }).filter(([, value]) => value !== undefined);
    const where = ['idx > ?', ...only.map(([name]) => `${name} = ?`)].join(' AND ');
    return this.database.read<Accessed>(`SELECT ${COLUMNS} FROM access WHERE ${where} ORDER BY idx LIMIT ?`, [
      after,
      ...only.map(([, value]) => value),
      limit,
    ]);
  }

  /** How many entries there are; the last has this index less one. */
  async size(): Promise<number> {
    return (await last(this.database.read)).size;
  }

  /** Whole rows, at most `limit`, from an index: for whoever checks them. */
  rows(from: number, limit: number): Promise<AccessEntry[]> {
    return this.database.read<AccessEntry>(
      `SELECT ${COLUMNS}, leaf, leaf_hash AS "leafHash" FROM access WHERE idx >= ? ORDER BY idx LIMIT ?`,
      [from, limit],
    );
  }

  /** The leaf hashes of entries in order, base64: from an index on, at most so many. */
  async leafHashes(from: number, limit: number): Promise<string[]> {
    const rows = await this.database.read<{ hash: string }>(
      'SELECT leaf_hash AS hash FROM access WHERE idx >= ? ORDER BY idx LIMIT ?',
      [from, limit],
    );
    return rows.map(({ hash }) => hash);
  }

  async #commitWaiting(): Promise<void> {
    await turn();
    while (this.#waiting.length > 0) {
      let batch: Waiting[] = [];
      try {
        await this.database.write(
          async (sql) => {
            // As late as can be: who came while others held the pen is in it, too.
            batch = this.#waiting.splice(0, MOST_CALLS);
            await append(
              sql,
              batch.flatMap(({ entries }) => entries),
              this.now(),
            );
          },
          { durable: true },
        );
        for (const { settle } of batch) settle();
      } catch (cause) {
        // Those who wait behind would only learn the same, one transaction after the other.
        for (const { fail } of [...batch, ...this.#waiting.splice(0)]) fail(cause);
      }
    }
    this.#committing = undefined;
  }
}

/** Holding the pen: what is last is last until the commit. */
async function append(sql: Sql, accesses: readonly Access[], now: number): Promise<void> {
  const { size, at: latest } = await last(sql);
  // The clock of a server may go back, or differ from another's.
  const at = new Date(Math.max(now, Date.parse(latest))).toISOString();
  await insert(
    sql,
    accesses.map((access, n) => rowOf({ ...access, index: size + n, at })),
  );
}

function rowOf(accessed: Accessed): AccessEntry {
  const leaf = leafOfAccess(accessed);
  return { ...accessed, leaf, leafHash: leafHash(leaf).toString('base64') };
}

/** Adds rows as they are; never in the place of one that is there. */
export async function insert(sql: Sql, rows: readonly AccessEntry[]): Promise<void> {
  for (let from = 0; from < rows.length; from += MOST_ROWS) {
    const some = rows.slice(from, from + MOST_ROWS);
    await sql(
      `INSERT INTO access (idx, "at", actor, role, purpose, what, subject, outcome, leaf, leaf_hash)
       VALUES ${some.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
      some.flatMap(({ index, at, actor, role, purpose, what, subject, outcome, leaf, leafHash: hash }) => [
        index,
        at,
        actor,
        role,
        purpose,
        what,
        subject,
        outcome,
        leaf,
        hash,
      ]),
    );
  }
}

async function last(sql: Sql): Promise<{ size: number; at: string }> {
  const [entry] = await sql<{ idx: number; at: string }>(
    'SELECT idx, "at" FROM access ORDER BY idx DESC LIMIT 1',
  );
  return entry ? { size: entry.idx + 1, at: entry.at } : { size: 0, at: new Date(0).toISOString() };
}

/** One that cannot be kept must not take others with it who are in the same transaction. */
function assertStorable(access: Access): void {
  const { actor, role, purpose, what, subject, outcome } = access;
  const text = canonical({ actor, role, purpose, what, subject, outcome });
  // PostgreSQL keeps no NUL in a text.
  if (text.includes('\\u0000')) throw new NotStorable('an entry of the access log holds a NUL');
}
