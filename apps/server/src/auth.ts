import type { Settings } from '@app/config';
import type { Clearance } from '@app/delivery';
import { CLASSIFICATIONS } from '@app/domain/classification';
import {
  API_KEY_ISSUER,
  type ApiKeys,
  isKeyText,
  LOCAL_AUDIENCE,
  LOCAL_ISSUER,
  localKey,
  ROLES,
  type Role,
} from '@app/people';
import type { FastifyRequest } from 'fastify';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { Problem } from './problem.ts';

/**
 * Who asks, as a key or the token's issuer vouches for it. `subject`: the person of the record that the account belongs
 * to. `clearance`: what the key, or a scope of an integrator's token, allows; absent: what the role does. `purpose`: what
 * the key is for. `key`: its id. `expires`: in ms.
 */
export type Bearer = {
  readonly issuer: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly subject?: string;
  readonly clearance?: Clearance;
  readonly purpose?: string;
  readonly key?: string;
  readonly expires?: number;
};

/** Who asks, from the `Authorization` header; throws a problem where there is no valid token. */
export type Authenticate = (authorization: string | undefined) => Promise<Bearer>;

/** The check of tokens, for doors that ask more than once: what lasts must end when its token does. */
export class Who {
  constructor(readonly authenticate: Authenticate) {}
}

const CHALLENGE = 'Bearer realm="jejak"';
const CLOCK_TOLERANCE_SECONDS = 5;
/** Signatures by a private key; never one by a shared secret, and never none. */
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'PS384', 'RS256', 'RS384', 'RS512'];

type Verify = (token: string) => Promise<{ payload: JWTPayload }>;

/** The check of tokens that the settings ask for, and of integrators' keys beside them. */
export async function authenticator(
  settings: Settings,
  keys: Pick<ApiKeys, 'verify'>,
): Promise<Authenticate> {
  const verify = await verifier(settings);
  const rolesClaim = settings.auth.kind === 'oidc' ? settings.rolesClaim : 'roles';
  return async (authorization) => {
    const token = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthorised(CHALLENGE, 'send Authorization: Bearer <token>');
    if (isKeyText(token)) return holderOf(keys, token);
    return bearerOf((await verify(token).catch(refusedToken)).payload, rolesClaim);
  };
}

async function verifier({ auth, dataDir }: Settings): Promise<Verify> {
  if (auth.kind === 'oidc') {
    const keys = createRemoteJWKSet(new URL(auth.jwksUrl));
    const { issuer, audience } = auth;
    return (token) => jwtVerify(token, keys, rules(issuer, audience, ALGORITHMS));
  }
  const key = await localKey(dataDir);
  return (token) => jwtVerify(token, key, rules(LOCAL_ISSUER, LOCAL_AUDIENCE, ['EdDSA']));
}

const rules = (issuer: string, audience: string, algorithms: string[]): JWTVerifyOptions => ({
  issuer,
  audience,
  algorithms,
  requiredClaims: ['sub', 'exp'],
  clockTolerance: CLOCK_TOLERANCE_SECONDS,
});

/** The holder of a key: an integrator, under the terms of the key. */
async function holderOf(keys: Pick<ApiKeys, 'verify'>, token: string): Promise<Bearer> {
  const held = await keys.verify(token);
  if (!held) throw notValid();
  const { id, sees, reads, purpose, expires } = held;
  const clearance = { sees, reads };
  return {
    issuer: API_KEY_ISSUER,
    name: id,
    roles: ['integrator'],
    clearance,
    purpose,
    key: id,
    expires,
  };
}

function bearerOf(payload: JWTPayload, rolesClaim: string): Bearer {
  const { iss = '', sub = '', exp = 0, subject } = payload;
  const roles = rolesIn(payload, rolesClaim);
  const clearance = roles.includes('integrator') ? clearanceIn(payload) : undefined;
  return {
    issuer: iss,
    name: sub,
    roles,
    expires: exp * 1_000,
    ...(typeof subject === 'string' ? { subject } : {}),
    ...(clearance === undefined ? {} : { clearance }),
  };
}

/** `scope` (RFC 8693 §4.2), as of OAuth client credentials: `events:<class>` gives data up to it; of several, the widest. */
function clearanceIn({ scope }: JWTPayload): Clearance | undefined {
  const scopes = typeof scope === 'string' ? scope.split(' ') : [];
  const reads = CLASSIFICATIONS.findLast((classification) => scopes.includes(`events:${classification}`));
  return reads && { sees: 'restricted', reads };
}

/** A token that is wrong is the asker's affair; keys that cannot be had are ours. */
function refusedToken(cause: unknown): never {
  if (cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout)) throw notValid();
  throw new Problem(503, { detail: 'the keys of the issuer cannot be had now' }, { 'retry-after': '5' });
}

const notValid = (): Problem =>
  unauthorised(`${CHALLENGE}, error="invalid_token"`, 'the token is not valid, or no longer');

const unauthorised = (challenge: string, detail: string): Problem =>
  new Problem(401, { detail }, { 'www-authenticate': challenge });

/** The roles in a claim: a list, or words in a text. The claim is looked for by its whole name, then as a path. */
function rolesIn(payload: JWTPayload, claim: string): Role[] {
  const within = (value: unknown, key: string) => (value as Record<string, unknown> | undefined)?.[key];
  const found = payload[claim] ?? claim.split('.').reduce<unknown>(within, payload);
  const words = typeof found === 'string' ? found.split(/\s+/) : Array.isArray(found) ? found : [];
  return ROLES.filter((role) => words.includes(role));
}

const BEARERS = new WeakMap<object, Bearer>();

/** Remembers who asks, for as long as the request lasts. */
export const remember = (request: FastifyRequest, bearer: Bearer): void => {
  BEARERS.set(request, bearer);
};

export const bearerIn = (request: FastifyRequest): Bearer | undefined => BEARERS.get(request);
