import 'reflect-metadata';
import { dirname, join } from 'node:path';

/** Who vouches for the bearer of a token: this server itself, for trying things out, or an OpenID Connect issuer. */
type Auth =
  | { readonly kind: 'local' }
  | { readonly kind: 'oidc'; readonly issuer: string; readonly audience: string; readonly jwksUrl: string };

/** What a process may do (house, decision 12); by default one does all. */
export const PROCESS_ROLES = ['api', 'follower', 'courier', 'sealer'] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

/** Every setting, checked. */
export type Settings = {
  readonly dataDir: string;
  /** Where the log is, and where all else: files, or URLs of servers. */
  readonly places: { readonly log: string; readonly database: string };
  /** Where documents are kept, and how large one may be. */
  readonly evidence: { readonly directory: string; readonly maxBytes: number };
  /** Redis hurries the jobs; undefined: they are looked for. */
  readonly redisUrl?: string;
  readonly roles: readonly ProcessRole[];
  /** A directory that is imported every day at a time, `HH:mm` in the time zone. */
  readonly dailyImport?: { readonly directory: string; readonly at: string };
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Where traces are sent (OTLP over HTTP); undefined: nowhere. */
  readonly otlpEndpoint?: string;
  /** The bearer token that reads the metrics; without it nobody does. */
  readonly metricsToken?: string;
  readonly ledger: LedgerSettings;
  readonly siasn: SiasnSettings;
  readonly host: string;
  readonly port: number;
  /** Where those outside find the server: the `source` of its events; ends with a slash. */
  readonly publicUrl: string;
  /** Where webhooks may go besides public https addresses: networks (CIDR) and origins. */
  readonly webhookAllow: readonly string[];
  /** IANA name; it decides which day it is. */
  readonly timeZone: string;
  readonly production: boolean;
  readonly auth: Auth;
  /** The claim of a token that lists the roles; a path with dots where no claim has the whole name. */
  readonly rolesClaim: string;
  /** How many requests a minute an integrator may make, to each process. */
  readonly rateLimit: number;
};

/** How the log is sealed and shown. */
export type LedgerSettings = {
  /** The log's private keys: the text itself, or a file outside the database. */
  readonly key: { readonly text: string } | { readonly file: string };
  /** What was signed last is remembered here, outside the database. */
  readonly signedFile: string;
  /** The name of the log, for a key that is made at the first start; undefined: none is made. */
  readonly origin?: string;
  /** A tlog-policy: the log's keys, its witnesses and their quorum. */
  readonly policyFile?: string;
  /** Where RFC 3161 timestamps are asked for, once an hour. */
  readonly tsaUrl?: string;
  /** Whether anybody may read the log's files; else who bears the token, and the roles that read everything. */
  readonly isPublic: boolean;
  readonly readToken?: string;
};

/** How SIASN is told what was released (docs/siasn-outbox.md); without `service` nothing is sent. */
export type SiasnSettings = {
  readonly codesFile?: string;
  readonly instansiId?: string;
  readonly satuanKerjaId?: string;
  readonly service?: {
    readonly tokenUrl: string;
    readonly ssoUrl: string;
    readonly apiUrl: string;
    readonly consumerKey: string;
    readonly consumerSecret: string;
    readonly clientId: string;
    readonly username: string;
    readonly password: string;
  };
};

type Env = Readonly<Record<string, string | undefined>>;
type Read = {
  readonly text: (name: string, otherwise?: string) => string;
  readonly optional: (name: string) => string | undefined;
  readonly faults: string[];
};

const SURROUNDINGS = ['development', 'test', 'production'] as const;
const POSTGRES = ['postgres:', 'postgresql:'];
const KURRENT = ['esdb:', 'esdb+discover:', 'kurrentdb:', 'kurrentdb+discover:'];

/** Reads the settings; throws one error that lists all that is wrong with them. */
export function readSettings(env: Env): Settings {
  const read = reading(env);
  const production = oneOf(read, 'NODE_ENV', SURROUNDINGS, 'development') === 'production';
  const dataDir = read.text('DATA_DIR', './data');
  const settings = {
    dataDir,
    places: places(read, dataDir),
    evidence: evidence(read, dataDir),
    ...optional('redisUrl', url(read, 'REDIS_URL', ['redis:', 'rediss:'])),
    roles: roles(read),
    ...optional('dailyImport', dailyImport(read)),
    logLevel: oneOf(read, 'LOG_LEVEL', LOG_LEVELS, 'info'),
    ...optional('otlpEndpoint', url(read, 'OTEL_EXPORTER_OTLP_ENDPOINT', ['http:', 'https:'])),
    ...optional('metricsToken', read.optional('METRICS_TOKEN')),
    ledger: ledger(read, dataDir, production),
    siasn: siasn(read, production),
    host: read.text('HOST', '127.0.0.1'),
    port: port(read),
    publicUrl: publicUrl(read),
    webhookAllow: (read.optional('WEBHOOK_ALLOW') ?? '').split(/[\s,]+/).filter(Boolean),
    timeZone: timeZone(read),
    production,
    auth: auth(read, production),
    rolesClaim: read.text('ROLES_CLAIM', 'roles'),
    rateLimit: rateLimit(read),
  };
  if (read.faults.length > 0)
    throw new Error(`the settings are not in order:\n- ${read.faults.join('\n- ')}`);
  return settings;
}

function reading(env: Env): Read {
  const faults: string[] = [];
  const optional = (name: string): string | undefined => env[name]?.trim() || undefined;
  const text = (name: string, otherwise?: string): string => {
    const value = optional(name) ?? otherwise;
    if (value === undefined) faults.push(`${name} is missing`);
    return value ?? '';
  };
  return { text, optional, faults };
}

/** A setting that may be left out. */
const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [K in Name]?: Value };

function oneOf<Value extends string>(
  read: Read,
  name: string,
  values: readonly Value[],
  otherwise: Value,
): Value {
  const value = read.text(name, otherwise) as Value;
  if (!values.includes(value)) read.faults.push(`${name} is ${value}; it is one of ${values.join(', ')}`);
  return value;
}

/** The log and the database: files in the data directory, or servers. */
function places(read: Read, dataDir: string): Settings['places'] {
  const database = url(read, 'DATABASE_URL', POSTGRES) ?? join(dataDir, 'jejak.db');
  switch (oneOf(read, 'EVENT_STORE', ['sqlite', 'postgres', 'kurrent'], 'sqlite')) {
    case 'postgres':
      return { log: needed(read, 'EVENT_STORE_URL', POSTGRES, read.optional('DATABASE_URL')), database };
    case 'kurrent':
      return { log: needed(read, 'KURRENTDB_URL', KURRENT), database };
    default:
      return { log: join(dataDir, 'events.db'), database };
  }
}

const MEBIBYTE = 1_048_576;

function evidence(read: Read, dataDir: string): Settings['evidence'] {
  const most = read.text('EVIDENCE_MAX_BYTES', String(50 * MEBIBYTE));
  if (!/^[1-9]\d{0,12}$/.test(most))
    read.faults.push(`EVIDENCE_MAX_BYTES is ${most}; it is a whole number of bytes, from 1`);
  return { directory: read.text('EVIDENCE_DIR', join(dataDir, 'evidence')), maxBytes: Number(most) };
}

function roles(read: Read): ProcessRole[] {
  const named = read
    .text('ROLES', PROCESS_ROLES.join(','))
    .split(/[\s,]+/)
    .filter(Boolean);
  const unknown = named.filter((name) => !(PROCESS_ROLES as readonly string[]).includes(name));
  if (unknown.length > 0)
    read.faults.push(`ROLES names ${unknown.join(', ')}; it lists some of ${PROCESS_ROLES.join(', ')}`);
  return PROCESS_ROLES.filter((role) => named.includes(role));
}

function dailyImport(read: Read): Settings['dailyImport'] {
  const directory = read.optional('IMPORT_DIR');
  const at = read.text('IMPORT_AT', '02:00');
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(at)) read.faults.push(`IMPORT_AT is ${at}; it is a time like 02:30`);
  return directory === undefined ? undefined : { directory, at };
}

function ledger(read: Read, dataDir: string, production: boolean): LedgerSettings {
  const text = read.optional('LEDGER_KEY');
  const file = read.text('LEDGER_KEY_FILE', join(dataDir, 'ledger', 'log.key'));
  const origin = read.text('LEDGER_ORIGIN', 'jejak.localhost/log');
  if (/[\s+]/.test(origin))
    read.faults.push(`LEDGER_ORIGIN is ${origin}; it is a name without spaces and plus`);
  return {
    key: text === undefined ? { file } : { text },
    signedFile: read.text('LEDGER_SIGNED_FILE', join(dirname(file), 'signed')),
    // In production a key is made by somebody who knows where it is and who else has it.
    ...(production ? {} : { origin }),
    ...optional('policyFile', read.optional('LEDGER_POLICY_FILE')),
    ...optional('tsaUrl', url(read, 'TSA_URL', ['http:', 'https:'])),
    isPublic: oneOf(read, 'LEDGER_PUBLIC', ['no', 'yes'], 'no') === 'yes',
    ...optional('readToken', read.optional('LEDGER_READ_TOKEN')),
  };
}

function siasn(read: Read, production: boolean): SiasnSettings {
  return {
    ...optional('codesFile', read.optional('SIASN_CODES_FILE')),
    ...optional('instansiId', read.optional('SIASN_INSTANSI_ID')),
    ...optional('satuanKerjaId', read.optional('SIASN_SATUAN_KERJA_ID')),
    ...optional('service', siasnService(read, production ? ['https:'] : ['https:', 'http:'])),
  };
}

const SIASN_ACCOUNTS = [
  'SIASN_CONSUMER_KEY',
  'SIASN_CONSUMER_SECRET',
  'SIASN_CLIENT_ID',
  'SIASN_USERNAME',
  'SIASN_PASSWORD',
] as const;

/** All of the accounts, or none of them. */
function siasnService(read: Read, schemes: readonly string[]): SiasnSettings['service'] {
  if (SIASN_ACCOUNTS.every((name) => read.optional(name) === undefined)) return undefined;
  const [consumerKey = '', consumerSecret = '', clientId = '', username = '', password = ''] =
    SIASN_ACCOUNTS.map((name) => read.text(name));
  const at = (name: string, otherwise: string) => needed(read, name, schemes, otherwise).replace(/\/+$/, '');
  return {
    tokenUrl: at('SIASN_TOKEN_URL', 'https://apimws.bkn.go.id/oauth2/token'),
    ssoUrl: at(
      'SIASN_SSO_URL',
      'https://sso-siasn.bkn.go.id/auth/realms/public-siasn/protocol/openid-connect/token',
    ),
    apiUrl: at('SIASN_API_URL', 'https://apimws.bkn.go.id:8243/apisiasn/1.0'),
    consumerKey,
    consumerSecret,
    clientId,
    username,
    password,
  };
}

function port(read: Read): number {
  const text = read.text('PORT', '3000');
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    read.faults.push(`PORT is ${text}; it is a whole number from 0 to 65535`);
  return Number(text);
}

function publicUrl(read: Read): string {
  const text =
    url(read, 'PUBLIC_URL', ['http:', 'https:']) ?? `http://localhost:${read.text('PORT', '3000')}`;
  return text.endsWith('/') ? text : `${text}/`;
}

function rateLimit(read: Read): number {
  const text = read.text('RATE_LIMIT', '600');
  if (!/^[1-9]\d{0,5}$/.test(text))
    read.faults.push(`RATE_LIMIT is ${text}; it is a whole number of requests a minute, from 1 to 999999`);
  return Number(text);
}

function timeZone(read: Read): string {
  const name = read.text('TIME_ZONE', 'Asia/Jakarta');
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    read.faults.push(`TIME_ZONE is ${name}; it is an IANA name like Asia/Jakarta`);
  }
  return name;
}

function auth(read: Read, production: boolean): Auth {
  if (oneOf(read, 'AUTH', ['local', 'oidc'], 'local') === 'oidc')
    return {
      kind: 'oidc',
      issuer: read.text('OIDC_ISSUER'),
      audience: read.text('OIDC_AUDIENCE'),
      jwksUrl: needed(read, 'OIDC_JWKS_URL', production ? ['https:'] : ['https:', 'http:']),
    };
  if (production)
    read.faults.push(
      'AUTH is local, which anybody who reads DATA_DIR can sign for; production needs AUTH=oidc',
    );
  return { kind: 'local' };
}

/** A URL that may be left out. What is wrong with it is said without it: there may be a password in it. */
function url(read: Read, name: string, schemes: readonly string[]): string | undefined {
  const text = read.optional(name);
  return text === undefined ? undefined : checked(read, name, schemes, text);
}

/** A URL that must be there. */
function needed(read: Read, name: string, schemes: readonly string[], otherwise?: string): string {
  const text = read.text(name, otherwise);
  return text === '' ? text : checked(read, name, schemes, text);
}

function checked(read: Read, name: string, schemes: readonly string[], text: string): string {
  if (!schemes.some((scheme) => text.startsWith(`${scheme}//`)))
    read.faults.push(`${name} is not a URL that starts with ${schemes.join('// or ')}//`);
  return text;
}
