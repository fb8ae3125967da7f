import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LOG_KEY, parseSkey, parseVkey, type Signer, signerOf } from './keys.ts';
import { Malformed } from './malformed.ts';
import { parseNote, signatureLine, signNote, verifiedBy } from './note.ts';

const SKEY = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const NOTE = `${TEXT}\n${LINE}`;
const peter = parseSkey(SKEY);
const SUM_VKEY = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
const SUM_NOTES = [
  'go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=\n',
  'go.sum database tree\n35225469\nvt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=\n\n— sum.golang.org Az3grpukl5AXaVfYkLiDGORx/DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebHLAyaKbbTM75QTtPydhKCExixSfwQ=\n',
];
const signer = (n: number): Signer => signerOf(`signer-${n}.example`, LOG_KEY, Buffer.alloc(32, n));
const signers = (count: number) => Array.from({ length: count }, (_, n) => signer(n + 1));
const names = (note: string, known: readonly Signer[]) =>
  verifiedBy(
    parseNote(note),
    known.map(({ verifier }) => verifier),
  ).map(({ verifier }) => verifier.name);

describe('a signed note', () => {
  it('is, byte for byte, the published one', () => {
    expect(signNote(TEXT, [peter])).toBe(NOTE);
    const note = parseNote(NOTE);
    expect(note.text).toBe(TEXT);
    expect(note.signatures).toMatchObject([{ name: 'PeterNeumann', id: 'c74f20a3', line: LINE }]);
    expect(verifiedBy(note, [parseVkey(VKEY)])).toMatchObject([{ verifier: { name: 'PeterNeumann' } }]);
  });

  it.each(SUM_NOTES)('of the checksum database of Go is believed: %j', (note) => {
    expect(verifiedBy(parseNote(note), [parseVkey(SUM_VKEY)])).toHaveLength(1);
    const other = note.replace(/\n(\d)/, (_, digit) => `\n1${digit}`);
    expect(() => verifiedBy(parseNote(other), [parseVkey(SUM_VKEY)])).toThrow(Malformed);
  });

  it('ends its text at the last empty line: a text may have empty lines, and lines like a signature', () => {
    for (const text of ['a\n\nb\n', '\n', '\n\n\n', `${NOTE}\nc\n`, `a\n\n${LINE}\n`]) {
      const note = signNote(text, [peter]);
      expect(parseNote(note).text).toBe(text);
      expect(names(note, [peter])).toEqual(['PeterNeumann']);
    }
  });

  it('gives back any text and its signers, from a string and from its bytes', () => {
    const text = fc
      .string({ unit: 'binary', maxLength: 60 })
      .map((any) => `${any.replaceAll(/[^\n -\u{10ffff}]/gu, '\n')}\n`);
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 4 }), (its, count) => {
        const note = signNote(its, signers(count));
        expect(parseNote(note).text).toBe(its);
        expect(parseNote(Buffer.from(note))).toEqual(parseNote(note));
        expect(names(note, signers(count))).toEqual(signers(count).map(({ name }) => name));
      }),
      { seed: 20_250_102, numRuns: 100 },
    );
  });

  it.each([
    ['no signatures', TEXT],
    ['an empty line and no signatures', `${TEXT}\n`],
    ['two empty lines and no signatures', `${TEXT}\n\n`],
    ['nothing', ''],
    ['only an empty line', '\n\n'],
    ['no empty line', TEXT + LINE],
    ['a last line without end', NOTE.trimEnd()],
    ['something else for its last line end', NOTE.replace(/\n$/, 'x')],
    ['a line that is no signature', `${NOTE}Unexpected line.\n`],
    ['a line that is no signature before one', `${TEXT}\nUnexpected line.\n${LINE}`],
    ['a control character in its text', `\u0001${NOTE}`],
    ['a tab in its text', `a\tb\n\n${LINE}`],
    ['line ends of two characters', NOTE.replaceAll('\n', '\r\n')],
    ['a NUL in a signature', NOTE.replace('x08go', 'x08\0go')],
    ['half a character in its text', `\ud800${NOTE}`],
    ['a hyphen for a dash', NOTE.replace('—', '-')],
    ['another dash', NOTE.replace('—', '–')],
    ['no space after the dash', NOTE.replace('— ', '—')],
    ['a space too many', NOTE.replace('— ', '—  ')],
    ['a space at the end of a line', NOTE.replace(/\n$/, ' \n')],
    ['a space in a name', NOTE.replace('PeterN', 'Peter N')],
    ['another space in a name', NOTE.replace('PeterN', 'Peter\u2003N')],
    ['a plus in a name', NOTE.replace('PeterN', 'Peter+N')],
    ['no name', NOTE.replace('PeterNeumann ', ' ')],
    ['no signature in a line', `${TEXT}\n— PeterNeumann \n`],
    ['a name alone', `${TEXT}\n— PeterNeumann\n`],
    ['a signature without bytes after the id', `${TEXT}\n— PeterNeumann x08gow==\n`],
    ['a signature that is not base64', NOTE.replace('x08go', 'x08g!')],
    ['a signature that is spelt otherwise', NOTE.replace('AM=', 'AN=')],
    ['a signature without padding', NOTE.replace('AM=', 'AM')],
  ])('is refused with %s', (_, note) => {
    expect(() => parseNote(note)).toThrow(Malformed);
    expect(() => parseNote(Buffer.from(note.replace('\ud800', '\u0001')))).toThrow(Malformed);
  });

  it('is refused where it is not UTF-8, and keeps a mark at its beginning', () => {
    for (const bytes of ['ff', 'c0af', 'eda080', 'e282'])
      expect(() => parseNote(Buffer.concat([Buffer.from(bytes, 'hex'), Buffer.from(NOTE)]))).toThrow(
        'the note is not UTF-8',
      );
    const marked = `\ufeff${NOTE}`;
    expect(parseNote(Buffer.from(marked)).text).toBe(`\ufeff${TEXT}`);
    expect(() => names(marked, [peter])).toThrow('wrong');
  });

  it('is refused past a million bytes, however few characters these are', () => {
    const long = (bytes: number, unit: string) =>
      signNote(`${unit.repeat((bytes - LINE.length - 4) / Buffer.byteLength(unit))}\n`, [peter]);
    expect(parseNote(long(1_000_000, 'a')).signatures).toHaveLength(1);
    expect(() => parseNote(long(1_000_100, 'a'))).toThrow('longer than 1000000 bytes');
    expect(() => parseNote(long(1_000_100, '—'))).toThrow('longer than 1000000 bytes');
    expect(() => parseNote(Buffer.from(long(1_000_100, '—')))).toThrow('longer than 1000000 bytes');
  });

  it('has up to 100 signatures', () => {
    const lines = (count: number) => signers(count).map((one) => signatureLine(one, TEXT));
    for (const count of [1, 16, 100]) {
      expect(names(signNote(TEXT, [], lines(count)), signers(count))).toHaveLength(count);
      expect(names(signNote(TEXT, [], lines(count)), [signer(count)])).toHaveLength(1);
    }
    expect(() => parseNote(signNote(TEXT, [], lines(101)))).toThrow('more than 100 signatures');
    expect(() => parseNote(signNote(TEXT, [], Array(101).fill(LINE)))).toThrow('more than 100 signatures');
  });

  it('is not made of a text whose last line does not end', () => {
    expect(() => signNote('a', [peter])).toThrow(Malformed);
    expect(() => signNote('', [peter])).toThrow(Malformed);
  });
});

describe('the signatures of a note', () => {
  const note = signNote(TEXT, [peter, signer(1)]);
  const wrong = (line: string) => line.replace('go/ZJk', 'go/ZJl');

  it('that nobody here knows are passed over, whatever they are', () => {
    expect(names(note, [peter])).toEqual(['PeterNeumann']);
    expect(names(note, [signer(1)])).toEqual(['signer-1.example']);
    expect(names(note, [peter, signer(1), signer(2)])).toEqual(['PeterNeumann', 'signer-1.example']);
    expect(names(note, [])).toEqual([]);
    expect(names(wrong(note), [signer(1)])).toEqual(['signer-1.example']);
    for (const name of ['a\u007fb', 'a\u0080b', 'a\ufeffb', 'a\u200bb'])
      expect(names(`${note}— ${name} AAAAAAA=\n`, [peter])).toEqual(['PeterNeumann']);
  });

  it('are unknown where only the name, or only the id, is known', () => {
    const sameName = signerOf('PeterNeumann', LOG_KEY, Buffer.alloc(32, 9));
    expect(names(note, [sameName])).toEqual([]);
    expect(names(NOTE.replace('— PeterNeumann', '— Petra'), [peter])).toEqual([]);
  });

  it('that are known and wrong spoil the note, whoever else signed it', () => {
    expect(() => names(wrong(note), [peter, signer(1)])).toThrow('PeterNeumann+c74f20a3 is wrong');
    expect(() => names(note.replace('problem is', 'problem was'), [signer(1)])).toThrow('is wrong');
    const longer = NOTE.replace(/AM=\n$/, 'AMA\n');
    expect(() => names(longer, [peter])).toThrow('is wrong');
  });

  it('of one key stand there once', () => {
    expect(() => names(NOTE + LINE, [peter])).toThrow('PeterNeumann+c74f20a3 signed twice');
    expect(() => names(NOTE + wrong(LINE), [peter])).toThrow(Malformed);
    expect(names(note + LINE, [signer(1)])).toEqual(['signer-1.example']);
  });

  it('stand there in the order in which they were given, one after the other', () => {
    expect(signNote(TEXT, [peter], [signatureLine(signer(1), TEXT)])).toBe(note);
    expect(
      parseNote(note)
        .signatures.map(({ line }) => line)
        .join(''),
    ).toBe(note.slice(TEXT.length + 1));
  });
});
