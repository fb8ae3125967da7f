import { describe } from '@jest/globals';
import { aSchema, hasPostgres } from '../../../test/engines/databases.ts';
import { describeEventStore, type OpenLog } from './event-store.contract.ts';
import { PostgresEventStore } from './postgres.ts';

async function openLog(): Promise<OpenLog> {
  const place = await aSchema();
  const opened: PostgresEventStore[] = [];
  const openOne = async () => {
    const store = await PostgresEventStore.open(place.where);
    opened.push(store);
    return store;
  };
  const closeAll = () => Promise.all(opened.splice(0).map((store) => store.close()));
  return {
    store: await openOne(),
    reopen: async () => {
      await closeAll();
      return openOne();
    },
    openAgain: openOne,
    remove: async () => {
      await closeAll();
      await place.remove();
    },
  };
}

(hasPostgres ? describe : describe.skip)('', () => {
  describeEventStore('PostgreSQL', openLog);
});
