import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LOG_KEY, signerOf, timeOf, WITNESS_KEY } from './keys.ts';
import { signatureLine } from './note.ts';

const SEED = Buffer.from('31ffc2116ecbe003acaa800ab70757bd7d53206e3febef6a6d0796d95530b34f', 'hex');
const CHECKPOINT = 'example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n';
const TIME = 1_679_315_147;

const witness = (ms = TIME * 1_000) => signerOf('example.com/witness', WITNESS_KEY, SEED, () => ms);
const log = signerOf('example.com/witness', LOG_KEY, SEED);
const { isBy } = witness().verifier;

/** What the witness would sign, if it stated a time that its clock cannot have. */
function at(time: bigint): Buffer {
  const stated = Buffer.alloc(8);
  stated.writeBigUInt64BE(time);
  return Buffer.concat([stated, log.sign(`cosignature/v1\ntime ${time}\n${CHECKPOINT}`)]);
}

describe('a cosignature', () => {
  it('is, byte for byte, the published one', () => {
    expect(signatureLine(witness(), CHECKPOINT)).toBe(
      '— example.com/witness EKHAGQAAAABkGFDLPX52bqsNVRwJszRsJ4CaZ2z8sjGx+b3pGEdRojnr3kzGm9mykMVsYyGOkN5dOPZIj5bNxC6O/JjTfKFZwyP5Dg==\n',
    );
  });

  it('states the second in which it was made, whole', () => {
    expect(timeOf(witness().sign(CHECKPOINT))).toBe(TIME);
    expect(timeOf(witness(TIME * 1_000 + 999).sign(CHECKPOINT))).toBe(TIME);
    expect(timeOf(witness(TIME * 1_000 + 1_000).sign(CHECKPOINT))).toBe(TIME + 1);
  });

  it('is of a time and a checkpoint: with any bit of either, or of itself, turned, it is none', () => {
    const cosignature = witness().sign(CHECKPOINT);
    expect(isBy(CHECKPOINT, cosignature)).toBe(true);
    for (let bit = 0; bit < 8 * cosignature.length; bit++) {
      const turned = Buffer.from(cosignature);
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(isBy(CHECKPOINT, turned)).toBe(false);
    }
    for (const other of [CHECKPOINT.replace('15', '16'), CHECKPOINT.trimEnd(), `${CHECKPOINT}x\n`])
      expect(isBy(other, cosignature)).toBe(false);
  });

  it('has 72 bytes, no more and no fewer', () => {
    const cosignature = witness().sign(CHECKPOINT);
    expect(cosignature).toHaveLength(72);
    for (let length = 0; length < 72; length++)
      expect(isBy(CHECKPOINT, cosignature.subarray(0, length))).toBe(false);
    expect(isBy(CHECKPOINT, Buffer.concat([cosignature, Buffer.of(0)]))).toBe(false);
  });

  it('states no time past 2^63 - 1, whoever signed it', () => {
    expect(isBy(CHECKPOINT, at(BigInt(TIME)))).toBe(true);
    expect(isBy(CHECKPOINT, at(2n ** 63n - 1n))).toBe(true);
    expect(isBy(CHECKPOINT, at(2n ** 63n))).toBe(false);
    expect(isBy(CHECKPOINT, at(2n ** 64n - 1n))).toBe(false);
  });

  it('is not the signature of a log, nor is that a cosignature, though the key be the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string(), (seed, text) => {
        const [asLog, asWitness] = [LOG_KEY, WITNESS_KEY].map((type) =>
          signerOf('a', type as typeof LOG_KEY, Buffer.from(seed), () => TIME * 1_000),
        ) as [typeof log, typeof log];
        expect(asLog.id).not.toBe(asWitness.id);
        const [signature, cosignature] = [asLog.sign(text), asWitness.sign(text)];
        expect(asLog.verifier.isBy(text, signature)).toBe(true);
        expect(asWitness.verifier.isBy(text, cosignature)).toBe(true);
        expect(asWitness.verifier.isBy(text, signature)).toBe(false);
        expect(asLog.verifier.isBy(text, cosignature)).toBe(false);
        expect(asLog.verifier.isBy(text, cosignature.subarray(8))).toBe(false);
        expect(asWitness.verifier.isBy(text, Buffer.concat([cosignature.subarray(0, 8), signature]))).toBe(
          false,
        );
      }),
      { seed: 20_250_102, numRuns: 20 },
    );
  });
});
