import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { parseSkey } from './keys.ts';
import { Malformed } from './malformed.ts';
import { EMPTY_ROOT, leafHash, rootOf } from './merkle.ts';
import { parseNote, signNote } from './note.ts';

const ORIGIN = 'example.com/log/testdata';
const SKEY = 'PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg';
const TEXT = `${ORIGIN}\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n`;
const LEAVES = 'one two three four five six seven eit nain ten ileven twelf threeten fourten fivten'.split(
  ' ',
);
const after = (size: number) => ({
  origin: ORIGIN,
  size: BigInt(size),
  root: rootOf(LEAVES.slice(0, size).map(leafHash)),
});
const B64 = 'rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=';

describe('a checkpoint', () => {
  it('is, byte for byte and with its signature, the one that another log signed', () => {
    const note = signNote(formatCheckpoint(after(15)), [parseSkey(SKEY)]);
    expect(note).toBe(
      `${TEXT}\n— example.com/log/testdata M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n`,
    );
    expect(parseCheckpoint(parseNote(note).text)).toEqual(after(15));
  });

  it('has the published roots of no leaf and of three', () => {
    expect(formatCheckpoint(after(0))).toBe(`${ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`);
    expect(formatCheckpoint(after(3))).toBe(`${ORIGIN}\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n`);
  });

  it('comes back as it was written, for any origin, size below 2^63 and root', () => {
    const origin = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
    const root = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(origin, fc.bigInt(0n, 2n ** 63n - 1n), root, (its, size, hash) => {
        const checkpoint = { origin: its, size, root: hash };
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
      }),
      { seed: 20_250_102 },
    );
  });

  it('tells sizes apart past 2^53, where numbers of JSON do not', () => {
    for (const size of [2n ** 53n + 1n, 2n ** 63n - 1n])
      expect(parseCheckpoint(formatCheckpoint({ ...after(0), size })).size).toBe(size);
  });

  it.each([
    ['two lines', `${ORIGIN}\n15\n`],
    ['no end to its last line', TEXT.trimEnd()],
    ['a line of extension', `${TEXT}extension\n`],
    ['an empty line of extension', `${TEXT}\n`],
    ['no origin', TEXT.replace(ORIGIN, '')],
    ['no size', `${ORIGIN}\n\n${B64}\n`],
    ['a size with a zero before it', TEXT.replace('\n15', '\n015')],
    ['a size of two zeros', TEXT.replace('\n15', '\n00')],
    ['a negative size', TEXT.replace('\n15', '\n-15')],
    ['a size with a sign', TEXT.replace('\n15', '\n+15')],
    ['a size that is a word', TEXT.replace('\n15', '\nbananas')],
    ['a size that is hexadecimal', TEXT.replace('\n15', '\n0xf')],
    ['a size in digits of another script', TEXT.replace('\n15', '\n１５')],
    ['a size with a space before it', TEXT.replace('\n15', '\n 15')],
    ['a size with a space after it', TEXT.replace('\n15', '\n15 ')],
    ['a size of 2^63', TEXT.replace('\n15', `\n${2n ** 63n}`)],
    ['a size past 2^64', TEXT.replace('\n15', '\n3438945738945739845734895735')],
    ['a root that is not base64', TEXT.replace('rKbD', "rKb'")],
    ['a root that is spelt otherwise', TEXT.replace('cs=', 'ct=')],
    ['a root without padding', TEXT.replace('cs=', 'cs')],
    ['a root of 31 bytes', `${ORIGIN}\n15\n${EMPTY_ROOT.toString('base64', 1)}\n`],
    ['a root of 33 bytes', `${ORIGIN}\n15\n${Buffer.alloc(33).toString('base64')}\n`],
    ['no root', `${ORIGIN}\n15\n\n`],
    ['line ends of two characters', TEXT.replaceAll('\n', '\r\n')],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(Malformed);
  });

  it('says which of its lines is wrong', () => {
    expect(() => parseCheckpoint(TEXT.replace('\n15', '\n015'))).toThrow(
      'line 2 of the checkpoint is not a size: "015"',
    );
    expect(() => parseCheckpoint(TEXT.replace('cs=', 'ct='))).toThrow('line 3 of the checkpoint');
  });
});
