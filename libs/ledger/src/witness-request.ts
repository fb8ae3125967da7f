import {
  type Checkpoint,
  type Hash,
  hashOf,
  Malformed,
  type Note,
  parseCheckpoint,
  parseNote,
  UnreadableSignature,
} from '@app/proof';

/** A request to cosign (C2SP tlog-witness, `add-checkpoint`). */
export type AddCheckpoint = {
  /** The size that the asker believes was cosigned last. */
  readonly old: bigint;
  readonly proof: readonly Hash[];
  readonly checkpoint: Checkpoint;
  /** Undefined where the bytes of a signature cannot be read. */
  readonly note?: Note;
};

/** Bytes of a request. */
export const MOST_REQUEST_BYTES = 65_536;
const MOST_PROOF_LINES = 63;
const OLD = /^old (0|[1-9]\d{0,18})$/;
const END = 2n ** 63n;

/** `old <n>`, the lines of the consistency proof, an empty line, the note. */
export const formatAddCheckpoint = (old: bigint, proof: readonly Hash[], note: string): string =>
  `old ${old}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}`;

/** Reads a request; no signature is checked. Throws `Malformed`. */
export function parseAddCheckpoint(body: Buffer): AddCheckpoint {
  if (body.length > MOST_REQUEST_BYTES)
    throw new Malformed(`the request is longer than ${MOST_REQUEST_BYTES} bytes`);
  const end = body.indexOf('\n\n');
  if (end < 0) throw new Malformed('the request has no empty line before its checkpoint');
  const [first = '', ...hashes] = body.toString('utf8', 0, end).split('\n');
  const old = BigInt(OLD.exec(first)?.[1] ?? END);
  if (old >= END) throw new Malformed('line 1 of the request is not: old <size>');
  if (hashes.length > MOST_PROOF_LINES)
    throw new Malformed(`the request has more than ${MOST_PROOF_LINES} lines of proof`);
  return { old, proof: hashes.map(hashOf), ...checkpointIn(body.subarray(end + 2)) };
}

function checkpointIn(bytes: Buffer): Pick<AddCheckpoint, 'checkpoint' | 'note'> {
  try {
    const note = parseNote(bytes);
    return { checkpoint: parseCheckpoint(note.text), note };
  } catch (cause) {
    if (!(cause instanceof UnreadableSignature)) throw cause;
    const whole = bytes.toString();
    return { checkpoint: parseCheckpoint(whole.slice(0, whole.lastIndexOf('\n\n') + 1)) };
  }
}
