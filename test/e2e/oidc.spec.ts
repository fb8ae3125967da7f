import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readSettings } from '@app/config';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { authenticator } from '../../apps/server/src/auth.ts';

const ISSUER = 'https://sso.example.go.id/realms/asn';

describe('a token of an OpenID Connect issuer', () => {
  let keys: HttpServer;
  let sign: (claims: object, issuer?: string, audience?: string) => Promise<string>;
  let stranger: typeof sign;
  let authenticate: Awaited<ReturnType<typeof authenticator>>;

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    const other = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' };
    keys = createServer((_, answer) => {
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((listening) => keys.listen(0, '127.0.0.1', listening));
    const with_ =
      (key: typeof pair.privateKey): typeof sign =>
      (claims, issuer = ISSUER, audience = 'jejak') =>
        new SignJWT({ ...claims })
          .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
          .setIssuer(issuer)
          .setAudience(audience)
          .setSubject('198501012010011001')
          .setExpirationTime('5m')
          .sign(key);
    [sign, stranger] = [with_(pair.privateKey), with_(other.privateKey)];
    authenticate = await authenticator(
      readSettings({
        NODE_ENV: 'test',
        AUTH: 'oidc',
        OIDC_ISSUER: ISSUER,
        OIDC_AUDIENCE: 'jejak',
        OIDC_JWKS_URL: `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks`,
        ROLES_CLAIM: 'realm_access.roles',
      }),
    );
  });
  afterAll(() => new Promise((closed) => keys.close(closed)));

  it('gives who asks and the roles that the claim lists, and no others', async () => {
    const token = await sign({ realm_access: { roles: ['bkpsdm', 'offline_access'] } });
    expect(await authenticate(`Bearer ${token}`)).toEqual({
      issuer: ISSUER,
      name: '198501012010011001',
      roles: ['bkpsdm'],
    });
    expect(await authenticate(`Bearer ${await sign({ roles: ['bkpsdm'] })}`)).toMatchObject({ roles: [] });
  });

  it.each<[string, () => Promise<string>]>([
    ['of another issuer', () => sign({}, 'https://elsewhere.example')],
    ['for another audience', () => sign({}, ISSUER, 'payroll')],
    ['signed with another key', () => stranger({})],
  ])('is refused when it is %s', async (_, token) => {
    await expect(authenticate(`Bearer ${await token()}`)).rejects.toMatchObject({ status: 401 });
  });
});
