import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readSettings } from '@app/config';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { authenticator } from '../../apps/server/src/auth.ts';

const KEY = `jjk_${'0'.repeat(16)}_${'A'.repeat(43)}`;
const held = {
  id: '0'.repeat(16),
  sees: 'restricted',
  reads: 'internal',
  purpose: 'penggajian',
  expires: 1_803_859_200_000,
} as const;
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
      { verify: async (text) => (text === KEY ? held : undefined) },
    );
  });
  afterAll(() => new Promise((closed) => keys.close(closed)));

  it('gives who asks and the roles that the claim lists, and no others', async () => {
    const token = await sign({ realm_access: { roles: ['bkpsdm', 'offline_access'] } });
    expect(await authenticate(`Bearer ${token}`)).toEqual({
      issuer: ISSUER,
      name: '198501012010011001',
      roles: ['bkpsdm'],
      expires: expect.any(Number),
    });
    expect(await authenticate(`Bearer ${await sign({ roles: ['bkpsdm'] })}`)).toMatchObject({ roles: [] });
  });

  it('of an integrator says in its scope which data are read, and of nobody else', async () => {
    const reads = async (role: string, scope?: unknown) => {
      const token = await sign({ realm_access: { roles: [role] }, scope });
      return (await authenticate(`Bearer ${token}`)).clearance;
    };
    expect(await reads('integrator', 'openid events:confidential events:internal')).toEqual({
      sees: 'restricted',
      reads: 'confidential',
    });
    for (const scope of [undefined, 'openid', 'events:all', 'xevents:internal', ['events:internal'], 7])
      expect([scope, await reads('integrator', scope)]).toEqual([scope, undefined]);
    expect(await reads('bkpsdm', 'events:internal')).toBeUndefined();
  });

  it('is good until it says; so is a key, which stands beside it', async () => {
    const token = await sign({ exp: 1_803_859_200 });
    expect((await authenticate(`Bearer ${token}`)).expires).toBeGreaterThan(Date.now());
    expect(await authenticate(`Bearer ${KEY}`)).toEqual({
      issuer: 'urn:jejak:api-key',
      name: held.id,
      roles: ['integrator'],
      clearance: { sees: 'restricted', reads: 'internal' },
      purpose: 'penggajian',
      key: held.id,
      expires: held.expires,
    });
    for (const wrong of [`${KEY}x`, 'jjk_', KEY.toUpperCase()])
      await expect(authenticate(`Bearer ${wrong}`)).rejects.toMatchObject({ status: 401 });
  });

  it.each<[string, () => Promise<string>]>([
    ['of another issuer', () => sign({}, 'https://elsewhere.example')],
    ['for another audience', () => sign({}, ISSUER, 'payroll')],
    ['signed with another key', () => stranger({})],
  ])('is refused when it is %s', async (_, token) => {
    await expect(authenticate(`Bearer ${await token()}`)).rejects.toMatchObject({ status: 401 });
  });
});
