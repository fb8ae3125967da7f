import type { Settings } from '@app/config';
import type { Clearance } from '@app/delivery';
import { LOCAL_AUDIENCE, LOCAL_ISSUER, localKey, ROLES, type Role } from '@app/people';
import type { FastifyRequest } from 'fastify';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { Problem } from './problem.ts';

/** Who asks, as the token's issuer vouches for it. `subject`: the person of the record that the account belongs to. */
export type Bearer = {
  readonly issuer: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly subject?: string;
  /** What a grant says may be told; absent: what the role is told. */
  readonly clearance?: Clearance;
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

/** The check of tokens that the settings ask for. */
export async function authenticator({ auth, dataDir, rolesClaim }: Settings): Promise<Authenticate> {
  if (auth.kind === 'oidc') {
    const keys = createRemoteJWKSet(new URL(auth.jwksUrl));
    const { issuer, audience } = auth;
    return bearerOf((token) => jwtVerify(token, keys, rules(issuer, audience, ALGORITHMS)), rolesClaim);
  }
  const key = await localKey(dataDir);
  return bearerOf((token) => jwtVerify(token, key, rules(LOCAL_ISSUER, LOCAL_AUDIENCE, ['EdDSA'])), 'roles');
}

const rules = (issuer: string, audience: string, algorithms: string[]): JWTVerifyOptions => ({
  issuer,
  audience,
  algorithms,
  requiredClaims: ['sub', 'exp'],
  clockTolerance: CLOCK_TOLERANCE_SECONDS,
});

function bearerOf(
  verify: (token: string) => Promise<{ payload: JWTPayload }>,
  rolesClaim: string,
): Authenticate {
  return async (authorization) => {
    const token = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthorised(CHALLENGE, 'send Authorization: Bearer <token>');
    const { payload } = await verify(token).catch(refusedToken);
    const { iss = '', sub = '', subject } = payload;
    return {
      issuer: iss,
      name: sub,
      roles: rolesIn(payload, rolesClaim),
      ...(typeof subject === 'string' ? { subject } : {}),
    };
  };
}

/** A token that is wrong is the asker's affair; keys that cannot be had are ours. */
function refusedToken(cause: unknown): never {
  if (cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout))
    throw unauthorised(`${CHALLENGE}, error="invalid_token"`, 'the token is not valid, or no longer');
  throw new Problem(503, { detail: 'the keys of the issuer cannot be had now' }, { 'retry-after': '5' });
}

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
