import type { Sql } from '@app/journal';

/** What somebody is known by: numbers that are nobody else's, and names, which others may share. */
export type Identifiers = { readonly numbers: readonly string[]; readonly names: readonly string[] };

type Row = Readonly<Record<string, string | null>>;

/**
 * Removes who a subject is, in the transaction of `sql`: the person, every NIP, and the accounts that are called by one
 * of their numbers or by their e-mail address (the `sub` of a token may be a NIP); a name may be another's. Gives what they were known by;
 * nothing, where nobody was there any more. The bytes are still in the files: see `Database.scrub`.
 */
export async function erasePerson(sql: Sql, subject: string): Promise<Identifiers> {
  const [person] = await sql<Row>('SELECT * FROM person WHERE subject = ?', [subject]);
  const nips = await sql<{ nip: string }>('SELECT nip FROM nip WHERE subject = ?', [subject]);
  const some = (...values: (string | null | undefined)[]) => [
    ...new Set(values.filter((value): value is string => typeof value === 'string' && value !== '')),
  ];
  const numbers = some(person?.nip, person?.nik, person?.pns_id, ...nips.map(({ nip }) => nip));
  const names = some(person?.name, person?.email, person?.phone, person?.address);
  await sql('DELETE FROM person WHERE subject = ?', [subject]);
  await sql('DELETE FROM nip WHERE subject = ?', [subject]);
  for (const number of numbers)
    await sql("DELETE FROM account WHERE UPPER(name) LIKE ? ESCAPE '!'", [within(number)]);
  if (person?.email) await sql('DELETE FROM account WHERE LOWER(name) = ?', [person.email.toLowerCase()]);
  return { numbers, names };
}

/** A pattern for `UPPER(column) LIKE ? ESCAPE '!'`: the words, anywhere, in any case. */
export const within = (words: string): string => `%${words.toUpperCase().replace(/[!%_]/g, '!$&')}%`;
