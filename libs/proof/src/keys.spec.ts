import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  isKeyName,
  type KeyType,
  keyId,
  LOG_KEY,
  newSkey,
  parseSkey,
  parseVkey,
  signerOf,
  WITNESS_KEY,
} from './keys.ts';
import { Malformed } from './malformed.ts';

const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SKEY = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const LOG_VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';
const LOG_SKEY = 'PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg';
const WITNESS_VKEY = 'example.com/witness+10a1c019+BGSEitir7W6FmBs7OHWyUrh2frtLAvcDrKOx5xu9ao5Q';
const WITNESS_SEED = Buffer.from('31ffc2116ecbe003acaa800ab70757bd7d53206e3febef6a6d0796d95530b34f', 'hex');

const refusal = (of: () => unknown): string => {
  try {
    of();
  } catch (refused) {
    return String(refused);
  }
  return '';
};
const typed = (name: string, type: number, key: Buffer) =>
  `${name}+${keyId(name, type, key)}+${Buffer.concat([Buffer.of(type), key]).toString('base64')}`;
const often = { seed: 20_250_102, numRuns: 50 };
const type = fc.constantFrom<KeyType[]>(LOG_KEY, WITNESS_KEY);
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(isKeyName);

describe('the key of a verifier', () => {
  it.each([VKEY, LOG_VKEY, WITNESS_VKEY])('is read and written alike: %s', (vkey) => {
    expect(parseVkey(vkey).vkey).toBe(vkey);
    expect(typed(parseVkey(vkey).name, parseVkey(vkey).type, parseVkey(vkey).publicKey)).toBe(vkey);
  });

  it('is split at its first two plus signs, for its base64 has some too', () => {
    expect(LOG_VKEY.split('+')).toHaveLength(4);
    expect(parseVkey(LOG_VKEY)).toMatchObject({
      name: 'example.com/log/testdata',
      id: '33d7b496',
      type: LOG_KEY,
    });
  });

  it('is split there also where its base64 looks as if it had an id', () => {
    const key = Buffer.from(`AQAA+01234567+${'A'.repeat(30)}`, 'base64').subarray(1);
    const vkey = typed('PeterNeumann', LOG_KEY, key);
    expect(vkey).toContain('+01234567+');
    expect(parseVkey(vkey)).toMatchObject({ name: 'PeterNeumann', publicKey: key });
  });

  it('is refused where any part of it is missing', () => {
    for (let from = 0; from < VKEY.length; from++)
      for (let to = from; to <= VKEY.length; to++)
        if (to - from < VKEY.length) expect(() => parseVkey(VKEY.slice(from, to))).toThrow(Malformed);
  });

  it('is refused where any byte of it is another', () => {
    for (const vkey of [VKEY, WITNESS_VKEY])
      for (let at = 0; at < vkey.length; at++) {
        const bytes = Buffer.from(vkey);
        bytes[at] = (bytes[at] as number) + 1;
        expect(() => parseVkey(bytes.toString())).toThrow(Malformed);
      }
  });

  const { publicKey } = parseVkey(VKEY);
  it.each([
    [
      'two bytes too many',
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
      /canonical/,
    ],
    [
      'a type that nobody has',
      'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
      /of a type/,
    ],
    ['the type of an ECDSA key', typed('PeterNeumann', 0x02, publicKey), /of a type/],
    ['the type of a CT log', typed('PeterNeumann', 0x05, publicKey), /of a type/],
    ['the type of an ML-DSA-44 key', typed('PeterNeumann', 0x06, publicKey), /of a type/],
    ['a byte too many', typed('PeterNeumann', LOG_KEY, Buffer.concat([publicKey, Buffer.of(0)])), /32 bytes/],
    ['no key', typed('PeterNeumann', LOG_KEY, Buffer.alloc(0)), /32 bytes/],
    ['a byte too few', typed('PeterNeumann', LOG_KEY, publicKey.subarray(1)), /32 bytes/],
    ['the id of another type', typed('PeterNeumann', WITNESS_KEY, publicKey).replace('+BB', '+AR'), /the id/],
    ['its id in capitals', VKEY.replace('c74f20a3', 'C74F20A3'), /name\+id\+key/],
    ['no name', typed('', LOG_KEY, publicKey), /name\+id\+key/],
    ['a space in its name', typed('Peter Neumann', LOG_KEY, publicKey), /name\+id\+key/],
    ['an end of line', `${VKEY}\n`, /canonical/],
    [
      'another spelling of its base64',
      LOG_VKEY.replaceAll('+', '-').replace(/-/, '+').replace(/-/, '+'),
      /canonical/,
    ],
  ])('is refused with %s', (_, vkey, why) => {
    expect(() => parseVkey(vkey)).toThrow(why);
    expect(() => parseVkey(vkey)).toThrow(Malformed);
  });
});

describe('the name of a key', () => {
  it.each(['sibolga.go.id/log', 'Ogñuno', '日本', 'a', '—', 'a\u007fb', 'a\u200bb', 'a\ufeffb'])(
    'may be %j',
    (good) => {
      expect(isKeyName(good)).toBe(true);
      expect(parseVkey(parseSkey(newSkey(good, LOG_KEY)).verifier.vkey).name).toBe(good);
    },
  );

  it.each([
    '',
    ' ',
    'a b',
    'a+b',
    'a\tb',
    'a\nb',
    'a\u0001b',
    'a\u0085b',
    'a\u00a0b',
    'a\u2003b',
    'a\u3000b',
    '\ud800',
  ])('may not be %j', (bad) => {
    expect(isKeyName(bad)).toBe(false);
    expect(() => newSkey(bad, LOG_KEY)).toThrow(Malformed);
  });
});

describe('the key of a signer', () => {
  it('in the form of Go, makes the published keys', () => {
    expect(parseSkey(SKEY).verifier.vkey).toBe(VKEY);
    expect(parseSkey(LOG_SKEY).verifier.vkey).toBe(LOG_VKEY);
    expect(signerOf('example.com/witness', WITNESS_KEY, WITNESS_SEED).verifier.vkey).toBe(WITNESS_VKEY);
  });

  it('signs as RFC 8032 does in its first test', () => {
    const rfc = signerOf(
      'rfc8032.example',
      LOG_KEY,
      Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
    );
    expect(rfc.verifier.publicKey.toString('hex')).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
    expect(rfc.sign('').toString('hex')).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
  });

  it('when new, is another each time, and signs what its verifier believes', () => {
    fc.assert(
      fc.property(name, type, fc.string({ unit: 'grapheme' }), (its, kind, text) => {
        const skey = newSkey(its, kind);
        expect(newSkey(its, kind)).not.toBe(skey);
        const signer = parseSkey(skey);
        expect(parseVkey(signer.verifier.vkey).isBy(text, signer.sign(text))).toBe(true);
      }),
      often,
    );
  });

  const secret = SKEY.split('+').at(-1) ?? '';
  it.each([
    ['with another beginning', SKEY.replace('PRIVATE+KEY+', 'private+key+')],
    ['without its beginning', SKEY.replace('PRIVATE+KEY+', '')],
    ['with another id', SKEY.replace('c74f20a3', 'c74f20a4')],
    ['with another name', SKEY.replace('Peter', 'Petra')],
    ['cut', SKEY.slice(0, -4)],
    ['longer than it must be', `${SKEY}AAAA`],
    ['with something after it', `${SKEY}\n`],
    ['whose base64 is spelt otherwise', SKEY.replace('YEKFALVFGyNhPJEMzD1QIDr+', 'YEKFALVFGyNhPJEMzD1QIDr-')],
    ['of a type that nobody has', SKEY.replace('+AYEK', '+ZYEK')],
  ])('is refused %s, and its secret is not said', (_, skey) => {
    expect(() => parseSkey(skey)).toThrow(Malformed);
    expect(refusal(() => parseSkey(skey))).not.toContain(secret.slice(8, 20));
  });

  it('is refused where the key of a verifier is meant, and its secret is not said', () => {
    for (const skey of [
      SKEY,
      LOG_SKEY,
      SKEY.slice('PRIVATE+'.length),
      SKEY.slice('PRIVATE+KEY+'.length),
      `${SKEY} `,
    ]) {
      expect(() => parseVkey(skey)).toThrow(Malformed);
      expect(refusal(() => parseVkey(skey))).not.toContain(skey.slice(-20, -8));
    }
  });
});
