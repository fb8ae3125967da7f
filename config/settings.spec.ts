import { describe, expect, it } from '@jest/globals';
import { readSettings } from './index.ts';

describe('the settings', () => {
  it('have a default for everything that a trial needs', () => {
    expect(readSettings({})).toEqual({
      dataDir: './data',
      host: '127.0.0.1',
      port: 3000,
      timeZone: 'Asia/Jakarta',
      production: false,
      auth: { kind: 'local' },
      rolesClaim: 'roles',
    });
  });

  it('name every fault at once', () => {
    const env = {
      PORT: '70000',
      TIME_ZONE: 'Asia/Sibolga',
      NODE_ENV: 'prod',
      AUTH: 'oidc',
      OIDC_JWKS_URL: 'x',
    };
    const faults = ['PORT', 'TIME_ZONE', 'NODE_ENV', 'OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_JWKS_URL'];
    for (const name of faults) expect(() => readSettings(env)).toThrow(new RegExp(`- ${name} is`));
  });

  it('refuse an issuer of one’s own in production, and keys fetched in the clear', () => {
    expect(() => readSettings({ NODE_ENV: 'production' })).toThrow(/AUTH is local/);
    const oidc = { NODE_ENV: 'production', AUTH: 'oidc', OIDC_ISSUER: 'https://sso', OIDC_AUDIENCE: 'jejak' };
    expect(() => readSettings({ ...oidc, OIDC_JWKS_URL: 'http://sso/keys' })).toThrow(/OIDC_JWKS_URL/);
    expect(readSettings({ ...oidc, OIDC_JWKS_URL: 'https://sso/keys' }).auth).toMatchObject({ kind: 'oidc' });
  });
});
