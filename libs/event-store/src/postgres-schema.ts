import type pg from 'pg';
import { StoreUnavailable } from './event-store.ts';
import { APPEND_FUNCTION } from './postgres-append.ts';

const SCHEMA_VERSION = 1;
/** `Jejk`: one process at a time makes a log. */
const MAKING = 0x4a_65_6a_6b;

/**
 * The stream is a number and the widths are in falling order, because the length of rows and keys decides the speed.
 * No foreign key to the stream: only the function writes, and the check would cost a lock an event. Two connections
 * can never write at once, for both need the head; the unique keys stand behind that.
 */
const SCHEMA = `
  create table stream (
    key integer primary key,
    name text collate "C" not null unique
  );
  create table event (
    position bigint primary key,
    recorded_at bigint not null,
    stream integer not null,
    revision integer not null,
    id uuid not null,
    type text not null,
    data text not null,
    metadata text not null,
    unique (stream, revision),
    unique (stream, id)
  );
  create table head (
    log_version integer not null,
    position bigint not null,
    recorded_at bigint not null,
    streams integer not null
  ) with (fillfactor = 10);
  create unique index head_is_one on head ((true));
  insert into head values (${SCHEMA_VERSION}, 0, 0, 0);
  create or replace function refuse_to_change_log() returns trigger language plpgsql as $$
    begin raise exception 'what is in % is never %', tg_table_name, case tg_op when 'UPDATE' then 'changed' else 'removed' end; end
  $$;
  create trigger is_never_changed before update or delete or truncate on event
    execute function refuse_to_change_log();
  create trigger is_never_changed before update or delete or truncate on stream
    execute function refuse_to_change_log();
  create trigger is_never_removed before delete or truncate on head
    execute function refuse_to_change_log();
  ${APPEND_FUNCTION}
`;

/** All in the first schema of the connection's search_path: what else may be in it is not ours to judge. */
const FACTS = `
  select current_schema() as schema,
    current_setting('server_encoding') as encoding,
    current_setting('transaction_read_only') = 'on' as is_read_only,
    count(*) filter (where relname in ('stream', 'event', 'head')) as tables,
    count(*) filter (where relname = 'head' and exists (
      select from pg_attribute where attrelid = pg_class.oid and attname = 'log_version'
    )) as logs,
    'jejak_log_' || current_schema()::regnamespace::oid as channel
  from pg_class where relnamespace = current_schema()::regnamespace`;

type Facts = {
  readonly schema: string | null;
  readonly encoding: string;
  readonly is_read_only: boolean;
  readonly tables: number;
  readonly logs: number;
  readonly channel: string;
};

/**
 * Makes the log where there is none, however many processes do so at the same time. The channel on which its commits
 * are told. Throws `StoreUnavailable` where there is something other than a log this program may write, or none and it
 * should be `existing`.
 */
export async function prepare(client: pg.Client, name: string, existing: boolean): Promise<string> {
  const { channel, logs } = await facts(client, name);
  if (logs === 0 && existing)
    throw new StoreUnavailable(
      `There is no log at ${name}: correct the database or the search_path of the URL`,
    );
  if (logs === 0) await make(client, name);
  const { rows } = await client.query<[number]>({ text: 'select log_version from head', rowMode: 'array' });
  const version = rows[0]?.[0] ?? 0;
  if (version !== SCHEMA_VERSION)
    throw new StoreUnavailable(
      `The log at ${name} has schema version ${version}, this program knows ${SCHEMA_VERSION}; run the newer program`,
    );
  return channel;
}

async function make(client: pg.Client, name: string): Promise<void> {
  await client.query(`begin; select pg_advisory_xact_lock(${MAKING})`);
  try {
    const { logs } = await facts(client, name);
    if (logs === 0) await client.query(SCHEMA);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function facts(client: pg.Client, name: string): Promise<Facts> {
  const { rows } = await client.query<Facts>(FACTS);
  const fact = rows[0] as Facts;
  const fault = FAULTS.find(([is]) => is(fact))?.[1];
  if (fault) throw new StoreUnavailable(`The log at ${name} cannot be opened: ${fault}`);
  return fact;
}

const FAULTS: readonly (readonly [is: (facts: Facts) => boolean, words: string])[] = [
  [
    ({ schema }) => schema === null,
    'the search_path of the connection names no schema that exists; create it, or correct the URL',
  ],
  [
    ({ encoding }) => encoding !== 'UTF8',
    "the database does not keep text as UTF8; create one with encoding 'UTF8' and name it",
  ],
  [
    (facts) => facts.is_read_only,
    'it may only be read: a standby, or a read-only user; name the server that may be written',
  ],
  [
    ({ tables, logs }) => tables > 0 && logs === 0,
    'a table named stream, event or head there is something else, not a log; name another schema or database',
  ],
];
