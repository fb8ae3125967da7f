import { describe, expect, it } from '@jest/globals';
import { readSettings } from './index.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  AUTH: 'oidc',
  OIDC_ISSUER: 'https://issuer',
  OIDC_AUDIENCE: 'jejak',
  OIDC_JWKS_URL: 'https://issuer/keys',
};

describe('the settings', () => {
  it('have a default for everything that a trial needs', () => {
    expect(readSettings({})).toEqual({
      dataDir: './data',
      places: { log: 'data/events.db', database: 'data/jejak.db' },
      evidence: { directory: 'data/evidence', maxBytes: 52_428_800 },
      roles: ['api', 'follower', 'courier', 'sealer'],
      ledger: {
        key: { file: 'data/ledger/log.key' },
        signedFile: 'data/ledger/signed',
        origin: 'jejak.localhost/log',
        isPublic: false,
      },
      siasn: {},
      logLevel: 'info',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000/',
      webhookAllow: [],
      timeZone: 'Asia/Jakarta',
      production: false,
      auth: { kind: 'local' },
      rolesClaim: 'roles',
      rateLimit: 600,
    });
  });

  it('say where those outside find the service, and where webhooks may go', () => {
    const { publicUrl, webhookAllow } = readSettings({
      PUBLIC_URL: 'https://jejak.sibolgakota.go.id',
      WEBHOOK_ALLOW: '10.1.0.0/16, https://gaji.test:8444',
    });
    expect(publicUrl).toBe('https://jejak.sibolgakota.go.id/');
    expect(webhookAllow).toEqual(['10.1.0.0/16', 'https://gaji.test:8444']);
    expect(() => readSettings({ PUBLIC_URL: 'jejak.test' })).toThrow(/PUBLIC_URL/);
  });

  it('say where the log is sealed; in production no key is made', () => {
    const ledger = (env: Record<string, string>) => readSettings(env).ledger;
    expect(
      ledger({ LEDGER_KEY_FILE: '/keys/log.key', LEDGER_PUBLIC: 'yes', TSA_URL: 'https://tsa/' }),
    ).toEqual({
      key: { file: '/keys/log.key' },
      signedFile: '/keys/signed',
      origin: 'jejak.localhost/log',
      tsaUrl: 'https://tsa/',
      isPublic: true,
    });
    const { key, origin } = ledger({ LEDGER_KEY: 'PRIVATE+KEY+x', ...PRODUCTION });
    expect([key, origin]).toEqual([{ text: 'PRIVATE+KEY+x' }, undefined]);
    const wrong = () => ledger({ LEDGER_PUBLIC: 'perhaps', LEDGER_ORIGIN: 'a b' });
    expect(wrong).toThrow(/LEDGER_PUBLIC is perhaps/);
    expect(wrong).toThrow(/LEDGER_ORIGIN is a b/);
  });

  it('say how SIASN is told: with all of its accounts, or not at all', () => {
    const accounts = {
      SIASN_CONSUMER_KEY: 'k',
      SIASN_CONSUMER_SECRET: 'hush',
      SIASN_CLIENT_ID: 'c',
      SIASN_USERNAME: 'u',
      SIASN_PASSWORD: 'hush',
    };
    const of = (env: Record<string, string>) => readSettings(env).siasn;
    expect(of({ SIASN_INSTANSI_ID: 'A5', SIASN_CODES_FILE: 'codes.json' })).toEqual({
      instansiId: 'A5',
      codesFile: 'codes.json',
    });
    const { service } = of({ ...accounts, SIASN_API_URL: 'http://localhost:1/apisiasn/1.0/' });
    expect(service).toMatchObject({
      tokenUrl: 'https://apimws.bkn.go.id/oauth2/token',
      apiUrl: 'http://localhost:1/apisiasn/1.0',
      consumerKey: 'k',
    });
    const { SIASN_PASSWORD: _, ...some } = accounts;
    expect(() => of(some)).toThrow(/- SIASN_PASSWORD is missing/);
    expect(() => of(some)).not.toThrow(/hush/);
    const clear = { ...PRODUCTION, ...accounts, SIASN_API_URL: 'http://bkn' };
    expect(() => of(clear)).toThrow(/- SIASN_API_URL is not a URL that starts with https/);
  });

  it('name every fault at once', () => {
    const env = {
      PORT: '70000',
      TIME_ZONE: 'Asia/Sibolga',
      NODE_ENV: 'prod',
      AUTH: 'oidc',
      OIDC_JWKS_URL: 'x',
      EVENT_STORE: 'kurrent',
      DATABASE_URL: 'mysql://u:secret@host/db',
      REDIS_URL: 'host:6379',
      LOG_LEVEL: 'loud',
      IMPORT_AT: '26:00',
      EVIDENCE_MAX_BYTES: '50 MiB',
      RATE_LIMIT: '10/s',
    };
    const is = ['PORT', 'TIME_ZONE', 'NODE_ENV', 'OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_JWKS_URL'];
    const faults = [
      ...is,
      'KURRENTDB_URL',
      'DATABASE_URL',
      'REDIS_URL',
      'LOG_LEVEL',
      'IMPORT_AT',
      'EVIDENCE_MAX_BYTES',
      'RATE_LIMIT',
    ];
    for (const name of faults) expect(() => readSettings(env)).toThrow(new RegExp(`- ${name} is`));
    expect(() => readSettings(env)).not.toThrow(/secret/);
    expect(() => readSettings({ ROLES: 'api, boss' })).toThrow(/- ROLES names boss; it lists some of api/);
  });

  it('say where the log and the database are', () => {
    const database = 'postgres://views/jejak';
    const of = (env: Record<string, string>) => readSettings({ DATABASE_URL: database, ...env }).places;
    expect(of({})).toEqual({ log: 'data/events.db', database });
    expect(of({ EVENT_STORE: 'postgres' })).toEqual({ log: database, database });
    expect(of({ EVENT_STORE: 'postgres', EVENT_STORE_URL: 'postgres://log/jejak' })).toEqual({
      log: 'postgres://log/jejak',
      database,
    });
    expect(of({ EVENT_STORE: 'kurrent', KURRENTDB_URL: 'kurrentdb://log?tls=true' })).toEqual({
      log: 'kurrentdb://log?tls=true',
      database,
    });
  });

  it('say where documents are kept, beside the record or elsewhere', () => {
    const of = (env: Record<string, string>) => readSettings(env).evidence;
    expect(of({ DATA_DIR: '/srv/jejak' }).directory).toBe('/srv/jejak/evidence');
    expect(of({ EVIDENCE_DIR: '/mnt/evidence', EVIDENCE_MAX_BYTES: '1024' })).toEqual({
      directory: '/mnt/evidence',
      maxBytes: 1024,
    });
    for (const most of ['0', '-1', '1.5', 'x'])
      expect(() => readSettings({ EVIDENCE_MAX_BYTES: most })).toThrow(/- EVIDENCE_MAX_BYTES is/);
  });

  it('say how many requests a minute an integrator may make', () => {
    expect(readSettings({ RATE_LIMIT: '60' }).rateLimit).toBe(60);
    for (const limit of ['0', '-1', '1.5', '1000000'])
      expect(() => readSettings({ RATE_LIMIT: limit })).toThrow(/- RATE_LIMIT is/);
  });

  it('refuse an issuer of one’s own in production, and keys fetched in the clear', () => {
    expect(() => readSettings({ NODE_ENV: 'production' })).toThrow(/AUTH is local/);
    const oidc = { NODE_ENV: 'production', AUTH: 'oidc', OIDC_ISSUER: 'https://sso', OIDC_AUDIENCE: 'jejak' };
    expect(() => readSettings({ ...oidc, OIDC_JWKS_URL: 'http://sso/keys' })).toThrow(/OIDC_JWKS_URL/);
    expect(readSettings({ ...oidc, OIDC_JWKS_URL: 'https://sso/keys' }).auth).toMatchObject({ kind: 'oidc' });
  });
});
