import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseCheckpoint } from './checkpoint.ts';
import { parseSkey, parseVkey } from './keys.ts';
import { Malformed } from './malformed.ts';
import {
  consistencyRanges,
  EMPTY_ROOT,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
  type Range,
  rootOf,
} from './merkle.ts';
import { parseNote, signNote, verifiedBy } from './note.ts';

type Case = { readonly desc: string; readonly wantErr: boolean; readonly file: string };
type InclusionCase = Case & {
  readonly leafIdx: string;
  readonly treeSize: string;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: readonly string[];
};
type ConsistencyCase = Case & {
  readonly size1: string;
  readonly size2: string;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[];
};
type Proofs = { readonly inclusion: InclusionCase[]; readonly consistency: ConsistencyCase[] };
type Accumulated = { readonly roots: string; readonly inclusion: string; readonly consistency: string };
type Keys = Readonly<Record<string, { readonly vkey: string; readonly skey?: string }>>;
type Notes = {
  readonly text: string;
  readonly keys: Keys;
  readonly sigs: Readonly<Record<string, string>>;
  readonly invalid_vkeys: readonly string[];
  readonly cases: readonly {
    readonly note: string;
    readonly known: readonly string[];
    readonly verified?: readonly string[];
    readonly error?: string;
  }[];
  readonly malformed_notes: readonly string[];
  readonly malformed_note_hex_extra: readonly string[];
  readonly real_checkpoints: readonly { readonly vkey: string; readonly note: string }[];
  readonly checkpoint_parse: { readonly valid: readonly string[]; readonly invalid: readonly string[] };
};

/** Public vectors that lie beside the project, not in it. */
const VECTORS = resolve('../shared/vectors');
const there = existsSync(VECTORS);
// Not by the console: what a file says there is not shown where all of it is skipped.
if (!there)
  process.stderr.write(
    `NOT TESTED: the formats of the log are not compared with the public vectors: ${VECTORS} is not there\n`,
  );
const read = <T>(file: string): T => JSON.parse(readFileSync(`${VECTORS}/${file}.json`, 'utf8')) as T;
const bytes = (text: string) => Buffer.from(text, 'base64');

(there ? describe : describe.skip)('by the public vectors of proofs', () => {
  it('a proof of inclusion is believed where it must be, and refused in every other case', () => {
    const { inclusion } = read<Proofs>('rfc6962-proofs');
    expect(inclusion).toHaveLength(98);
    for (const { leafIdx, treeSize, root, leafHash: leaf, proof, wantErr, file } of inclusion) {
      const claim = {
        index: BigInt(leafIdx),
        size: BigInt(treeSize),
        leafHash: bytes(leaf),
        root: bytes(root),
        proof: proof.map(bytes),
      };
      expect([file, isIncluded(claim)]).toEqual([file, !wantErr]);
    }
  });

  it('a proof of consistency is too, and is also refused where a root is not a hash', () => {
    const { consistency } = read<Proofs>('rfc6962-proofs');
    expect(consistency).toHaveLength(98);
    for (const { size1, size2, root1, root2, proof, wantErr, file } of consistency) {
      const claim = {
        from: BigInt(size1),
        size: BigInt(size2),
        fromRoot: bytes(root1),
        root: bytes(root2),
        proof: proof.map(bytes),
      };
      const areHashes = [claim.fromRoot, claim.root].every(({ length }) => length === 32);
      expect([file, isConsistent(claim)]).toEqual([file, !wantErr && areHashes]);
    }
  });

  it('the roots and all proofs of the logs of up to 130 leaves are the same', () => {
    const vectors = read<Accumulated>('accumulated-0-130');
    const leaves = Array.from({ length: 130 }, (_, n) => leafHash(Buffer.of(n)));
    const over = (lines: readonly string[]) => createHash('sha256').update(lines.join('')).digest('hex');
    const roots = new Map<string, string>();
    const rootAt = ({ start, end }: Range): string => {
      const known = roots.get(`${start}-${end}`);
      const root = known ?? rootOf(leaves.slice(Number(start), Number(end))).toString('hex');
      roots.set(`${start}-${end}`, root);
      return root;
    };
    const line = (words: readonly unknown[], ranges: readonly Range[]) =>
      `${[...words, ...ranges.map(rootAt)].join(' ')}\n`;
    const sizes = Array.from({ length: 131 }, (_, n) => BigInt(n));
    const pairs = sizes.flatMap((size) => sizes.slice(0, Number(size)).map((n) => [n, size] as const));
    expect(over(sizes.map((end) => line([end], [{ start: 0n, end }])))).toBe(vectors.roots);
    expect(over(pairs.map(([n, size]) => line([n, size], inclusionRanges(n, size))))).toBe(vectors.inclusion);
    expect(over(pairs.map(([n, size]) => line([n + 1n, size], consistencyRanges(n + 1n, size))))).toBe(
      vectors.consistency,
    );
  });
});

(there ? describe : describe.skip)('by the public vectors of notes', () => {
  const vectors = () => read<Notes>('signed-note');
  const keyOf = ({ keys }: Notes, name: string) => parseVkey(keys[name]?.vkey ?? '');

  it('a text is signed with the same bytes', () => {
    const { text, keys, sigs } = vectors();
    expect(signNote(text, [parseSkey(keys.PeterNeumann?.skey ?? '')])).toBe(`${text}\n${sigs.peter}`);
  });

  it('the signatures of known keys are found, and a note is refused where it must be', () => {
    const all = vectors();
    expect(all.cases).toHaveLength(5);
    for (const { note, known, verified, error } of all.cases) {
      const open = () =>
        verifiedBy(
          parseNote(note),
          known.map((name) => keyOf(all, name)),
        ).map(({ verifier }) => verifier.name);
      // Where nobody known signed a note, it is for the caller to refuse it.
      if (error === undefined || error.includes('no verifiable')) expect(open()).toEqual(verified ?? []);
      else expect(open).toThrow(Malformed);
    }
  });

  it('what is no note, and what is no key, is refused', () => {
    const { malformed_notes, malformed_note_hex_extra, invalid_vkeys } = vectors();
    for (const note of malformed_notes) expect(() => parseNote(note)).toThrow(Malformed);
    for (const hex of malformed_note_hex_extra)
      expect(() => parseNote(Buffer.from(hex, 'hex'))).toThrow(Malformed);
    for (const vkey of invalid_vkeys) expect(() => parseVkey(vkey)).toThrow(Malformed);
  });

  it('notes of real logs are read and their signatures believed', () => {
    const notes = vectors().real_checkpoints.map(({ vkey, note }) => ({
      vkey,
      note,
      parsed: parseNote(note),
    }));
    const sizes = notes
      .filter(({ vkey }) => vkey.startsWith('sum.golang.org'))
      .map(({ parsed }) => parseCheckpoint(parsed.text).size);
    expect(sizes).toEqual([1_514_086n, 6_476_701n, 35_225_469n]);
    for (const { vkey, note, parsed } of notes) {
      expect(verifiedBy(parsed, [parseVkey(vkey)])).toHaveLength(1);
      const other = parseNote(note.replace('\n\n', 'x\n\n'));
      expect(() => verifiedBy(other, [parseVkey(vkey)])).toThrow(Malformed);
    }
  });

  it('what is no checkpoint is refused, and so is one whose root has not 32 bytes, which others leave open', () => {
    const { valid, invalid } = vectors().checkpoint_parse;
    for (const text of [...valid, ...invalid]) expect(() => parseCheckpoint(text)).toThrow(Malformed);
    for (const text of valid.slice(0, 2)) {
      const whole = text.replace(/[^\n]+\n$/, `${EMPTY_ROOT.toString('base64')}\n`);
      expect(parseCheckpoint(whole).root).toEqual(EMPTY_ROOT);
    }
  });
});
