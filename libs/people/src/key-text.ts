import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How every key begins, for those who look for secrets where none should be. */
const PREFIX = 'jjk_';
const KEY = /^jjk_([0-9a-v]{16})_([A-Za-z0-9_-]{43})$/;
const ID_BYTES = 10;
const SECRET_BYTES = 32;

/** Whether a token is meant as a key, be it one or not. */
export const isKeyText = (token: string): boolean => token.startsWith(PREFIX);

/** The id of the key that a command issues: 80 bits, 16 characters; the same command gives the same id. */
export function keyIdOf(commandId: string): string {
  const digest = createHash('sha256').update(`apiKey ${commandId}`).digest('hex');
  return BigInt(`0x${digest.slice(0, 2 * ID_BYTES)}`)
    .toString(32)
    .padStart(16, '0');
}

/** A secret of 256 random bits, base64url. */
export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** The key as its holder has it: `jjk_<id>_<secret>`. */
export const keyText = (id: string, secret: string): string => `${PREFIX}${id}_${secret}`;

/** The parts of a key; undefined: it is none. */
export function partsOf(text: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** SHA-256 of a secret, hexadecimal. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether a secret has a hash; takes as long for one that nearly has. */
export const isOf = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(hash));
