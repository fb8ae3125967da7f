import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

/** What the bearer of a token may be. */
export const ROLES = ['inspektorat', 'bkpsdm', 'pimpinan', 'pegawai', 'integrator'] as const;
export type Role = (typeof ROLES)[number];

/** The issuer for trying things out: whoever can read the data directory can sign. Refused in production. */
export const LOCAL_ISSUER = 'urn:jejak:local';
export const LOCAL_AUDIENCE = 'urn:jejak';

/** Whom a token is for: a role, the name of the account, and the person of the record that the account belongs to. */
export type LocalBearer = { readonly role: Role; readonly sub: string; readonly subject?: string };

type Pair = { readonly private: JWK; readonly public: JWK };

/** A token of the local issuer, good for `ttl` seconds. Makes the issuer's key pair where there is none yet. */
export async function mintLocalToken(
  dataDir: string,
  { role, sub, subject }: LocalBearer,
  ttl: number,
): Promise<string> {
  const pair = await keyPair(dataDir);
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ roles: [role], ...(subject === undefined ? {} : { subject }) })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
    .setIssuer(LOCAL_ISSUER)
    .setAudience(LOCAL_AUDIENCE)
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + ttl)
    .sign(await importJWK(pair.private, 'EdDSA'));
}

/** The key that tokens of the local issuer are verified with. */
export async function localKey(dataDir: string) {
  return importJWK((await keyPair(dataDir)).public, 'EdDSA');
}

/** The pair in the data directory; of two processes that make one at the same time, the first one's stays. */
async function keyPair(dataDir: string): Promise<Pair> {
  const file = join(dataDir, 'local-issuer.json');
  const kept = read(file);
  if (kept) return kept;
  const made = await generateKeyPair('EdDSA', { extractable: true });
  const pair: Pair = { private: await exportJWK(made.privateKey), public: await exportJWK(made.publicKey) };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(pair), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) throw cause;
  } finally {
    rmSync(draft);
  }
  return read(file) ?? pair;
}

function read(file: string): Pair | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Pair;
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}

const hasCode = (cause: unknown, code: string): boolean =>
  (cause as { code?: unknown } | null)?.code === code;
