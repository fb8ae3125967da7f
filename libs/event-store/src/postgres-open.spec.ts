import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { aSchema, hasPostgres, type Place, run } from '../../../test/engines/databases.ts';
import { StoreUnavailable } from './event-store.ts';
import { PostgresEventStore } from './postgres.ts';

const whereThereIsOne = hasPostgres ? describe : describe.skip;

whereThereIsOne('the PostgreSQL database of the log, when it cannot be opened', () => {
  let place: Place;
  /** A connection of somebody else's, with the same search_path. */
  let hand: pg.Client;
  const opened: PostgresEventStore[] = [];
  const open = async (where = place.where) => {
    const store = await PostgresEventStore.open(where);
    opened.push(store);
    return store;
  };
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: unknown) => error,
    );
  /** The same database, named otherwise. */
  const changed = (change: (url: URL) => void) => {
    const url = new URL(place.where);
    change(url);
    return url.href.replaceAll('+', '%20');
  };
  beforeEach(async () => {
    place = await aSchema();
    hand = new pg.Client(place.where);
    await hand.connect();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await hand.end();
    await place.remove();
  });

  it.each([
    ['the URL is not one of PostgreSQL', () => 'data/events.db', /must start with postgres:/],
    ['the URL cannot be read', () => 'postgres://somebody:secret@host:port/x', /cannot be read/],
    [
      'no server listens',
      () => changed((url) => (url.port = '1')),
      /127.0.0.1:1\/.* no server listens there/,
    ],
    [
      'the host is not known',
      () => changed((url) => (url.hostname = 'nowhere.invalid')),
      /host is not known|looked up/,
    ],
    [
      'the database does not exist',
      () => changed((url) => (url.pathname = '/nowhere')),
      /\/nowhere .*create it/,
    ],
    ['the user may not come in', () => changed((url) => (url.username = 'somebody')), /not let this user in/],
    [
      'the schema does not exist',
      () => changed((url) => url.searchParams.set('options', '-c search_path=nowhere')),
      /no schema that exists/,
    ],
    [
      'it may only be read',
      () => `${place.where}%20-c%20default_transaction_read_only%3Don`,
      /may only be read/,
    ],
    ['TLS cannot be had', () => `${place.where}&sslmode=verify-full`, /TLS|certificate/],
  ])('says so where %s, and tells neither user nor password', async (_, where, words) => {
    const error = await failure(open(where()));
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(`${error}`).toMatch(words);
    const { message, cause } = error as Error;
    expect(`${message} ${cause}`).not.toMatch(/somebody|secret|postgres@/);
  });

  it('says so where a table of something else has a name it needs, and leaves it as it is', async () => {
    await hand.query('create table event (name text)');
    await expect(open()).rejects.toThrow(/something else, not a log; name another schema/);
    expect((await hand.query('select * from event')).fields.map(({ name }) => name)).toEqual(['name']);
  });

  it('says so where a newer version of the program made it', async () => {
    await (await open()).close();
    await hand.query('update head set log_version = 99');
    await expect(open()).rejects.toThrow(/schema version 99.*run the newer program/);
  });

  it('says so where the database would not keep every text', async () => {
    const latin = `jejak_latin_${process.pid}`;
    await run(`create database ${latin} template template0 encoding 'LATIN1' locale 'C'`);
    try {
      const where = changed((url) => (url.pathname = `/${latin}`)).replace(
        /search_path%3D\w+/,
        'search_path%3Dpublic',
      );
      await expect(open(where)).rejects.toThrow(/not keep text as UTF8/);
    } finally {
      await run(`drop database ${latin}`);
    }
  });

  it('says so where the user may not make it', async () => {
    const role = `jejak_guest_${process.pid}`;
    await run(`create role ${role} login`);
    try {
      await hand.query(`grant usage on schema ${await schemaOf(hand)} to ${role}`);
      await expect(open(changed((url) => (url.username = role)))).rejects.toThrow(
        /this user may not do that/,
      );
    } finally {
      await run(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

async function schemaOf(hand: pg.Client): Promise<string> {
  const { rows } = await hand.query<{ schema: string }>('select current_schema() as schema');
  return rows[0]?.schema ?? '';
}
