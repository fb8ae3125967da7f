import pg from 'pg';
import { codeOf } from './code-of.ts';

export const CONNECTION_LOST = 'the connection was lost; check the network and the server, and ask again';

/**
 * What happened and what to do, by the beginning of the code of PostgreSQL (Appendix A), of the network or of TLS: faults
 * that are nobody's mistake in what was asked. Of two that fit, the first.
 */
const FAULTS: readonly (readonly [code: string, words: string])[] = [
  ['08', CONNECTION_LOST],
  ['25006', 'it may only be read: a standby, or a read-only user; name the server that may be written'],
  ['25P03', 'a transaction stood still too long and was ended; ask again'],
  ['28', 'it does not let this user in; check user and password in the URL, and pg_hba.conf there'],
  ['3D000', 'the database does not exist there; create it, or name another'],
  ['3F000', 'the schema does not exist there; create it, or name another'],
  ['40', 'others were in the way; ask again'],
  [
    '42501',
    'this user may not do that; let it use and create in the schema, or make it the owner of the tables',
  ],
  ['53100', 'the disk of the server is full; free some space there and ask again'],
  ['53300', 'it takes no more connections; end some, or raise max_connections, and ask again'],
  ['53', 'it is short of memory or of another resource; look in its own log, and ask again'],
  ['55P03', 'another process keeps it locked; end that process or wait, and ask again'],
  ['57014', 'it did not finish in time; check its load and its disks, and ask again'],
  ['57P', 'it is shutting down, has just started, or ended the connection; ask again'],
  ['58', 'its disk refused to read or write; look in its own log and check the disk'],
  ['XX', 'its files are damaged; stop it, keep them as they are, and restore the last backup'],
  ['ECONNREFUSED', 'no server listens there; start it, or correct host and port in the URL'],
  ['ECONNRESET', CONNECTION_LOST],
  ['EPIPE', CONNECTION_LOST],
  ['ETIMEDOUT', 'it does not answer in time; check its load and the network, and ask again'],
  ['EHOSTUNREACH', 'the host cannot be reached; check the network'],
  ['ENOENT', 'no server listens there; start it, or correct the socket in the URL'],
  ['ENOTFOUND', 'the host is not known; correct it in the URL'],
  ['EAI_AGAIN', 'the host could not be looked up; check the name server, and ask again'],
  ['ERR_TLS', 'its certificate is not for this host; correct the host, or the certificate'],
  ['DEPTH_ZERO', 'its certificate is not trusted; name the authority with sslrootcert in the URL'],
  ['SELF_SIGNED', 'its certificate is not trusted; name the authority with sslrootcert in the URL'],
  ['UNABLE_TO', 'its certificate is not trusted; name the authority with sslrootcert in the URL'],
];

/** What pg and what uses it say only in words. */
const SAID: readonly (readonly [saying: RegExp, words: string])[] = [
  [/does not support SSL/, 'it does not speak TLS; turn it on there, or leave sslmode out of the URL'],
  [/timeout/i, 'it does not answer in time; check its load and the network, and ask again'],
  [/connection (is )?(terminated|closed)|not queryable|client was closed|already released/i, CONNECTION_LOST],
];

/** What happened and what to do, where the server or the way to it is at fault; undefined: it is something else. */
export function postgresFault(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code !== '') return FAULTS.find(([start]) => code.startsWith(start))?.[1];
  const message = error instanceof Error ? error.message : '';
  return SAID.find(([saying]) => saying.test(message))?.[1];
}

/** Host, port and database of a URL, for messages: never user or password; undefined: it cannot be read. */
export function postgresName(url: string): string | undefined {
  try {
    const { host, port, database } = new pg.Client({ connectionString: url });
    return `${host}:${port}/${database}`;
  } catch {
    return undefined;
  }
}

/** Reads whole numbers of 64 bits as numbers, on a connection of its own setting; what a number cannot hold is refused. */
export const wholeNumbers: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? wholeNumber : pg.types.getTypeParser(oid, format),
};

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond 2^53`);
  return value;
}
