import { StoreUnavailable } from './event-store.ts';

/** Where a KurrentDB is and who we are there. `where` names its hosts and nothing else: it may be logged. */
export type KurrentAddress = {
  readonly url: string;
  readonly where: string;
  readonly credentials: { readonly username: string; readonly password: string };
};

const FORM =
  'kurrentdb://[user:password@]host:port[,host:port][?option=value&…] or kurrentdb+discover://…; ' +
  'special characters in the user and the password are percent-encoded';
const SHAPE = /^(?:kurrentdb|kdb|esdb)(\+discover)?:\/\/(?:([^:@/]+):([^@/]+)@)?([^@?/]+)\/?(?:\?(.+))?$/;

/** What the client understands. It prints a connection string whole, with its password, when it meets another option. */
const OPTIONS = new Set([
  'connectionname',
  'defaultdeadline',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
  'keepalivetimeout',
  'maxdiscoverattempts',
  'nodepreference',
  'tls',
  'tlscafile',
  'tlsverifycert',
  'usercertfile',
  'userkeyfile',
]);
/** With the client's ping every 10 s, a server that is gone without a word is noticed after 15 s. */
const KEEP_ALIVE_TIMEOUT = 'keepAliveTimeout=5000';

/**
 * The connection string as @eventstore/db-client takes it (`esdb://`), options for TLS and cluster passed on. Throws
 * `StoreUnavailable` for what the client would misread, ignore or print; the message never holds a user or password.
 */
export function kurrentAddress(text: string): KurrentAddress {
  const [, discover = '', user, password, hosts = '', query = ''] = SHAPE.exec(text.trim()) ?? [];
  if (hosts === '') throw wrong(`is not of the form ${FORM}`);
  const options = new Map(query.split('&').filter(Boolean).map(option));
  assertUsable(options, user !== undefined);
  const given = options.has('keepalivetimeout') ? [] : [KEEP_ALIVE_TIMEOUT];
  const parameters = [...query.split('&').filter(Boolean), ...given].join('&');
  const who = user === undefined ? '' : `${user}:${password}@`;
  return {
    url: `esdb${discover}://${who}${hosts}?${parameters}`,
    where: hosts,
    credentials: { username: decoded(user ?? 'nobody'), password: decoded(password ?? 'none') },
  };
}

function assertUsable(options: ReadonlyMap<string, string>, named: boolean): void {
  for (const [name] of options)
    if (!OPTIONS.has(name)) throw wrong(`has the option ${JSON.stringify(name)}, which is not known here`);
  if (options.get('tlsverifycert') === 'false')
    throw wrong('says tlsVerifyCert=false, which is not supported: name the CA with tlsCAFile');
  // Every append carries a user's name (docs/adr/0007); without TLS the client leaves it out.
  if (!named && options.get('tls') !== 'false')
    throw wrong('names no user, which TLS needs: add user:password@, or tls=false for a server without TLS');
}

const option = (text: string): [string, string] => {
  const [name = '', value = ''] = text.split('=');
  return [name.trim().toLowerCase().replace(/[_-]/g, ''), value.trim()];
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`is not of the form ${FORM}`);
  }
}

const wrong = (what: string) => new StoreUnavailable(`KURRENTDB_URL ${what}`);
