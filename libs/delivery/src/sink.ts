import { isIP } from 'node:net';
import { isPublic, Networks } from './networks.ts';

/**
 * Where webhooks may go beside the public internet. `networks`: of our own; their hosts are also reached by http and on
 * any port. `origins`: like `http://payroll.example:8080`, whose scheme and port are let through; their addresses are
 * judged like those of others.
 */
export type SinkPolicy = { readonly networks: Networks; readonly origins: ReadonlySet<string> };

const MOST_CHARACTERS = 2_048;
/** 443 is not spelled in an https URL. */
const PORTS: ReadonlySet<string> = new Set(['', '8443']);

/** The policy of an allow list of networks and origins. Throws on an entry that is neither. */
export function sinkPolicy(allow: readonly string[] = []): SinkPolicy {
  const origins = allow.filter((entry) => entry.includes('://'));
  return {
    networks: new Networks(allow.filter((entry) => !entry.includes('://'))),
    origins: new Set(origins.map(originOf)),
  };
}

/**
 * What is wrong with the URL of a sink, as far as it can be told without asking for its address; undefined: nothing.
 * An address in the URL is judged here, in whatever spelling; a name is at each attempt, by `addressFault`.
 */
export function checkSink(text: string, policy: SinkPolicy): string | undefined {
  if (text.length > MOST_CHARACTERS) return `is longer than ${MOST_CHARACTERS} characters`;
  if (!URL.canParse(text)) return 'is not a URL; write it like https://payroll.example/hooks';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must not have a user name or a password';
  if (url.href.includes('#')) return 'must not have a fragment (#)';
  if (isIP(hostOf(url)) !== 0) return addressFault(url, [hostOf(url)], policy);
  return isOrdinary(url, policy) || policy.networks.spellings.length > 0 ? undefined : EXTRAORDINARY;
}

/** What is wrong with the addresses of a host: every one has to be allowed. Says none of them. */
export function addressFault(url: URL, addresses: readonly string[], policy: SinkPolicy): string | undefined {
  const foreign = addresses.filter((address) => !policy.networks.has(address));
  if (foreign.some((address) => !isPublic(address)))
    return 'has an address that webhooks are not sent to: it is not of the public internet, nor on the allow list';
  return foreign.length === 0 || isOrdinary(url, policy) ? undefined : EXTRAORDINARY;
}

/** The host of a URL: an address without brackets, else a name. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const EXTRAORDINARY =
  'must be https on port 443 or 8443; http and other ports are for origins and networks on the allow list';

const isOrdinary = (url: URL, { origins }: SinkPolicy): boolean =>
  (url.protocol === 'https:' && PORTS.has(url.port)) || origins.has(url.origin);

function originOf(entry: string): string {
  const { origin = '', protocol = '' } = URL.canParse(entry) ? new URL(entry) : {};
  if (/^https?:$/.test(protocol) && entry.replace(/\/$/, '').toLowerCase() === origin) return origin;
  throw new Error(`${entry} is not an origin; write it like http://payroll.example:8080, without a path`);
}
