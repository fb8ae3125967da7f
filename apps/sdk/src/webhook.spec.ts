import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Webhook as Public } from 'standardwebhooks';
import { signatureBy } from '../../../test/feed-double/sign.ts';
import { verifyWebhook, WebhookError, type WebhookToVerify } from './index.ts';

/** Proof 4.8: the vectors of Standard Webhooks. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const PRIVATE =
  'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const PUBLIC = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const AT = 1_614_265_330;
const BODY = '{"test": 2432232314}';
const V1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const V1A = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';
const OTHER = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';

const headers = (signature = V1, id = ID, at: string | number = AT) => ({
  'webhook-id': id,
  'webhook-timestamp': String(at),
  'webhook-signature': signature,
});
const at = (seconds: number) => new Date(seconds * 1_000);
const vector: WebhookToVerify = { headers: headers(), body: BODY, secret: SECRET, now: at(AT) };
const verified = (more: Partial<WebhookToVerify> = {}) => verifyWebhook({ ...vector, ...more });
const faultOf = (more: Partial<WebhookToVerify>) => {
  try {
    return `passed: ${JSON.stringify(verified(more))}`;
  } catch (error) {
    return error instanceof WebhookError ? error.fault : error;
  }
};
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

describe('a webhook', () => {
  it('is verified by either vector of Standard Webhooks', () => {
    const told = { id: ID, sentAt: at(AT), event: { test: 2432232314 } };
    expect(verified()).toEqual(told);
    expect(verified({ headers: headers(V1A), secret: PUBLIC })).toEqual(told);
    expect(signatureBy(SECRET, ID, AT, BODY)).toBe(V1);
    expect(signatureBy(PRIVATE, ID, AT, BODY)).toBe(V1A);
  });

  it('is verified where one of several signatures is good, by one of several secrets', () => {
    for (const signature of [
      `${OTHER} ${V1}`,
      `${V1} ${OTHER}`,
      `v2,x ${V1A} ${OTHER} ${V1}`,
      `${OTHER}, ${V1}`,
    ])
      expect(verified({ headers: headers(signature) }).id).toBe(ID);
    for (const secret of [
      [newSecret(), SECRET],
      [PUBLIC, SECRET],
      [SECRET, newSecret()],
    ])
      expect(verified({ secret }).id).toBe(ID);
    expect(verified({ headers: headers(`${OTHER} ${V1A}`), secret: [SECRET, PUBLIC] }).id).toBe(ID);
  });

  it('is verified with headers of any kind, and a body of bytes', () => {
    const upper = { 'Webhook-Id': ID, 'WEBHOOK-TIMESTAMP': [String(AT)], 'Webhook-Signature': [OTHER, V1] };
    expect(verified({ headers: upper }).id).toBe(ID);
    expect(verified({ headers: new Headers(headers()), body: Uint8Array.from(Buffer.from(BODY)) }).id).toBe(
      ID,
    );
  });

  it.each([
    ['another signature', OTHER],
    ['an empty one', 'v1,'],
    ['no comma', 'v1'],
    ['a version that is not known', V1.replace('v1', 'v2')],
    ['one of HMAC that says it is of Ed25519', V1.replace('v1', 'v1a')],
    ['a good one that goes on', V1.replace('=', 'AAAA')],
    ['a good one that is cut off', V1.slice(0, -4)],
  ])('is refused with %s', (_, signature) => {
    expect(faultOf({ headers: headers(signature) })).toBe('signature-wrong');
  });

  it('is refused where anything that is signed was changed', () => {
    expect(faultOf({ body: BODY.replace('4', '5') })).toBe('signature-wrong');
    expect(faultOf({ body: JSON.stringify(JSON.parse(BODY)) })).toBe('signature-wrong');
    expect(faultOf({ headers: headers(V1, 'msg_other') })).toBe('signature-wrong');
    expect(faultOf({ headers: headers(V1, ID, AT + 1) })).toBe('signature-wrong');
    expect(faultOf({ secret: newSecret() })).toBe('signature-wrong');
    expect(faultOf({ headers: headers(V1A), secret: PUBLIC, body: `${BODY} ` })).toBe('signature-wrong');
    expect(faultOf({ headers: headers(V1A.replace('hn', 'hm')), secret: PUBLIC })).toBe('signature-wrong');
    expect(faultOf({ headers: headers(V1A.replace('v1a', 'v1')), secret: PUBLIC })).toBe('signature-wrong');
  });

  it('is refused where what is signed could be divided otherwise', () => {
    const [id, rest] = [`${ID}.${AT}`, '7.5'];
    const signature = signatureBy(SECRET, ID, AT, rest);
    expect(verifyWebhook({ ...vector, headers: headers(signature), body: rest, now: at(AT) }).id).toBe(ID);
    expect(faultOf({ headers: headers(signature, id, 7), body: '5', now: at(7) })).toBe('header-malformed');
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('is refused without %s', (name) => {
    expect(faultOf({ headers: { ...headers(), [name]: undefined } })).toBe('header-missing');
    expect(faultOf({ headers: new Headers({ ...headers(), [name]: '' }) })).toBe('header-missing');
  });

  it.each(['hello', `${AT}s`, '-1', '1e9', ' ', `0x${AT.toString(16)}`])(
    'is refused at the time %j',
    (time) => {
      expect(faultOf({ headers: headers(V1, ID, time) })).toBe('header-malformed');
    },
  );

  it('is refused where it is older or newer than the tolerance, by a second', () => {
    expect(verified({ now: at(AT + 300) }).id).toBe(ID);
    expect(verified({ now: at(AT - 300) }).id).toBe(ID);
    expect(faultOf({ now: at(AT + 301) })).toBe('too-old');
    expect(faultOf({ now: at(AT - 301) })).toBe('too-new');
    expect(faultOf({ now: at(AT + 11), toleranceSeconds: 10 })).toBe('too-old');
    expect(faultOf({ now: undefined as unknown as Date })).toBe('too-old');
  });

  it.each([
    ['none', []],
    ['an empty one', ''],
    ['one without its prefix', SECRET.slice(6)],
    ['one that was cut off', SECRET.slice(0, -4)],
    ['one of 65 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['a public key that was cut off', PUBLIC.slice(0, -4)],
    ['a private key', PRIVATE],
    ['one that is good beside one that is not', [SECRET, 'whsec_!']],
  ])('is not verified with a secret that cannot be one: %s', (_, secret) => {
    expect(faultOf({ secret })).toBe('secret-unusable');
    expect(() => verified({ secret })).toThrow(/^(?!.*(MfKQ|6Xb)).*the secret cannot be used/);
  });

  it('is refused where its body is not JSON, though it is signed', () => {
    expect(faultOf({ headers: headers(signatureBy(SECRET, ID, AT, 'x')), body: 'x' })).toBe('not-json');
  });

  it('is refused with words that say what to do', () => {
    expect(() => verified({ headers: headers(`${OTHER} v9,x`) })).toThrow(
      /no signature \(v1, v9\) is good.*byte by byte/,
    );
    expect(() => verified({ now: at(AT + 999) })).toThrow('it was sent 999 s ago, more than 300');
    expect(() => verified({ headers: {} })).toThrow('the header webhook-id is missing');
  });

  it('of a key of our own is verified, and of another is not', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const bytes = (key: typeof publicKey, field: 'x' | 'd') =>
      Buffer.from((key.export({ format: 'jwk' }) as Record<string, string>)[field] ?? '', 'base64url');
    const x = bytes(publicKey, 'x');
    const secret = `whsk_${Buffer.concat([bytes(privateKey, 'd'), x]).toString('base64')}`;
    const signed = headers(signatureBy(secret, ID, AT, BODY));
    expect(verified({ headers: signed, secret: `whpk_${x.toString('base64')}` }).id).toBe(ID);
    expect(faultOf({ headers: signed, secret: PUBLIC })).toBe('signature-wrong');
  });
});

describe('the public package of Standard Webhooks', () => {
  const now = Math.floor(Date.now() / 1_000);
  const bodies = [BODY, '{"nama":"Siti Nurhaliza é 😀"}', '[]', ' {"a" : 1}\n'];

  it('verifies what we sign, and we verify what it signs', () => {
    for (const body of bodies) {
      const secret = newSecret();
      const theirs = new Public(secret);
      expect(theirs.verify(body, headers(signatureBy(secret, ID, now, body), ID, now))).toEqual(
        JSON.parse(body),
      );
      const signed = headers(theirs.sign(ID, at(now), body), ID, now);
      expect(verifyWebhook({ headers: signed, body, secret }).event).toEqual(JSON.parse(body));
    }
  });

  it('refuses what we refuse', () => {
    const secret = newSecret();
    const theirs = new Public(secret);
    const good = signatureBy(secret, ID, now, BODY);
    const wrong: [Record<string, string>, string][] = [
      [headers(good, ID, now), `${BODY} `],
      [headers(good, 'msg_x', now), BODY],
      [headers(good, ID, now - 301), BODY],
      [headers(signatureBy(secret, ID, now - 301, BODY), ID, now - 301), BODY],
      [headers(signatureBy(newSecret(), ID, now, BODY), ID, now), BODY],
      [headers('v1,', ID, now), BODY],
      [headers(good.replace('v1', 'v2'), ID, now), BODY],
      [headers(good, ID, 'hello'), BODY],
    ];
    for (const [signed, body] of wrong) {
      expect(() => theirs.verify(body, signed)).toThrow();
      expect(() => verifyWebhook({ headers: signed, body, secret, now: at(now) })).toThrow(WebhookError);
    }
  });
});
