import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ByDefinition } from './by-definition.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { parseSkey, parseVkey, signerOf, timeOf, WITNESS_KEY } from './keys.ts';
import {
  consistencyRanges,
  type Hash,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
} from './merkle.ts';
import { parseNote, signatureLine, signNote, verifiedBy } from './note.ts';
import { parsePolicy, trust } from './policy.ts';
import { entriesIn, entryBundle, hashesIn, parseTilePath, rootsOf, tilePath } from './tiles.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.ts';

type TestLog = {
  readonly origin: string;
  readonly vkey: string;
  readonly skey: string;
  readonly leaves_utf8: readonly string[];
  readonly checkpoints: Readonly<Record<string, string>>;
};
type Derived = {
  readonly cosignature: {
    readonly witness_name: string;
    readonly witness_seed_hex: string;
    readonly witness_pub_hex: string;
    readonly witness_vkey: string;
    readonly time: number;
    readonly line: string;
    readonly cosigned_checkpoint: string;
  };
  readonly tlog_proof: { readonly entry_utf8: string; readonly text: string };
  readonly consistency_7_15: readonly string[];
  readonly tile_paths: readonly (readonly [[number | 'entries', number, number], string])[];
};

/** Public vectors that lie beside the project, not in it. */
const VECTORS = resolve('../shared/vectors');
const there = existsSync(VECTORS);
// Not by the console: what a file says there is not shown where all of it is skipped.
if (!there)
  process.stderr.write(`NOT TESTED: the log is not compared with a log of others: ${VECTORS} is not there\n`);
const read = <T>(file: string): T => JSON.parse(readFileSync(`${VECTORS}/${file}.json`, 'utf8')) as T;

(there ? describe : describe.skip)('the test log of Tessera', () => {
  const log = () => {
    const { leaves_utf8, checkpoints, ...rest } = read<TestLog>('tessera-testlog');
    const tree = new ByDefinition(leaves_utf8.map(leafHash));
    return { ...rest, entries: leaves_utf8, tree, checkpoints: Object.values(checkpoints) };
  };

  it('has the checkpoints that we sign, of every size from 0 to 15, byte for byte', () => {
    const { origin, vkey, skey, tree, checkpoints } = log();
    expect(checkpoints).toHaveLength(16);
    const policy = parsePolicy(`log ${vkey}\nquorum none`);
    for (const [size, note] of checkpoints.entries()) {
      const checkpoint = { origin, size: BigInt(size), root: tree.mth(0, size) };
      expect(signNote(formatCheckpoint(checkpoint), [parseSkey(skey)])).toBe(note);
      expect(parseCheckpoint(parseNote(note).text)).toEqual(checkpoint);
      expect(trust(note, policy)).toMatchObject(checkpoint);
    }
  });

  it('has the roots that our proofs from its tile arrive at', async () => {
    const { tree, entries, checkpoints } = log();
    const tile = Buffer.concat(tree.leaves);
    const roots = checkpoints.map((note) => parseCheckpoint(parseNote(note).text).root);
    const from = (ranges: Parameters<typeof rootsOf>[0]) =>
      rootsOf(ranges, async ({ first, count }) => hashesIn(tile).slice(first, first + count));
    for (let size = 1; size <= 15; size++)
      for (let n = 0; n < size; n++) {
        const place = { index: BigInt(n), size: BigInt(size), root: roots[size] as Hash };
        const proof = await from(inclusionRanges(place.index, place.size));
        expect(isIncluded({ ...place, leafHash: leafHash(entries[n] ?? ''), proof })).toBe(true);
        const step = {
          from: BigInt(n + 1),
          size: BigInt(size),
          fromRoot: roots[n + 1] as Hash,
          root: roots[size] as Hash,
        };
        const consistency = await from(consistencyRanges(step.from, step.size));
        expect(isConsistent({ ...step, proof: consistency })).toBe(true);
      }
  });

  it('has the bundle of entries that we write', () => {
    const { entries } = log();
    expect(entryBundle(entries.slice(0, 3)).toString('hex')).toBe('00036f6e65000374776f00057468726565');
    expect(entriesIn(entryBundle(entries))?.map(String)).toEqual(entries);
  });
});

(there ? describe : describe.skip)('what is derived of the test log of Tessera', () => {
  const derived = () => read<Derived>('derived');
  const tessera = () => read<TestLog>('tessera-testlog');
  const fifteen = () => tessera().checkpoints[15] ?? '';

  it('is a cosignature that we make alike', () => {
    const { cosignature: its } = derived();
    const seed = Buffer.from(its.witness_seed_hex, 'hex');
    const signer = signerOf(its.witness_name, WITNESS_KEY, seed, () => its.time * 1_000);
    expect(signer.verifier.vkey).toBe(its.witness_vkey);
    expect(signer.verifier.publicKey.toString('hex')).toBe(its.witness_pub_hex);
    expect(signatureLine(signer, parseNote(fifteen()).text)).toBe(its.line);
    expect(fifteen() + its.line).toBe(its.cosigned_checkpoint);
    const [verified] = verifiedBy(parseNote(its.cosigned_checkpoint), [parseVkey(its.witness_vkey)]);
    expect(timeOf(verified?.signature as Buffer)).toBe(its.time);
  });

  it('is a proof in a file of its own that we write alike and believe', () => {
    const { tlog_proof: its, cosignature } = derived();
    const { vkey, leaves_utf8 } = tessera();
    const proof = parseTlogProof(its.text);
    expect(formatTlogProof(proof)).toBe(its.text);
    expect(proof.proof).toEqual(new ByDefinition(leaves_utf8.map(leafHash)).path(6, 0, 15));
    const policy = parsePolicy(`log ${vkey}\nwitness w ${cosignature.witness_vkey}\nquorum w`);
    expect(verifyTlogProof(proof, leafHash(its.entry_utf8), policy)).toMatchObject({ size: 15n });
    expect(verifyTlogProof(proof, leafHash('eight'), policy)).toMatchObject({ distrusted: 'inclusion' });
  });

  it('is a proof of consistency that we make alike', () => {
    const tree = new ByDefinition(tessera().leaves_utf8.map(leafHash));
    const ours = consistencyRanges(7n, 15n).map(({ start, end }) => tree.mth(Number(start), Number(end)));
    expect(ours.map((hash) => hash.toString('base64'))).toEqual(derived().consistency_7_15);
  });

  it('is paths of tiles that we read and write alike', () => {
    const { tile_paths } = derived();
    expect(tile_paths.length).toBeGreaterThanOrEqual(6);
    for (const [[level, index, width], path] of tile_paths) {
      const tile = { level, index: BigInt(index), width: width || 256 };
      expect(tilePath(tile)).toBe(path);
      expect(parseTilePath(path)).toEqual(tile);
    }
  });
});
