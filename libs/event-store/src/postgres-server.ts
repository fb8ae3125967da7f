import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StoreUnavailable } from './event-store.ts';

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

/** bigint as a number; all of ours stay below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
};

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
    const words = FAULTS.find(([start]) => code.startsWith(start))?.[1] ?? otherwise(error);
    // What the server says of a refused login names the user.
    const cause = code.startsWith('28') ? {} : { cause: error };
    return new StoreUnavailable(`The log at ${this.name} is not available: ${words} (${code})`, cause);
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
      types,
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

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'no connection';
}

/** What happened and what to do, by the beginning of the code of PostgreSQL, of the network or of TLS. */
const FAULTS: readonly (readonly [code: string, words: string])[] = [
  ['08', 'the connection was lost; check the network and the server, and ask again'],
  ['25006', 'it may only be read: a standby, or a read-only user; name the server that may be written'],
  ['28', 'it does not let this user in; check user and password in the URL, and pg_hba.conf there'],
  ['3D000', 'the database does not exist there; create it, or name another'],
  [
    '42501',
    'this user may not do that; let it use and create in the schema, or make it the owner of the tables',
  ],
  ['53100', 'the disk of the server is full; free some space there and ask again'],
  ['53300', 'it takes no more connections; end some, or raise max_connections, and ask again'],
  ['53', 'it is short of memory or of another resource; look in its own log, and ask again'],
  ['55P03', 'another process keeps the log locked; end that process or wait, and ask again'],
  ['57014', 'it did not finish in time; check its load and its disks, and ask again'],
  ['57P', 'it is shutting down or has just started; ask again'],
  ['58', 'its disk refused to read or write; look in its own log and check the disk'],
  ['XX', 'its files are damaged; stop it, keep them as they are, and restore the last backup'],
  ['ECONNREFUSED', 'no server listens there; start it, or correct host and port in the URL'],
  ['ENOENT', 'no server listens there; start it, or correct the socket in the URL'],
  ['ENOTFOUND', 'the host is not known; correct it in the URL'],
  ['EAI_AGAIN', 'the host could not be looked up; check the name server, and ask again'],
  ['ERR_TLS', 'its certificate is not for this host; correct the host, or the certificate'],
  ['DEPTH_ZERO', 'its certificate is not trusted; name the authority with sslrootcert in the URL'],
  ['SELF_SIGNED', 'its certificate is not trusted; name the authority with sslrootcert in the URL'],
  ['UNABLE_TO', 'its certificate is not trusted; name the authority with sslrootcert in the URL'],
];

/** Where there is no code that tells: pg says it only in words; the server's own words name no user but for a login. */
function otherwise(error: unknown): string {
  const { message } = error as Error;
  if (isSqlState(codeOf(error))) return message;
  if (/SSL/.test(message)) return 'it does not speak TLS; turn it on there, or leave sslmode out of the URL';
  if (/timeout/i.test(message))
    return 'it does not answer in time; check its load and the network, and ask again';
  return 'the connection was lost; check the network and the server, and ask again';
}

function nameOf(url: string): string {
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new StoreUnavailable('The log has no such place: its URL must start with postgres://');
  try {
    const { host, port, database } = new pg.Client({ connectionString: url });
    return `${host}:${port}/${database}`;
  } catch {
    // The error would repeat the URL, and with it the password.
    throw new StoreUnavailable(
      'The URL of the log cannot be read: postgres://user:password@host:port/database',
    );
  }
}
