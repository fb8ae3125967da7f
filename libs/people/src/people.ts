import { randomUUID } from 'node:crypto';
import type { LegalDate } from '@app/domain/calendar';
import { type Refusal, refuse, same } from '@app/domain/event';
import { type Bulk, bulk, type Database, type Sql } from '@app/journal';
import { Account, Nip, Person } from './person.ts';

/** What is known of a person, before there is a subject. */
export type Particulars = Omit<Person, 'subject'>;

/** The person's row, and whether this call made or changed it. */
export type Entered = { readonly person: Person; readonly written: boolean };

/** The people behind the subjects: entered, found, never put into an event. */
export class People {
  readonly #people: Bulk<Person>;
  readonly #nips: Bulk<Nip>;

  constructor(private readonly database: Database) {
    this.#people = bulk(database.reader, Person);
    this.#nips = bulk(database.reader, Nip);
  }

  /**
   * Enters a person, or brings the row up to date; the subject is made once and stays. Refuses a NIP or PNS ID that is
   * another person's. Entered twice: nothing is written. `today` dates a NIP that is new.
   */
  enter(particulars: Particulars, today: LegalDate): Promise<Entered | Refusal> {
    return this.database.write(async (sql) => {
      const owners = await this.#people.load(sql, await subjectsOf(sql, particulars));
      const [owner] = owners.values();
      if (owners.size > 1 || (owner && isAnother(owner, particulars)))
        return refuse(
          'same-nip-other-pns-id',
          'this NIP stands with another PNS ID',
          'Perka BKN 22/2007',
          'nip',
        );
      const person = { ...particulars, subject: owner?.subject ?? randomUUID() };
      if (owner && same(owner, person)) return { person: owner, written: false };
      await this.#people.upsert(sql, [person]);
      if (owner?.nip !== person.nip)
        await this.#nips.upsert(sql, [{ nip: person.nip, subject: person.subject, knownSince: today }]);
      return { person, written: true };
    });
  }

  find(subject: string): Promise<Person | null> {
    return this.database.reader.getRepository(Person).findOneBy({ subject });
  }

  /** By a NIP of today or of before. */
  async byNip(nip: string): Promise<Person | null> {
    const known = await this.database.reader.getRepository(Nip).findOneBy({ nip });
    return known ? this.find(known.subject) : null;
  }

  byPnsId(pnsId: string): Promise<Person | null> {
    return this.database.reader.getRepository(Person).findOneBy({ pnsId });
  }

  /** People whose name holds all the words, in any case; at most `limit`, by name. */
  byName(words: string, limit: number): Promise<Person[]> {
    const query = this.database.reader.getRepository(Person).createQueryBuilder('p');
    const terms = words.toUpperCase().split(/\s+/).filter(Boolean);
    for (const [n, term] of terms.entries())
      query.andWhere(`UPPER(p.name) LIKE :t${n} ESCAPE '!'`, {
        [`t${n}`]: `%${term.replace(/[!%_]/g, '!$&')}%`,
      });
    return query.orderBy('p.name').addOrderBy('p.subject').limit(limit).getMany();
  }

  /** Names of many subjects at once, for lists; who is not there any more is missing. */
  async named(subjects: readonly string[]): Promise<ReadonlyMap<string, Pick<Person, 'name' | 'nip'>>> {
    const some = await this.#people.load(this.database.read, subjects);
    return new Map([...some].map(([subject, { name, nip }]) => [subject, { name, nip }]));
  }

  /** NIPs of a person, the oldest first. */
  nips(subject: string): Promise<Nip[]> {
    return this.database.reader.getRepository(Nip).find({ where: { subject }, order: { knownSince: 'ASC' } });
  }

  /** The opaque id of whoever an issuer calls `name`; made on first sight. */
  async account(issuer: string, name: string): Promise<string> {
    const accounts = this.database.reader.getRepository(Account);
    const known = await accounts.findOneBy({ issuer, name });
    if (known) return known.id;
    return this.database.write(async (sql) => {
      await sql('INSERT INTO account (id, issuer, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
        randomUUID(),
        issuer,
        name,
      ]);
      const [row] = await sql<Account>('SELECT id FROM account WHERE issuer = ? AND name = ?', [
        issuer,
        name,
      ]);
      if (!row) throw new Error('an account that was just made is not there');
      return row.id;
    });
  }
}

/** The subjects that a PNS ID and a NIP, of today or of before, lead to: none, one, or two that must not be mixed up. */
async function subjectsOf(sql: Sql, { nip, pnsId }: Particulars): Promise<string[]> {
  const rows = await sql<{ subject: string }>(
    'SELECT subject FROM person WHERE pns_id = ? UNION SELECT subject FROM nip WHERE nip = ?',
    [pnsId, nip],
  );
  return rows.map(({ subject }) => subject);
}

const isAnother = (owner: Person, { pnsId }: Particulars): boolean =>
  pnsId !== null && owner.pnsId !== null && owner.pnsId !== pnsId;
