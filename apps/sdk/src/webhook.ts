import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import type { CloudEvent } from './types.ts';

/** Headers of a request: of `fetch`, of node:http, or a plain record; names in any case. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export type WebhookToVerify = {
  readonly headers: WebhookHeaders;
  /** The very bytes of the body, before anything parsed them. */
  readonly body: string | Uint8Array;
  /** `whsec_…` or `whpk_…`; several while a secret is changed for another. */
  readonly secret: string | readonly string[];
  /** How far the sender's clock may be from ours, either way. */
  readonly toleranceSeconds?: number;
  /** The time, for tests. */
  readonly now?: Date;
};

/** A webhook that is what it says. `id` is the same when it is sent again: keep it, so that nothing is done twice. */
export type Webhook = { readonly id: string; readonly sentAt: Date; readonly event: CloudEvent };

export type WebhookFault =
  | 'secret-unusable'
  | 'header-missing'
  | 'header-malformed'
  | 'too-old'
  | 'too-new'
  | 'signature-wrong'
  | 'not-json';

/** What is wrong with a webhook, or with the secret. Answer the sender 400, without the message. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  readonly fault: WebhookFault;

  constructor(fault: WebhookFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

const TOLERANCE_S = 300;

/**
 * Verifies a webhook as Standard Webhooks 1.0 has it: `v1` (HMAC-SHA256) by a `whsec_…`, `v1a` (Ed25519) by a `whpk_…`; one
 * good signature by one of the secrets suffices. Throws `WebhookError`.
 */
export function verifyWebhook(webhook: WebhookToVerify): Webhook {
  const { headers, body, secret, toleranceSeconds = TOLERANCE_S, now = new Date() } = webhook;
  const keys = (typeof secret === 'string' ? [secret] : secret).map(keyOf);
  if (keys.length === 0) throw unusable('there is none');
  const [id, at, given] = [
    headerIn(headers, 'id'),
    headerIn(headers, 'timestamp'),
    headerIn(headers, 'signature'),
  ];
  // With a dot in it, what is signed could be divided otherwise.
  if (id.includes('.')) throw new WebhookError('header-malformed', 'webhook-id has a dot in it');
  if (!/^\d{1,12}$/.test(at))
    throw new WebhookError(
      'header-malformed',
      `webhook-timestamp is ${JSON.stringify(at)}, not a number of seconds`,
    );
  const bytes = Buffer.from(body);
  const content = Buffer.concat([Buffer.from(`${id}.${at}.`), bytes]);
  const signatures = given.split(' ').map((text) => text.split(','));
  const isSigned = keys.some((isBy) =>
    signatures.some(([version = '', value = '']) => isBy(version, value, content)),
  );
  if (!isSigned) throw wrong(signatures.map(([version = '']) => version));
  assertRecent(Number(at), toleranceSeconds, now.getTime() / 1_000);
  return { id, sentAt: new Date(Number(at) * 1_000), event: parsed(bytes) };
}

/** Whether a signature of this version was made by a certain key. */
type IsBy = (version: string, signature: string, content: Buffer) => boolean;

function keyOf(secret: string): IsBy {
  const [, kind, text = ''] = /^(whsec|whpk|whsk)_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(text, 'base64');
  if (kind === 'whsec' && key.length >= 24 && key.length <= 64) return byHmac(key);
  if (kind === 'whpk' && key.length === 32) return byEd25519(key);
  if (kind === 'whsk')
    throw unusable('it is a private key (whsk_), which only the sender has: take its whpk_');
  throw unusable('it is whsec_ with 24 to 64 bytes in base64, or whpk_ with 32');
}

function byHmac(key: Buffer): IsBy {
  return (version, signature, content) => {
    const expected = createHmac('sha256', key).update(content).digest();
    const given = Buffer.from(signature, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  };
}

function byEd25519(key: Buffer): IsBy {
  const x = key.toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return (version, signature, content) => {
    const given = Buffer.from(signature, 'base64');
    return version === 'v1a' && given.length === 64 && verify(null, content, publicKey, given);
  };
}

function headerIn(headers: WebhookHeaders, last: string): string {
  const name = `webhook-${last}`;
  const value = typeof headers.get === 'function' ? headers.get(name) : named(headers as object, name);
  if (typeof value === 'string' && value !== '') return value;
  throw new WebhookError('header-missing', `the header ${name} is missing`);
}

function named(headers: object, name: string): unknown {
  const value: unknown = Object.entries(headers).find(([other]) => other.toLowerCase() === name)?.[1];
  return Array.isArray(value) ? value.join(' ') : value;
}

function assertRecent(at: number, tolerance: number, now: number): void {
  const late = Math.round(now - at);
  if (late > tolerance)
    throw new WebhookError(
      'too-old',
      `it was sent ${late} s ago, more than ${tolerance}: is it replayed, or the clock wrong?`,
    );
  if (-late > tolerance)
    throw new WebhookError(
      'too-new',
      `it was sent ${-late} s from now, more than ${tolerance}: set the clock of this machine`,
    );
}

function parsed(body: Buffer): CloudEvent {
  try {
    return JSON.parse(body.toString('utf8')) as CloudEvent;
  } catch {
    throw new WebhookError('not-json', 'the body is signed but is not JSON');
  }
}

const unusable = (why: string) => new WebhookError('secret-unusable', `the secret cannot be used: ${why}`);

const wrong = (versions: readonly string[]) =>
  new WebhookError(
    'signature-wrong',
    `no signature (${versions.join(', ')}) is good for this body and secret: pass the body as it came, byte by byte; ` +
      'is it the secret of this subscription, and whsec_ for v1, whpk_ for v1a?',
  );
