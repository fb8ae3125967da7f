import { createHmac, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { newKeyPair, newSecret, sign } from './signature.ts';

/** The vectors of proof 4.8. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const KEY = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const PUBLIC = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
const V1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const V1A = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';
const MESSAGE = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1614265330,
  body: Buffer.from('{"test": 2432232314}'),
};
const bytesOf = (key: string) => Buffer.from(key.slice(key.indexOf('_') + 1), 'base64');

/** Whether a receiver who has a public key takes a signature, by Node itself. */
function isBy(publicKey: string, signature: string, message: string): boolean {
  const x = bytesOf(publicKey).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verify(null, Buffer.from(message), key, Buffer.from(signature.slice('v1a,'.length), 'base64'));
}

describe('the signature of a webhook', () => {
  it('is that of the public vectors, by a secret and by a key', () => {
    expect(sign({ ...MESSAGE, secrets: [SECRET] })).toBe(V1);
    expect(sign({ ...MESSAGE, keys: [KEY] })).toBe(V1A);
    expect(isBy(PUBLIC, V1A, `${MESSAGE.id}.${MESSAGE.timestamp}.${MESSAGE.body}`)).toBe(true);
  });

  it('is one of each secret and key, so that one can take the place of another', () => {
    const [secret, { privateKey, publicKey }] = [newSecret(), newKeyPair()];
    const all = sign({ ...MESSAGE, secrets: [secret, SECRET], keys: [KEY, privateKey] }).split(' ');
    expect(all).toHaveLength(4);
    expect(all).toEqual([expect.stringMatching(/^v1,/), V1, V1A, expect.stringMatching(/^v1a,/)]);
    const content = `${MESSAGE.id}.${MESSAGE.timestamp}.${MESSAGE.body}`;
    expect(all[0]).toBe(`v1,${createHmac('sha256', bytesOf(secret)).update(content).digest('base64')}`);
    expect(isBy(publicKey, String(all[3]), content)).toBe(true);
    expect(isBy(PUBLIC, String(all[3]), content)).toBe(false);
  });

  it('is of the very bytes, of the id and of the time', () => {
    const body = Buffer.from([0xff, 0x00, 0xfe]);
    const content = Buffer.concat([Buffer.from(`${MESSAGE.id}.${MESSAGE.timestamp}.`), body]);
    expect(sign({ ...MESSAGE, body, secrets: [SECRET] })).toBe(
      `v1,${createHmac('sha256', bytesOf(SECRET)).update(content).digest('base64')}`,
    );
    const others = [{ id: 'msg_q' }, { timestamp: 1614265331 }, { body: Buffer.from('{"test":2432232314}') }];
    const signatures = others.map((other) => sign({ ...MESSAGE, ...other, secrets: [SECRET], keys: [KEY] }));
    expect(new Set([`${V1} ${V1A}`, ...signatures]).size).toBe(4);
  });

  it.each([
    ['an id with a full stop', { id: 'msg.1' }],
    ['an id with a space', { id: 'msg 1' }],
    ['no id', { id: '' }],
    ['a time with a fraction', { timestamp: 1614265330.5 }],
    ['a time that is none', { timestamp: Number.NaN }],
    ['a time before 1970', { timestamp: -1 }],
    ['no secret', { secrets: [] }],
    ['a secret without its prefix', { secrets: [SECRET.slice(6)] }],
    ['a secret that is not base64', { secrets: [`${SECRET}!`] }],
    ['a secret that is too short', { secrets: [`whsec_${Buffer.alloc(23).toString('base64')}`] }],
    ['a secret that is too long', { secrets: [`whsec_${Buffer.alloc(65).toString('base64')}`] }],
    ['a key for a secret', { secrets: [KEY] }],
    ['a public key for a private one', { secrets: [], keys: [PUBLIC] }],
    ['a key that is too short', { keys: [`whsk_${Buffer.alloc(32).toString('base64')}`] }],
  ])('is refused with %s, and no key is said back', (_, other) => {
    const signed = { ...MESSAGE, secrets: [SECRET], ...other };
    expect(() => sign(signed)).toThrow(/webhook/);
    expect(() => sign(signed)).not.toThrow(/MfKQ9r8|6Xb\/dCc|1SiA4o9/);
  });
});

describe('a new key', () => {
  it('is of its standard form, and never the same', () => {
    expect(newSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(new Set(Array.from({ length: 50 }, newSecret)).size).toBe(50);
    const { privateKey, publicKey } = newKeyPair();
    expect(privateKey).toMatch(/^whsk_[A-Za-z0-9+/]{86}==$/);
    expect(publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    expect(bytesOf(privateKey).subarray(32)).toEqual(bytesOf(publicKey));
    expect(newKeyPair().publicKey).not.toBe(publicKey);
  });
});
