import { cut, fromBase64 } from './base64.ts';
import { Malformed } from './malformed.ts';
import { HASH_BYTES, type Hash, isIncluded } from './merkle.ts';
import { type Distrusted, type Policy, type Trusted, trust } from './policy.ts';

/** That a leaf is in a log, in a file that verifies alone (C2SP tlog-proof). `checkpoint` is the signed note. */
export type TlogProof = {
  readonly index: bigint;
  readonly proof: readonly Hash[];
  readonly checkpoint: string;
  /** A hint that nothing vouches for. */
  readonly extra?: Buffer;
};

const HEADER = 'c2sp.org/tlog-proof@v1';
const MOST_HASHES = 63;
const LONGEST_LINE = 20_000;

export const formatTlogProof = ({ index, proof, checkpoint, extra }: TlogProof): string =>
  [
    HEADER,
    ...(extra ? [`extra ${extra.toString('base64')}`] : []),
    `index ${index}`,
    ...proof.map((hash) => hash.toString('base64')),
    '',
    checkpoint,
  ].join('\n');

/** Reads a proof; its checkpoint is not looked into. Throws `Malformed` with the number of the line. */
export function parseTlogProof(text: string): TlogProof {
  const end = text.indexOf('\n\n');
  if (end < 0) throw new Malformed('the proof has no empty line before its checkpoint');
  const lines = text.slice(0, end).split('\n');
  const long = lines.findIndex(({ length }) => length > LONGEST_LINE);
  if (long >= 0)
    throw new Malformed(`line ${long + 1} of the proof is longer than ${LONGEST_LINE} characters`);
  if (lines[0] !== HEADER) throw new Malformed(`line 1 of the proof is not ${HEADER}`);
  const extra = lines[1]?.startsWith('extra ')
    ? fromBase64(lines[1].slice(6), 'line 2 of the proof')
    : undefined;
  const before = extra ? 2 : 1;
  const [index = '', ...hashes] = lines.slice(before);
  if (!/^index (0|[1-9]\d{0,18})$/.test(index))
    throw new Malformed(`line ${before + 1} of the proof is not its index: ${cut(index)}`);
  if (hashes.length > MOST_HASHES) throw new Malformed(`the proof has more than ${MOST_HASHES} hashes`);
  return {
    index: BigInt(index.slice(6)),
    proof: hashes.map((line, n) => hashIn(line, before + 2 + n)),
    checkpoint: text.slice(end + 2),
    ...(extra ? { extra } : {}),
  };
}

function hashIn(line: string, number: number): Hash {
  try {
    return hashOf(line);
  } catch (cause) {
    throw new Malformed(`line ${number} of the proof: ${(cause as Error).message}`);
  }
}

/** A hash of 32 bytes from a line of base64. Throws `Malformed`. */
export function hashOf(line: string): Hash {
  const hash = fromBase64(line, 'a hash');
  if (hash.length !== HASH_BYTES) throw new Malformed(`${cut(line)} is not a hash of 32 bytes`);
  return hash;
}

/** Whether the proof shows, under a policy, that the leaf with this hash is in the log; the checkpoint that says so. */
export function verifyTlogProof(
  { index, proof, checkpoint }: TlogProof,
  leafHash: Hash,
  policy: Policy,
): Trusted | Distrusted | { readonly distrusted: 'inclusion'; readonly because: string } {
  const trusted = trust(checkpoint, policy);
  if ('distrusted' in trusted) return trusted;
  return isIncluded({ index, size: trusted.size, leafHash, proof, root: trusted.root })
    ? trusted
    : { distrusted: 'inclusion', because: `the leaf is not at ${index} in the log of ${trusted.size}` };
}
