import { cut, fromBase64 } from './base64.ts';
import { Malformed } from './malformed.ts';
import { HASH_BYTES, type Hash } from './merkle.ts';

/** What a log says of itself (C2SP tlog-checkpoint): its name, how many leaves it has, and their root. */
export type Checkpoint = { readonly origin: string; readonly size: bigint; readonly root: Hash };

/** The text that is signed: three lines, no extension. */
export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`;

const SIZE = /^(0|[1-9]\d{0,18})$/;
const END = 2n ** 63n;

/** Reads the text of a checkpoint; one with extension lines is refused. Throws `Malformed`. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const [origin = '', size = '', root = '', rest] = lines;
  if (lines.length !== 4 || rest !== '')
    throw new Malformed('a checkpoint has three lines: origin, size, root');
  if (origin === '') throw new Malformed('line 1 of the checkpoint, the origin, is empty');
  if (!SIZE.test(size) || BigInt(size) >= END)
    throw new Malformed(`line 2 of the checkpoint is not a size: ${cut(size)}`);
  const hash = fromBase64(root, 'line 3 of the checkpoint, the root,');
  if (hash.length !== HASH_BYTES) throw new Malformed('line 3 of the checkpoint is not a hash of 32 bytes');
  return { origin, size: BigInt(size), root: hash };
}
