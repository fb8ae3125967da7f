import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign as signBytes,
} from 'node:crypto';

/**
 * What is signed, and with what. `id` stays the same over all attempts; `timestamp` is that of the attempt, in seconds;
 * `body` has the very bytes that are sent. Several `secrets` and `keys` where one takes the place of another.
 */
export type Signed = {
  readonly id: string;
  readonly timestamp: number;
  readonly body: Uint8Array;
  /** Each `whsec_…`: signs as `v1`, HMAC-SHA256. */
  readonly secrets?: readonly string[];
  /** Each `whsk_…`: signs as `v1a`, Ed25519. */
  readonly keys?: readonly string[];
};

const SECRET = 'whsec_';
const PRIVATE = 'whsk_';
const PUBLIC = 'whpk_';
/** Standard Webhooks allows 24 to 64 bytes of a secret. */
const SECRET_BYTES = { least: 24, new: 32, most: 64 };
const SEED_BYTES = 32;
const KEY_BYTES = 64;

/** A new secret of both sides, `whsec_` and 32 random bytes in base64. */
export const newSecret = (): string => SECRET + randomBytes(SECRET_BYTES.new).toString('base64');

/** A new pair of keys: `whsk_` is ours alone (seed and public key), `whpk_` is for the receiver. */
export function newKeyPair(): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const [seed, key] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  return {
    privateKey: PRIVATE + Buffer.concat([seed, key]).toString('base64'),
    publicKey: PUBLIC + key.toString('base64'),
  };
}

/**
 * The value of the header `webhook-signature` (Standard Webhooks 1.0): one signature for each secret and key, with a
 * space between. Throws where nothing of it could be verified: an id with a full stop, no key, a key of another form.
 */
export function sign({ id, timestamp, body, secrets = [], keys = [] }: Signed): string {
  if (!/^[\w-]+$/.test(id)) throw new Error('the id of a webhook has letters, digits, - and _ only');
  if (!Number.isSafeInteger(timestamp) || timestamp < 0)
    throw new Error('the timestamp of a webhook is in whole seconds since 1970');
  if (secrets.length + keys.length === 0) throw new Error('a webhook is not sent unsigned');
  const before = `${id}.${timestamp}.`;
  const v1 = secrets.map((secret) => {
    const mac = createHmac('sha256', secretOf(secret)).update(before).update(body);
    return `v1,${mac.digest('base64')}`;
  });
  const v1a = keys.map((key) => {
    const message = Buffer.concat([Buffer.from(before), body]);
    return `v1a,${signBytes(null, message, keyOf(key)).toString('base64')}`;
  });
  return [...v1, ...v1a].join(' ');
}

function secretOf(text: string): Buffer {
  const bytes = bytesOf(text, SECRET);
  if (bytes.length < SECRET_BYTES.least || bytes.length > SECRET_BYTES.most)
    throw new Error(`a secret of webhooks has ${SECRET_BYTES.least} to ${SECRET_BYTES.most} bytes`);
  return bytes;
}

function keyOf(text: string): KeyObject {
  const bytes = bytesOf(text, PRIVATE);
  if (bytes.length !== KEY_BYTES) throw new Error(`a private key of webhooks has ${KEY_BYTES} bytes`);
  // As a JWK: read ten times as fast as DER, and that at every webhook.
  const [d, x] = [bytes.subarray(0, SEED_BYTES), bytes.subarray(SEED_BYTES)].map((part) =>
    part.toString('base64url'),
  );
  return createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
}

/** What comes after the prefix is never said back in a message. */
function bytesOf(text: string, prefix: string): Buffer {
  const body = text.startsWith(prefix) ? text.slice(prefix.length) : '';
  const bytes = Buffer.from(body, 'base64');
  if (body === '' || bytes.toString('base64') !== body)
    throw new Error(`a key of webhooks is not ${prefix} and base64`);
  return bytes;
}
