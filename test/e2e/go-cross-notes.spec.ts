import {
  keyId,
  LOG_KEY,
  newSkey,
  parseNote,
  parseSkey,
  parseVkey,
  signatureLine,
  signerOf,
  signNote,
  verifiedBy,
  WITNESS_KEY,
} from '@app/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Go, hasGo } from '../cross/go.ts';

type Opened = { readonly text: string; readonly by: string[]; readonly others: string[] };

const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SKEY = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const often = { seed: 20_250_102, numRuns: 60 };

let go: Go;
beforeAll(async () => {
  if (hasGo) go = await Go.start();
}, 300_000);
afterAll(() => go?.stop());

const theirs = (note: string, vkeys: readonly string[]) =>
  go.try<Opened>({ ask: 'open', note: Buffer.from(note).toString('base64'), vkeys });

/** What Go says of a note, as we read it: nothing where it is refused, or where nobody known signed it. */
function ours(note: string, vkeys: readonly string[]): Opened | undefined {
  try {
    const { text, signatures } = parseNote(note);
    const by = verifiedBy({ text, signatures }, vkeys.map(parseVkey)).map(({ verifier }) => verifier.name);
    const others = signatures.map(({ name }) => name).filter((name) => !by.includes(name));
    return by.length > 0 ? { text, by, others } : undefined;
  } catch {
    return undefined;
  }
}

const readsKey = (vkey: string): boolean => {
  try {
    return parseVkey(vkey).vkey === vkey;
  } catch {
    return false;
  }
};
const goReadsKey = (vkey: string) => go.accepts({ ask: 'isKey', vkeys: [vkey] });

(hasGo ? describe : describe.skip)('a signed note, compared with what Go makes of it', () => {
  const name = fc.oneof(
    fc.constantFrom('sibolga.go.id/log', 'Ogñuno', '日本', 'a\u007fb', 'a\ufeffb', '—'),
    fc.stringMatching(/^[!-*,-~]{1,12}$/),
  );
  const line = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '', '— a b', '\ufeff'));
  const text = fc
    .array(line, { minLength: 1, maxLength: 6 })
    .map((lines) => `${lines.join('\n').replaceAll(/[^\n -\u{10ffff}]/gu, '')}\n`);

  it('is the same, byte for byte, signed by either with keys of either; both believe it', async () => {
    await fc.assert(
      fc.asyncProperty(name, text, async (its, said) => {
        const made = await go.ask<{ skey: string; vkey: string }>({ ask: 'keys', name: 'go.example' });
        const skeys = [made.skey, newSkey(its, LOG_KEY)];
        const signers = skeys.map((skey) => parseSkey(skey));
        const vkeys = signers.map(({ verifier }) => verifier.vkey);
        expect(vkeys[0]).toBe(made.vkey);
        const note = signNote(said, signers);
        const signed = await go.ask<{ note: string }>({ ask: 'sign', text: said, skeys });
        expect(Buffer.from(signed.note, 'base64').toString()).toBe(note);
        for (const known of [vkeys, vkeys.slice(0, 1), vkeys.slice(1)]) {
          expect(ours(note, known)).toBeDefined();
          expect(await theirs(note, known)).toEqual(ours(note, known));
        }
        expect(await theirs(note, [VKEY])).toBe(ours(note, [VKEY]));
      }),
      often,
    );
  });

  const note = signNote('a\n\nb\n', [parseSkey(SKEY)]);

  it('is refused by both where any character of it is another', async () => {
    const altered = [...note].flatMap((character, at) =>
      ['A', 'z', ' ', '\n', '+', '—', '\t', '\0', '=']
        .filter((other) => other !== character)
        .map((other) => [...note].with(at, other).join('')),
    );
    for (const other of altered)
      expect([other, ours(other, [VKEY]), await theirs(other, [VKEY])]).toEqual([
        other,
        undefined,
        undefined,
      ]);
  });

  it('is refused by us alone where its base64 has another spelling, or one key signed twice', async () => {
    const spelt = note.replace(/(.)=\n$/, (_, last) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=\n`);
    const [last] = parseNote(note).signatures;
    for (const other of [spelt, note + last?.line]) {
      expect((await theirs(other, [VKEY]))?.by).toEqual(['PeterNeumann']);
      expect(ours(other, [VKEY])).toBeUndefined();
    }
  });

  it('is cut by both at its last empty line, and at nothing else', async () => {
    const [its] = parseNote(note).signatures;
    for (const said of ['\n', '\n\n', 'a\n\n\n', `${note}\nb\n`, `a\n\n${its?.line}\n`]) {
      const signed = signNote(said, [parseSkey(SKEY)]);
      expect(ours(signed, [VKEY])).toEqual({ text: said, by: ['PeterNeumann'], others: [] });
      expect(await theirs(signed, [VKEY])).toEqual(ours(signed, [VKEY]));
    }
    const without = [
      '',
      '\n',
      '\n\n',
      'a\n',
      'a\n\n',
      note.trimEnd(),
      `${note}\n`,
      `${note}a\n`,
      `${note}— a b\n`,
    ];
    for (const other of without) {
      expect(ours(other, [VKEY])).toBeUndefined();
      expect(await theirs(other, [VKEY])).toBeUndefined();
    }
  });

  it('may have 100 signatures by both, and by neither one more', async () => {
    const signers = Array.from({ length: 101 }, (_, n) =>
      signerOf(`s${n}.example`, LOG_KEY, Buffer.alloc(32, n)),
    );
    const vkeys = signers.map(({ verifier }) => verifier.vkey);
    const hundred = signNote('a\n', signers.slice(0, 100));
    expect((await theirs(hundred, vkeys))?.by).toHaveLength(100);
    expect(await theirs(hundred, vkeys)).toEqual(ours(hundred, vkeys));
    const more = hundred + signatureLine(signers[100] as (typeof signers)[0], 'a\n');
    expect([await theirs(more, vkeys), ours(more, vkeys)]).toEqual([undefined, undefined]);
  });

  it('with the cosignature of a witness is one with a signature that Go does not know', async () => {
    const witness = signerOf('witness.example', WITNESS_KEY, Buffer.alloc(32, 7), () => 1_679_315_147_000);
    const cosigned = signNote('a\n', [parseSkey(SKEY), witness]);
    expect(await theirs(cosigned, [VKEY])).toEqual({
      text: 'a\n',
      by: ['PeterNeumann'],
      others: ['witness.example'],
    });
    expect(await goReadsKey(witness.verifier.vkey)).toBe(false);
  });
});

(hasGo ? describe : describe.skip)('the key of a log, compared with what Go makes of it', () => {
  it('is refused by both where any part of it is missing, or any byte is another', async () => {
    expect([readsKey(VKEY), await goReadsKey(VKEY)]).toEqual([true, true]);
    const others: string[] = [];
    for (let from = 0; from < VKEY.length; from++) {
      for (let to = from + 1; to <= VKEY.length; to++) others.push(VKEY.slice(from, to));
      const next = String.fromCharCode(VKEY.charCodeAt(from) + 1);
      others.push(VKEY.slice(0, from) + next + VKEY.slice(from + 1));
    }
    for (const other of others.filter((vkey) => vkey !== VKEY))
      expect([other, readsKey(other), await goReadsKey(other)]).toEqual([other, false, false]);
  });

  it('may have the same characters in its name, but for control characters that no note has', async () => {
    const { publicKey } = parseVkey(VKEY);
    const body = Buffer.concat([Buffer.of(LOG_KEY), publicKey]).toString('base64');
    const characters = Array.from({ length: 0x3100 }, (_, n) => n + 0x20).concat(0xfeff, 0xffff, 0x1f600);
    for (const character of characters) {
      const its = `a${String.fromCodePoint(character)}b`;
      const vkey = `${its}+${keyId(its, LOG_KEY, publicKey)}+${body}`;
      expect([character, await goReadsKey(vkey)]).toEqual([character, readsKey(vkey)]);
    }
  });
});
