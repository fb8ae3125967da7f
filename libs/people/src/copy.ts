import { bulk, type Database } from '@app/journal';
import { ApiKey } from './api-key.ts';
import { Account, Nip, Person } from './person.ts';

/** How many people, NIPs, accounts and keys are in both databases after a copy. */
export type PeopleCopied = {
  readonly people: number;
  readonly nips: number;
  readonly accounts: number;
  readonly keys: number;
};

const PAGE = 1_000;

/**
 * Copies the people behind the subjects, their NIPs, the accounts and the keys to another database: with a log that was copied,
 * they are all that cannot be derived again. A row that is there already under the same id takes the source's shape. All
 * of it in one transaction, or nothing: where the target has another person under a NIP or PNS ID, it is refused.
 */
export function copyPeople(from: Database, to: Database): Promise<PeopleCopied> {
  return to.write(async (sql) => {
    const copy = async <Row extends object>(entity: new () => Row, key: keyof Row & string) => {
      const rows = bulk(to.reader, entity);
      let copied = 0;
      for (let after = ''; ; ) {
        const page = await from.reader
          .getRepository(entity)
          .createQueryBuilder('it')
          .where(`it.${key} > :after`, { after })
          .orderBy(`it.${key}`)
          .limit(PAGE)
          .getMany();
        await rows.upsert(sql, page);
        copied += page.length;
        if (page.length < PAGE) return copied;
        after = String(page.at(-1)?.[key]);
      }
    };
    return {
      people: await copy(Person, 'subject'),
      nips: await copy(Nip, 'nip'),
      accounts: await copy(Account, 'id'),
      keys: await copy(ApiKey, 'id'),
    };
  });
}
