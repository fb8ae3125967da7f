import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { cut } from './base64.ts';
import { Malformed } from './malformed.ts';
import { sha256 } from './merkle.ts';

/** Signature types of signed notes: of a log (Ed25519 over the text), and of a witness (a timestamped cosignature). */
export const LOG_KEY = 0x01;
export const WITNESS_KEY = 0x04;
export type KeyType = typeof LOG_KEY | typeof WITNESS_KEY;

/** Whose signature a line claims to be. `id`: 8 hex digits. */
type Named = { readonly name: string; readonly id: string };

/** Checks the signatures of one key. `vkey` is the key as it is published. */
export type Verifier = Named & {
  readonly type: KeyType;
  readonly vkey: string;
  readonly publicKey: Buffer;
  readonly isBy: (text: string, signature: Buffer) => boolean;
};

/** Signs with one key. `sign` gives the bytes after the key id. */
export type Signer = Named & {
  readonly type: KeyType;
  readonly verifier: Verifier;
  readonly sign: (text: string) => Buffer;
};

const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;
const PRIVATE = 'PRIVATE+KEY+';
/** A cosignature states a time before this, in seconds (C2SP tlog-cosignature). */
const END_OF_TIME = 2n ** 63n;

/** The first 4 bytes of SHA-256(name || 0x0A || type || public key), in hex. */
export const keyId = (name: string, type: number, publicKey: Uint8Array): string =>
  sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey])).toString('hex', 0, 4);

/** A name is not empty and has no white space of Unicode, no plus, and no character that no note has. */
export const isKeyName = (name: string): boolean =>
  name !== '' && !/[^!-\u{10ffff}]|[+\p{White_Space}\p{Surrogate}]/u.test(name);

/** A verifier from `name+id+base64(type || key)`, as it is published. Throws `Malformed`. */
export function parseVkey(vkey: string): Verifier {
  const { name, id, type, key } = parts(vkey, 'the verifier key');
  if (keyId(name, type, key) !== id)
    throw new Malformed(`the verifier key of ${name} does not have the id ${id}`);
  return verifierOf(name, type, key);
}

/** The verifier of a public key. */
export function verifierOf(name: string, type: KeyType, publicKey: Buffer): Verifier {
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  const id = keyId(name, type, publicKey);
  const body = Buffer.concat([Buffer.of(type), publicKey]).toString('base64');
  return { name, id, type, publicKey, vkey: `${name}+${id}+${body}`, isBy: CHECKS[type](key) };
}

/** A signer from Go's form of a private key, `PRIVATE+KEY+name+id+base64(type || seed)`. Throws `Malformed`. */
export function parseSkey(skey: string, clock: () => number = Date.now): Signer {
  if (!skey.startsWith(PRIVATE)) throw new Malformed(`the private key does not begin with ${PRIVATE}`);
  const { name, id, type, key: seed } = parts(skey.slice(PRIVATE.length), 'the private key');
  const signer = signerOf(name, type, seed, clock);
  if (signer.id !== id) throw new Malformed(`the private key of ${name} does not have the id ${id}`);
  return signer;
}

/** The signer of a seed of 32 bytes; `clock` in ms, for the time in a cosignature. */
export function signerOf(name: string, type: KeyType, seed: Buffer, clock: () => number = Date.now): Signer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
  const verifier = verifierOf(name, type, publicKey);
  const ed25519 = (text: string) => signBytes(null, Buffer.from(text), key);
  const cosign = (text: string) => {
    const seconds = BigInt(Math.floor(clock() / 1_000));
    const time = Buffer.alloc(TIME_BYTES);
    time.writeBigUInt64BE(seconds);
    return Buffer.concat([time, ed25519(cosigned(text, seconds))]);
  };
  return { name, id: verifier.id, type, verifier, sign: type === LOG_KEY ? ed25519 : cosign };
}

/** A new private key in Go's form. Keep it where the database is not. */
export function newSkey(name: string, type: KeyType): string {
  if (!isKeyName(name))
    throw new Malformed(
      `${cut(name)} cannot name a key; take a name without spaces and plus, like sibolga.go.id/log`,
    );
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length);
  const { id } = signerOf(name, type, seed);
  return `${PRIVATE}${name}+${id}+${Buffer.concat([Buffer.of(type), seed]).toString('base64')}`;
}

/** The seconds since 1970 that a cosignature states. */
export const timeOf = (cosignature: Buffer): number => Number(cosignature.readBigUInt64BE());

/** What a witness signs (C2SP tlog-cosignature v1): its time, and the text of the checkpoint. */
const cosigned = (text: string, seconds: bigint): string => `cosignature/v1\ntime ${seconds}\n${text}`;

const CHECKS: Readonly<Record<KeyType, (key: KeyObject) => Verifier['isBy']>> = {
  [LOG_KEY]: (key) => (text, signature) =>
    signature.length === SIGNATURE_BYTES && verifyBytes(null, Buffer.from(text), key, signature),
  [WITNESS_KEY]: (key) => (text, signature) => {
    if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return false;
    const seconds = signature.readBigUInt64BE();
    const message = Buffer.from(cosigned(text, seconds));
    return seconds < END_OF_TIME && verifyBytes(null, message, key, signature.subarray(TIME_BYTES));
  },
};

/**
 * Split at the first two plus signs only: base64 has them too. What comes after them is never said back in a message,
 * also where the key should be public: somebody may have taken the private one for it.
 */
function parts(text: string, what: string) {
  const [, name = '', id = '', body = ''] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text) ?? [];
  if (!isKeyName(name)) throw new Malformed(`${what} is not name+id+key`);
  const its = `${what} ${cut(`${name}+${id}`)}`;
  const bytes = Buffer.from(body, 'base64');
  if (bytes.toString('base64') !== body) throw new Malformed(`${its} is not canonical base64`);
  const type = bytes[0];
  if (type !== LOG_KEY && type !== WITNESS_KEY)
    throw new Malformed(`${its} is of a type that is not known here`);
  if (bytes.length !== 1 + KEY_BYTES) throw new Malformed(`${its} does not have ${KEY_BYTES} bytes`);
  return { name, id, type: type as KeyType, key: bytes.subarray(1) };
}
