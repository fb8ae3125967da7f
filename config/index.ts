import 'reflect-metadata';

/** Who vouches for the bearer of a token: this server itself, for trying things out, or an OpenID Connect issuer. */
type Auth =
  | { readonly kind: 'local' }
  | { readonly kind: 'oidc'; readonly issuer: string; readonly audience: string; readonly jwksUrl: string };

/** Every setting, checked. */
export type Settings = {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** IANA name; it decides which day it is. */
  readonly timeZone: string;
  readonly production: boolean;
  readonly auth: Auth;
  /** The claim of a token that lists the roles; a path with dots where no claim has the whole name. */
  readonly rolesClaim: string;
};

type Env = Readonly<Record<string, string | undefined>>;
type Read = { readonly text: (name: string, otherwise?: string) => string; readonly faults: string[] };

const SURROUNDINGS = ['development', 'test', 'production'];

/** Reads the settings; throws one error that lists all that is wrong with them. */
export function readSettings(env: Env): Settings {
  const read = reading(env);
  const production = oneOf(read, 'NODE_ENV', SURROUNDINGS, 'development') === 'production';
  const settings = {
    dataDir: read.text('DATA_DIR', './data'),
    host: read.text('HOST', '127.0.0.1'),
    port: port(read),
    timeZone: timeZone(read),
    production,
    auth: auth(read, production),
    rolesClaim: read.text('ROLES_CLAIM', 'roles'),
  };
  if (read.faults.length > 0)
    throw new Error(`the settings are not in order:\n- ${read.faults.join('\n- ')}`);
  return settings;
}

function reading(env: Env): Read {
  const faults: string[] = [];
  const text = (name: string, otherwise?: string): string => {
    const value = env[name]?.trim() || otherwise;
    if (value === undefined) faults.push(`${name} is missing`);
    return value ?? '';
  };
  return { text, faults };
}

function oneOf(read: Read, name: string, values: readonly string[], otherwise: string): string {
  const value = read.text(name, otherwise);
  if (!values.includes(value)) read.faults.push(`${name} is ${value}; it is one of ${values.join(', ')}`);
  return value;
}

function port(read: Read): number {
  const text = read.text('PORT', '3000');
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    read.faults.push(`PORT is ${text}; it is a whole number from 0 to 65535`);
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
      jwksUrl: url(read, 'OIDC_JWKS_URL', production),
    };
  if (production)
    read.faults.push(
      'AUTH is local, which anybody who reads DATA_DIR can sign for; production needs AUTH=oidc',
    );
  return { kind: 'local' };
}

function url(read: Read, name: string, production: boolean): string {
  const text = read.text(name);
  if (text === '') return text;
  const schemes = production ? ['https:'] : ['https:', 'http:'];
  if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol))
    read.faults.push(`${name} is ${text}; it is a URL that starts with ${schemes.join('// or ')}//`);
  return text;
}
