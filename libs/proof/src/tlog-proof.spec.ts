import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByDefinition, logOf } from './by-definition.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { LOG_KEY, parseSkey, signerOf, WITNESS_KEY } from './keys.ts';
import { Malformed } from './malformed.ts';
import { EMPTY_ROOT, type Hash, leafHash } from './merkle.ts';
import { signNote } from './note.ts';
import { parsePolicy } from './policy.ts';
import { formatTlogProof, hashOf, parseTlogProof, type TlogProof, verifyTlogProof } from './tlog-proof.ts';

const ORIGIN = 'example.com/log/testdata';
const log = parseSkey(`PRIVATE+KEY+${ORIGIN}+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg`);
const SEED = Buffer.from('31ffc2116ecbe003acaa800ab70757bd7d53206e3febef6a6d0796d95530b34f', 'hex');
const witness = signerOf('example.com/witness', WITNESS_KEY, SEED, () => 1_679_315_147_000);
const WITNESSED = parsePolicy(`log ${log.verifier.vkey}\nwitness w ${witness.verifier.vkey}\nquorum w`);
const LEAVES = 'one two three four five six seven eit nain ten ileven twelf threeten fourten fivten'.split(
  ' ',
);
const tree = new ByDefinition(LEAVES.map(leafHash));
const checkpointOf = (of: ByDefinition, size: number, signers = [log, witness]) =>
  signNote(formatCheckpoint({ origin: ORIGIN, size: BigInt(size), root: of.mth(0, size) }), signers);
const proofOf = (of: ByDefinition, index: number, size: number): TlogProof => ({
  index: BigInt(index),
  proof: of.path(index, 0, size),
  checkpoint: checkpointOf(of, size),
});

const SEVEN = `c2sp.org/tlog-proof@v1
index 6
ThcgoV2DYcK+VCxBUDWAlNxmLy2r7dq7dK7+OlgQKWs=
ycRkkNklus5eMVRUvkD1pK321vMrA+jjOiZKU8aOcY4=
zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=
5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks=

${checkpointOf(tree, 15)}`;

describe('a proof in a file of its own', () => {
  it('is, byte for byte, the known one of a log of others', () => {
    expect(formatTlogProof(proofOf(tree, 6, 15))).toBe(SEVEN);
    expect(parseTlogProof(SEVEN)).toEqual(proofOf(tree, 6, 15));
    expect(verifyTlogProof(parseTlogProof(SEVEN), leafHash('seven'), WITNESSED)).toMatchObject({
      origin: ORIGIN,
      size: 15n,
      cosigned: new Map([['w', 1_679_315_147]]),
    });
  });

  it('shows every leaf of a log in its place, and in no other', () => {
    const many = logOf(300);
    for (const [index, size] of [
      [0, 1],
      [0, 300],
      [255, 256],
      [256, 257],
      [299, 300],
    ] as const) {
      const proof = parseTlogProof(formatTlogProof(proofOf(many, index, size)));
      const leaf = many.leaves[index] as Hash;
      expect(verifyTlogProof(proof, leaf, WITNESSED)).toMatchObject({ size: BigInt(size) });
      for (const other of [
        { ...proof, index: proof.index + 1n },
        { ...proof, proof: [...proof.proof, leaf] },
      ])
        expect(verifyTlogProof(other, leaf, WITNESSED)).toMatchObject({ distrusted: 'inclusion' });
      expect(verifyTlogProof(proof, leafHash('another'), WITNESSED)).toMatchObject({
        distrusted: 'inclusion',
      });
    }
  });

  it('may carry a hint, also an empty one, that changes nothing', () => {
    for (const extra of [Buffer.alloc(0), Buffer.from('petunjuk')]) {
      const text = formatTlogProof({ ...proofOf(tree, 6, 15), extra });
      expect(text).toBe(SEVEN.replace('index', `extra ${extra.toString('base64')}\nindex`));
      expect(parseTlogProof(text)).toEqual({ ...proofOf(tree, 6, 15), extra });
      expect(verifyTlogProof(parseTlogProof(text), leafHash('seven'), WITNESSED)).toHaveProperty('by');
    }
  });

  it('comes back as it was written, for any index, hashes and hint', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
    const any = fc.record(
      {
        index: fc.bigInt(0n, 2n ** 63n - 1n),
        proof: fc.array(hash, { maxLength: 63 }),
        checkpoint: fc.constantFrom(checkpointOf(tree, 15), 'a\n\nb\n\n— c\n', ''),
        extra: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
      },
      { requiredKeys: ['index', 'proof', 'checkpoint'] },
    );
    fc.assert(
      fc.property(any, (proof) => {
        expect(parseTlogProof(formatTlogProof(proof as TlogProof))).toEqual(proof);
      }),
      { seed: 20_250_102 },
    );
  });

  const first = 'ThcgoV2DYcK+VCxBUDWAlNxmLy2r7dq7dK7+OlgQKWs=';
  it.each<[string, string, RegExp]>([
    ['another header', SEVEN.replace('@v1', '@v2'), /^line 1 /],
    ['no header', SEVEN.slice(SEVEN.indexOf('\n') + 1), /^line 1 /],
    ['a space after its header', SEVEN.replace('@v1', '@v1 '), /^line 1 /],
    ['a mark before its header', `\ufeff${SEVEN}`, /^line 1 /],
    ['no index', SEVEN.replace('index 6\n', ''), /^line 2 .*index/],
    ['an index that is no number', SEVEN.replace('index 6', 'index six'), /^line 2 .*index/],
    ['an empty index', SEVEN.replace('index 6', 'index '), /^line 2 .*index/],
    ['a negative index', SEVEN.replace('index 6', 'index -6'), /^line 2 .*index/],
    ['an index with a zero before it', SEVEN.replace('index 6', 'index 06'), /^line 2 .*index/],
    ['an index with a space too many', SEVEN.replace('index 6', 'index  6'), /^line 2 .*index/],
    ['an index that is a fraction', SEVEN.replace('index 6', 'index 6.0'), /^line 2 .*index/],
    ['an index of 20 digits', SEVEN.replace('index 6', `index ${10n ** 19n}`), /^line 2 .*index/],
    ['a hint that is not base64', SEVEN.replace('index', 'extra !\nindex'), /^line 2 /],
    ['a hint that is spelt otherwise', SEVEN.replace('index', 'extra YR==\nindex'), /^line 2 /],
    ['two hints', SEVEN.replace('index', 'extra YQ==\nextra YQ==\nindex'), /^line 3 .*index/],
    ['its hint after its index', SEVEN.replace('index 6', 'index 6\nextra YQ=='), /^line 3 /],
    ['no index after its hint', SEVEN.replace('index 6', 'extra YQ=='), /^line 3 .*index/],
    ['a hash that is not base64', SEVEN.replace('Thcg', 'Thc!'), /^line 3 /],
    ['a hash that is spelt otherwise', SEVEN.replace('OcY4=', 'OcY5='), /^line 4 /],
    ['a hash without padding', SEVEN.replace('0Ks=', '0Ks'), /^line 6 /],
    ['a hash of 31 bytes', SEVEN.replace(first, EMPTY_ROOT.toString('base64', 1)), /^line 3 /],
    ['a hash of 33 bytes', SEVEN.replace(first, Buffer.alloc(33).toString('base64')), /^line 3 /],
    ['more than 63 hashes', SEVEN.replace(`${first}\n`, `${first}\n`.repeat(61)), /more than 63/],
    [
      'a line that is too long',
      SEVEN.replace('index', `extra ${'A'.repeat(20_000)}\nindex`),
      /^line 2 .*longer/,
    ],
    ['no empty line before its checkpoint', SEVEN.slice(0, SEVEN.indexOf('\n\n') + 1), /no empty line/],
    ['line ends of two characters', SEVEN.replaceAll('\n', '\r\n'), /no empty line/],
    ['nothing in it', '', /no empty line/],
  ])('is refused with %s', (_, text, why) => {
    expect(() => parseTlogProof(text)).toThrow(Malformed);
    expect(() => parseTlogProof(text)).toThrow(why);
  });

  it('has up to 63 hashes', () => {
    const text = SEVEN.replace(`${first}\n`, `${first}\n`.repeat(60));
    expect(parseTlogProof(text).proof).toHaveLength(63);
  });

  it('is not believed where its checkpoint is not, whatever its hashes show', () => {
    const forger = signerOf(ORIGIN, LOG_KEY, Buffer.alloc(32, 6));
    const forged = new ByDefinition([leafHash('forged'), ...tree.leaves.slice(1)]);
    const verdict = (checkpoint: string) =>
      verifyTlogProof({ ...proofOf(forged, 0, 15), checkpoint }, leafHash('forged'), WITNESSED);
    expect(verdict(checkpointOf(forged, 15))).toHaveProperty('by');
    expect(verdict(checkpointOf(forged, 15, [forger, witness]))).toMatchObject({ distrusted: 'signature' });
    expect(verdict(checkpointOf(forged, 15, [log]))).toMatchObject({ distrusted: 'quorum' });
    expect(verdict(checkpointOf(tree, 15))).toMatchObject({ distrusted: 'inclusion' });
    expect(verdict(formatCheckpoint({ origin: ORIGIN, size: 15n, root: forged.mth(0, 15) }))).toMatchObject({
      distrusted: 'malformed',
    });
    const unsigned = checkpointOf(tree, 15).replace(
      /\n.{44}\n/,
      `\n${forged.mth(0, 15).toString('base64')}\n`,
    );
    expect(verdict(unsigned)).toMatchObject({ distrusted: 'signature' });
  });
});

describe('a line that is a hash', () => {
  it('is 32 bytes in base64', () => {
    expect(hashOf(EMPTY_ROOT.toString('base64'))).toEqual(EMPTY_ROOT);
    for (const line of ['', 'YQ==', `${EMPTY_ROOT.toString('base64')} `, EMPTY_ROOT.toString('hex')])
      expect(() => hashOf(line)).toThrow(Malformed);
  });
});
