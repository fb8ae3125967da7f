import {
  changeKey,
  issueKey,
  type KnownKey,
  narrower,
  revokeKey,
  rotateKey,
  termsOf,
} from '@app/domain/api-key';
import { isRefusal, type Refusal, refuse } from '@app/domain/event';
import { API_KEY, type ApiKeyChanged, apiKeyStream, type KeyTerms } from '@app/domain/integration';
import {
  type Asking,
  decode,
  type EventStore,
  type Moved,
  type Receipt,
  type Transact,
} from '@app/event-store';
import { type Bulk, bulk, type Database, type Sql } from '@app/journal';
import { ApiKey, type KeyTold, toldOf } from './api-key.ts';
import { hashOf, isOf, keyIdOf, keyText, newSecret, partsOf } from './key-text.ts';

/** Who calls a key by its id, in `People.account`. */
export const API_KEY_ISSUER = 'urn:jejak:api-key';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** How long a key is good for, where nothing else is said. */
export const KEY_DAYS = 365;
/** How long the secret before stays good, where nothing else is said, and at most. */
export const OVERLAP_HOURS = 24;
export const MOST_OVERLAP_HOURS = 720;

/** The terms of a key as they are asked for: `days` from now on instead of a time. */
export type TermsAsked = Omit<KeyTerms, 'expires'> & { readonly days: number };

/** A key that holds. */
export type KeyHeld = Pick<ApiKey, 'id' | 'sees' | 'reads' | 'purpose'> & { readonly expires: number };

/** `secret`: the key as its holder has it; only where this very call gave it out. */
export type KeyReceipt = Receipt & { readonly key: KeyTold; readonly secret?: string };
type Answer = Promise<KeyReceipt | Refusal | Moved>;

/**
 * The keys of integrators: their rows, and on the log every change, without a secret or what one is known by. What lets
 * more in (a key, a secret, wider terms) is on the log before it is in force, what lets less in (a revocation, narrower
 * terms) is in force before it is on the log. A failure between the two leaves a key that does less than the log says,
 * never more; the same asked again brings both in line. A key whose row was never written has no holder.
 */
export class ApiKeys {
  readonly #rows: Bulk<ApiKey>;
  /** When this process last noted that a key was used, in ms, by id. */
  readonly #noted = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly transact: Transact,
    private readonly now: () => number = Date.now,
  ) {
    this.#rows = bulk(database.reader, ApiKey);
  }

  /** Issues a key. Asked again under the same idempotency key: the same key, and no secret but where none was given out. */
  async issue({ days, ...asked }: TermsAsked, asking: Asking): Answer {
    const id = keyIdOf(asking.commandId);
    const terms = { ...asked, expires: iso(asking.askedAt + days * DAY_MS) };
    const receipt = await this.#record(id, asking, (known) => issueKey(terms, asking.askedAt, known));
    if (!('events' in receipt)) return receipt;
    const secret = newSecret();
    await this.#write(async (sql) => {
      const { name, sees, reads, purpose, expires } = (await this.#lastWord(id)) ?? terms;
      await sql(
        `INSERT INTO api_key (id, name, hash, secret_revision, sees, reads, purpose, expires_at, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        [id, name, hashOf(secret), receipt.revision, sees, reads, purpose, expires, iso(this.now())],
      );
    });
    return this.#answer(id, receipt, secret);
  }

  /** Changes some of the terms, at once. */
  async change(id: string, { days, ...asked }: Partial<TermsAsked>, asking: Asking): Answer {
    const change = days === undefined ? asked : { ...asked, expires: iso(asking.askedAt + days * DAY_MS) };
    const decide = (known: KnownKey) => changeKey(change, asking.askedAt, known);
    const amiss = (await this.#unusable(id)) ?? decide(await this.#lastWord(id));
    if (isRefusal(amiss)) return amiss;
    await this.#write(async (sql) => {
      const row = (await this.#rows.load(sql, [id])).get(id);
      const before = row && termsOf(toldOf(row));
      if (before) await setTerms(sql, id, narrower(before, { ...before, ...change }));
    });
    const receipt = await this.#record(id, asking, decide);
    await this.#write((sql) => this.#obey(sql, id));
    return 'events' in receipt ? this.#answer(id, receipt) : receipt;
  }

  /**
   * Gives out another secret; the one before stays good for `overlapMs`, the one before that is good no more. The log
   * comes first: a secret that has leaked is ended at once by `revoke` alone.
   */
  async rotate(id: string, overlapMs: number, asking: Asking): Answer {
    const amiss = await this.#unusable(id);
    if (amiss) return amiss;
    const receipt = await this.#record(id, asking, (known) => rotateKey(asking.askedAt, known));
    if (!('events' in receipt)) return receipt;
    const secret = newSecret();
    await this.#write((sql) =>
      sql(
        `UPDATE api_key SET previous_hash = hash, previous_until = ?, hash = ?, secret_revision = ?
         WHERE id = ? AND secret_revision < ?`,
        [iso(this.now() + overlapMs), hashOf(secret), receipt.revision, id, receipt.revision],
      ),
    );
    return this.#answer(id, receipt, secret);
  }

  /** Ends a key for good, with all its secrets; from the next request on, in every process. */
  async revoke(id: string, asking: Asking): Answer {
    await this.#write((sql) => end(sql, id, this.now()));
    const receipt = await this.#record(id, asking, revokeKey);
    return 'events' in receipt ? this.#answer(id, receipt) : receipt;
  }

  /** The key that this text is, while it holds; notes that it was used. */
  async verify(text: string): Promise<KeyHeld | undefined> {
    const { id, secret } = partsOf(text) ?? {};
    if (id === undefined || secret === undefined) return undefined;
    const row = await this.#row(id);
    const now = this.now();
    if (!row || row.revokedAt !== null || Date.parse(row.expiresAt) <= now) return undefined;
    if (!secretsOf(row, now).some((hash) => isOf(secret, hash))) return undefined;
    this.#note(id, now);
    const { sees, reads, purpose, expiresAt } = row;
    return { id, sees, reads, purpose, expires: Date.parse(expiresAt) };
  }

  async find(id: string): Promise<KeyTold | undefined> {
    const row = await this.#row(id);
    return row && toldOf(row);
  }

  /** All keys, the oldest first, also those that hold no more. */
  async list(): Promise<KeyTold[]> {
    const order = { createdAt: 'ASC', id: 'ASC' } as const;
    return (await this.database.reader.getRepository(ApiKey).find({ order })).map(toldOf);
  }

  /**
   * Brings all keys in line with the log: what it has revoked or narrowed stays so, whichever copy of the database was
   * put back. To be called at the start. Which secrets were given out since then, the log does not know.
   */
  async obey(): Promise<void> {
    for (const { id, revokedAt } of await this.list())
      if (revokedAt === null) await this.#write((sql) => this.#obey(sql, id));
  }

  /** With the pen, so that of two who write the terms the later one has the log's later word. */
  async #obey(sql: Sql, id: string): Promise<void> {
    const known = await this.#lastWord(id);
    if (known?.change === 'revoked') await end(sql, id, this.now());
    else if (known) await setTerms(sql, id, known);
  }

  #record(id: string, asking: Asking, decide: (known: KnownKey) => ReturnType<typeof revokeKey>) {
    return this.transact<KnownKey, ApiKeyChanged>(API_KEY, apiKeyStream(id), asking, decide);
  }

  async #lastWord(id: string): Promise<KnownKey> {
    const [last] = await this.store.read(apiKeyStream(id), { backwards: true, limit: 1 });
    return last && decode<ApiKeyChanged>(last).data;
  }

  async #row(id: string): Promise<ApiKey | undefined> {
    return (await this.#rows.load(this.database.read, [id])).get(id);
  }

  /** Also of a key whose revocation is not on the log yet. */
  async #unusable(id: string): Promise<Refusal | undefined> {
    const row = await this.#row(id);
    if (!row) return refuse('key-unknown', 'no such key was issued', 'docs/keys.md');
    if (row.revokedAt === null) return undefined;
    return refuse('key-revoked', 'the key was revoked, which is for good; issue another', 'docs/keys.md');
  }

  /** `secret`: told only where it is the key's. */
  async #answer(id: string, receipt: Receipt, secret?: string): Promise<KeyReceipt | Refusal> {
    const row = await this.#row(id);
    if (!row) return refuse('key-unknown', 'no such key was issued', 'docs/keys.md');
    const isGiven = secret !== undefined && isOf(secret, row.hash);
    return { ...receipt, key: toldOf(row), ...(isGiven ? { secret: keyText(id, secret) } : {}) };
  }

  #write<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.database.write(work, { durable: true });
  }

  /** At most once a minute, and nobody waits for it. */
  #note(id: string, now: number): void {
    if (now - (this.#noted.get(id) ?? 0) < MINUTE_MS) return;
    this.#noted.set(id, now);
    this.database
      .write((sql) => sql('UPDATE api_key SET last_used_at = ? WHERE id = ?', [iso(now), id]))
      .catch(() => this.#noted.delete(id));
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

const end = (sql: Sql, id: string, now: number) =>
  sql('UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', [iso(now), id]);

const setTerms = (sql: Sql, id: string, { name, sees, reads, purpose, expires }: KeyTerms) =>
  sql('UPDATE api_key SET name = ?, sees = ?, reads = ?, purpose = ?, expires_at = ? WHERE id = ?', [
    name,
    sees,
    reads,
    purpose,
    expires,
    id,
  ]);

/** The hashes of the secrets that are good now. */
function secretsOf({ hash, previousHash, previousUntil }: ApiKey, now: number): string[] {
  const isGood = previousHash !== null && previousUntil !== null && now < Date.parse(previousUntil);
  return isGood ? [hash, previousHash] : [hash];
}
