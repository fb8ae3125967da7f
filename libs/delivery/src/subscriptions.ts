import { enter } from '@app/jobs';
import { type Bulk, bulk, type Database, type Sql } from '@app/journal';
import { AttemptMade, BEHIND, Held, Subscription } from './subscription.ts';

/** The kind of the jobs that deliver; its key is a subscription. */
export const WEBHOOK = 'webhook';

const COLUMNS = `id, name, owner, "key", url, filters, ordering, sees, reads, secret, previous_secret AS "previousSecret",
  previous_until AS "previousUntil", state, because, cursor, fails, failing_since AS "failingSince", next_at AS "nextAt",
  created_at AS "createdAt"`;
const ATTEMPT = 'subscription, idx AS "index", at, n, event, status, fault, ms, head';
/** What an owner may change of a subscription, and what comes of deliveries. */
type Change = Partial<Omit<Subscription, 'id' | 'owner' | 'createdAt'>>;
const NAMES: Readonly<Record<string, string>> = {
  key: '"key"',
  previousSecret: 'previous_secret',
  previousUntil: 'previous_until',
  failingSince: 'failing_since',
  nextAt: 'next_at',
};

/** The subscriptions, what is held for each, and what was attempted. */
export class Subscriptions {
  readonly #rows: Bulk<Subscription>;
  readonly #held: Bulk<Held>;
  readonly #attempts: Bulk<AttemptMade>;

  constructor(readonly database: Database) {
    this.#rows = bulk(database.reader, Subscription);
    this.#held = bulk(database.reader, Held);
    this.#attempts = bulk(database.reader, AttemptMade);
  }

  /** Enters a subscription, and the job that delivers for it. */
  add(subscription: Subscription): Promise<void> {
    return this.database.write(async (sql) => {
      await this.#rows.upsert(sql, [subscription]);
      await enter(sql, [{ kind: WEBHOOK, key: subscription.id, dueAt: Date.now() }]);
    });
  }

  async find(id: string, sql: Sql = this.database.read): Promise<Subscription | undefined> {
    const [row] = await sql<Subscription>(`SELECT ${COLUMNS} FROM subscription WHERE id = ?`, [id]);
    return row;
  }

  /** Those of an owner, or all, the oldest first. */
  list(owner?: string): Promise<Subscription[]> {
    const [where, values] = owner === undefined ? ['', []] : ['WHERE owner = ?', [owner]];
    return this.database.read<Subscription>(
      `SELECT ${COLUMNS} FROM subscription ${where} ORDER BY created_at, id`,
      values,
    );
  }

  /** Changes it, and has its deliveries gone on with now. False: there is no such subscription any more. */
  change(id: string, change: Change): Promise<boolean> {
    return this.database.write(async (sql) => {
      if (!(await this.find(id, sql))) return false;
      await this.write(sql, id, change);
      await sql("UPDATE job SET due_at = ? WHERE id = ? AND state = 'waiting' AND claimed_until = 0", [
        Date.now(),
        `${WEBHOOK}:${id}`,
      ]);
      return true;
    });
  }

  /** In a transaction of somebody's own. */
  async write(sql: Sql, id: string, change: Change): Promise<void> {
    const entries = Object.entries(change);
    if (entries.length === 0) return;
    const sets = entries.map(([name]) => `${NAMES[name] ?? name} = ?`).join(', ');
    await sql(`UPDATE subscription SET ${sets} WHERE id = ?`, [...entries.map(([, value]) => value), id]);
  }

  /** Takes it away with all that is held and was attempted; its job ends when it looks the next time. */
  remove(id: string): Promise<boolean> {
    return this.database.write(async (sql) => {
      if (!(await this.find(id, sql))) return false;
      for (const table of ['webhook_attempt', 'webhook_held'])
        await sql(`DELETE FROM ${table} WHERE subscription = ?`, [id]);
      await sql('DELETE FROM subscription WHERE id = ?', [id]);
      return true;
    });
  }

  /** What was attempted last, at most `limit`, before an index where one is given. */
  attempts(id: string, limit: number, of?: number): Promise<AttemptMade[]> {
    const [and, values] = of === undefined ? ['', []] : ['AND idx = ?', [of]];
    return this.database.read<AttemptMade>(
      `SELECT ${ATTEMPT} FROM webhook_attempt WHERE subscription = ? ${and} ORDER BY at DESC, idx DESC LIMIT ?`,
      [id, ...values, limit],
    );
  }

  /** How many events are held, and the lowest index among them. */
  async held(id: string): Promise<{ count: number; first: number | null }> {
    const [row] = await this.database.read<{ count: number; first: number | null }>(
      'SELECT COUNT(*) AS count, MIN(idx) AS first FROM webhook_held WHERE subscription = ?',
      [id],
    );
    return row ?? { count: 0, first: null };
  }

  /** Held events that are due, in order. */
  due(id: string, by: number, limit: number): Promise<Held[]> {
    return this.database.read<Held>(
      `SELECT subscription, idx AS "index", lane, attempts, due_at AS "dueAt" FROM webhook_held
       WHERE subscription = ? AND due_at <= ? ORDER BY idx LIMIT ?`,
      [id, by, limit],
    );
  }

  /** When the next held event is due; undefined: none is. */
  async nextDue(id: string, sql: Sql = this.database.read): Promise<number | undefined> {
    const [row] = await sql<{ at: number | null }>(
      'SELECT MIN(due_at) AS at FROM webhook_held WHERE subscription = ?',
      [id],
    );
    return row?.at ?? undefined;
  }

  /** Which of some lanes have something held. */
  async blocked(id: string, lanes: readonly string[]): Promise<ReadonlySet<string>> {
    if (lanes.length === 0) return new Set();
    const rows = await this.database.read<{ lane: string }>(
      `SELECT DISTINCT lane FROM webhook_held WHERE subscription = ? AND lane IN (${lanes.map(() => '?').join(', ')})`,
      [id, ...lanes],
    );
    return new Set(rows.map(({ lane }) => lane));
  }

  async hold(sql: Sql, rows: readonly Held[]): Promise<void> {
    await this.#held.upsert(sql, rows);
  }

  async note(sql: Sql, rows: readonly AttemptMade[]): Promise<void> {
    await this.#attempts.upsert(sql, rows);
  }

  /** Lets go of held events that were delivered; the next of each lane is due then. */
  async release(sql: Sql, id: string, parcels: readonly { index: number; lane: string }[], now: number) {
    for (const { index } of parcels)
      await sql('DELETE FROM webhook_held WHERE subscription = ? AND idx = ?', [id, index]);
    for (const lane of new Set(parcels.map((parcel) => parcel.lane)))
      await sql(
        `UPDATE webhook_held SET due_at = ? WHERE subscription = ? AND lane = ? AND due_at = ? AND idx =
         (SELECT MIN(idx) FROM webhook_held WHERE subscription = ? AND lane = ?)`,
        [now, id, lane, BEHIND, id, lane],
      );
  }

  /** Has the first held event of every lane due now: the sink answers again. */
  async hurry(sql: Sql, id: string, now: number): Promise<void> {
    await sql('UPDATE webhook_held SET due_at = ? WHERE subscription = ? AND due_at > ? AND due_at < ?', [
      now,
      id,
      now,
      BEHIND,
    ]);
  }

  /** Holds events that were delivered before, to be delivered once more, each lane in order from its lowest index. */
  async recover(sql: Sql, id: string, rows: readonly Held[], now: number): Promise<void> {
    await this.hold(sql, rows);
    await sql('UPDATE webhook_held SET due_at = ? WHERE subscription = ?', [BEHIND, id]);
    await sql(
      `UPDATE webhook_held SET due_at = ? WHERE subscription = ? AND idx IN
       (SELECT MIN(idx) FROM webhook_held WHERE subscription = ? GROUP BY lane)`,
      [now, id, id],
    );
  }

  /** Forgets attempts from before a time; gives how many. */
  async forget(before: number): Promise<void> {
    await this.database.write((sql) => sql('DELETE FROM webhook_attempt WHERE at < ?', [before]));
  }
}
