import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { codeOf } from './code-of.ts';
import { StoreUnavailable } from './event-store.ts';
import { CONNECTION_LOST, postgresFault, postgresName, wholeNumbers } from './postgres-fault.ts';

/** How long anything may take, in ms: to connect; to wait for a lock; to be done; to be answered. */
const CONNECT_MS = 3_000;
const LOCK_MS = 4_000;
const STATEMENT_MS = 5_000;
const ANSWER_MS = 6_000;
/** How long what failed because the connection was lost is tried again, and how long a farewell may take. */
const INSIST_MS = 10_000;
const FAREWELL_MS = 2_000;

/** What a connection is for; its `application_name` says so, after the one in the URL. */
export type Role = 'writer' | 'reader' | 'listener';

/**
 * `synchronous_commit`: a commit is on the device before anybody is told of it, whatever the server's default (a
 * stronger one is kept). Each statement sees what was committed before it. Plans are made once, and always go by the
 * indexes: the tables grow from nothing to millions of rows while they are in use.
 */
const settings = (role: Role) => `
  select set_config('application_name',
    coalesce(nullif(current_setting('application_name'), ''), 'jejak') || ' log ${role}', false);
  select set_config('synchronous_commit', 'on', false)
    where current_setting('synchronous_commit') not in ('on', 'remote_apply');
  set default_transaction_isolation = 'read committed';
  set plan_cache_mode = force_generic_plan;
  set enable_seqscan = off;
  set enable_bitmapscan = off;
  set jit = off;
`;

/** The server that keeps the log, and the connections this process has to it. */
export class PostgresServer {
  /** Host and database, for messages: never user or password. */
  readonly name: string;
  readonly #url: string;
  readonly #sockets = new Set<Socket>();

  /** Throws `StoreUnavailable` where the URL cannot be read. */
  constructor(url: string) {
    this.#url = url;
    this.name = nameOf(url);
  }

  /** Throws `StoreUnavailable`, or what the server says to the settings. */
  async connect(role: Role): Promise<pg.Client> {
    const client = new pg.Client(this.#config());
    // A lost connection also fails what was asked on it; without a listener, it would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(settings(role));
      return client;
    } catch (error) {
      void client.end();
      throw error;
    }
  }

  /** Connections to read with, at most so many. */
  pool(max: number): pg.Pool {
    const pool = new pg.Pool({
      ...this.#config(),
      max,
      onConnect: async (client) => {
        await client.query(settings('reader'));
      },
    });
    pool.on('error', () => undefined);
    return pool;
  }

  /** Waits for the farewells, but not for ever, and lets go of every connection. */
  async close(farewells: readonly (Promise<unknown> | undefined)[]): Promise<void> {
    const patience = new AbortController();
    const enough = sleep(FAREWELL_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([Promise.allSettled(farewells), enough]);
    patience.abort();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The port's error for whatever went wrong with the server: where, what happened, what to do. */
  unavailable(error: unknown): StoreUnavailable {
    if (error instanceof StoreUnavailable) return error;
    const code = codeOf(error);
    // The server's own words name no user but for a login.
    const words = postgresFault(error) ?? (isSqlState(code) ? (error as Error).message : CONNECTION_LOST);
    // What the server says of a refused login names the user.
    const cause = code.startsWith('28') ? {} : { cause: error };
    return new StoreUnavailable(
      `The log at ${this.name} is not available: ${words} (${code || 'no connection'})`,
      cause,
    );
  }

  #config(): pg.ClientConfig {
    return {
      connectionString: this.#url,
      connectionTimeoutMillis: CONNECT_MS,
      lock_timeout: LOCK_MS,
      statement_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: STATEMENT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: wholeNumbers,
      stream: () => this.#socket(),
    };
  }

  #socket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

/**
 * Does the work, and does it again where the connection was lost underneath or the server is just starting: so it must
 * be such as can be done twice. Throws the last error after `INSIST_MS` or once it is not wanted any more, any other
 * error at once.
 */
export async function insist<T>(work: () => Promise<T>, isWanted: () => boolean): Promise<T> {
  const end = performance.now() + INSIST_MS;
  for (let pause = 20; ; pause = Math.min(2 * pause, 500)) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || !isWanted() || performance.now() + pause > end) throw error;
      await sleep(pause);
    }
  }
}

/** No code of the server's own: the connection was lost. 40: it chose us to give way. 53300: too many connections. */
const mayPass = (error: unknown): boolean =>
  !(error instanceof StoreUnavailable) &&
  (!isSqlState(codeOf(error)) || /^(08|40|53300|57P)/.test(codeOf(error)));

const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);

function nameOf(url: string): string {
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new StoreUnavailable('The log has no such place: its URL must start with postgres://');
  const name = postgresName(url);
  // The error of pg would repeat the URL, and with it the password.
  if (name === undefined)
    throw new StoreUnavailable(
      'The URL of the log cannot be read: postgres://user:password@host:port/database',
    );
  return name;
}
