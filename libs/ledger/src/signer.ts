import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import {
  type Checkpoint,
  formatCheckpoint,
  type Hash,
  isConsistent,
  LOG_KEY,
  Malformed,
  newSkey,
  parseCheckpoint,
  parseNote,
  parseSkey,
  type Signer,
  signNote,
  type Verifier,
  verifiedBy,
} from '@app/proof';

/** The signer will not sign: what it is asked for is not what it signed before, gone on. */
export class SignerRefuses extends Error {}

/** Proves that the log of a size goes on from an older size. */
type Prove = (from: bigint, size: bigint) => Promise<readonly Hash[]>;

/** Where the log's key is: the text itself, or a file that only its owner reads. */
export type KeyPlace = { readonly text: string } | { readonly file: string };

/**
 * Signs checkpoints of one log. Keeps the last one it signed in a file outside the database, on the device before
 * anybody sees the signature, and never signs one that does not go on from it.
 */
export class LogSigner {
  readonly origin: string;

  private constructor(
    private readonly signers: readonly Signer[],
    private readonly file: string,
  ) {
    this.origin = (signers[0] as Signer).name;
  }

  /** Opens the keys; `signedFile` holds what was signed last. Throws `SignerRefuses` where they cannot be used. */
  static open(key: KeyPlace, signedFile: string): LogSigner {
    const text = 'text' in key ? key.text : readOwn(key.file);
    const signers = text
      .split(/\s+/)
      .filter(Boolean)
      .map((line) => parseSkey(line));
    const [first] = signers;
    if (!first) throw new SignerRefuses('there is no key of the log; make one with jejak ledger-key');
    if (signers.some(({ type, name }) => type !== LOG_KEY || name !== first.name))
      throw new SignerRefuses('the keys of a log are log keys of one name; leave the others out');
    return new LogSigner(signers, signedFile);
  }

  get verifiers(): readonly Verifier[] {
    return this.signers.map(({ verifier }) => verifier);
  }

  /** What was signed last; undefined: nothing yet. Throws `SignerRefuses` where the file is not what this signer wrote. */
  lastSigned(): Checkpoint | undefined {
    const note = readIfThere(this.file);
    if (note === undefined) return undefined;
    try {
      const parsed = parseNote(note);
      const checkpoint = parseCheckpoint(parsed.text);
      if (checkpoint.origin !== this.origin || verifiedBy(parsed, this.verifiers).length === 0)
        throw new Malformed(`it is of ${checkpoint.origin}, by a key that is not this log's`);
      return checkpoint;
    } catch (cause) {
      throw new SignerRefuses(
        `${this.file} is not a checkpoint that this log signed (${(cause as Error).message}); put back the true one, or let the log begin anew under another name: jejak ledger-recover`,
      );
    }
  }

  /**
   * The signed note of the log at this size. `prove`: that the tree goes on from an older size. Throws `SignerRefuses`
   * where the size went back, or the tree is not the one that was signed.
   */
  async sign(log: Omit<Checkpoint, 'origin'>, prove: Prove): Promise<string> {
    await this.assertGoesOn(log, prove);
    const note = signNote(formatCheckpoint({ origin: this.origin, ...log }), this.signers);
    writeOnDevice(this.file, note);
    return note;
  }

  /** Throws `SignerRefuses` where the log does not go on from what was signed last, or from `known` where nothing was. */
  async assertGoesOn(
    { size, root }: Omit<Checkpoint, 'origin'>,
    prove: Prove,
    known?: Checkpoint,
  ): Promise<void> {
    const before = this.lastSigned() ?? known;
    if (before && size < before.size)
      throw new SignerRefuses(
        `the log has ${size} entries, but ${before.size} were signed: entries were lost, or an older backup was put back; see docs/ledger.md`,
      );
    if (before) {
      const proof = await prove(before.size, size);
      if (!isConsistent({ from: before.size, size, fromRoot: before.root, root, proof }))
        throw new SignerRefuses(
          `the log of ${size} entries does not go on from the one of ${before.size} that was signed: what was in it was changed; find where with jejak verify`,
        );
    }
  }
}

/** Makes a key file that only its owner reads; gives the verifier. Never overwrites one. */
export function makeKeyFile(name: string, file: string): Verifier {
  const skey = newSkey(name, LOG_KEY);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'wx', 0o600);
  writeSync(descriptor, `${skey}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  return parseSkey(skey).verifier;
}

/** The text of a file that nobody but its owner may read. */
function readOwn(file: string): string {
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new SignerRefuses(
      `${file} holds the key of the log and others may read it (mode ${mode.toString(8)}); run chmod 600 on it`,
    );
  return readFileSync(file, 'utf8');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** The whole text or what was there before, whenever the machine stops. */
function writeOnDevice(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const aside = `${file}.new`;
  const descriptor = openSync(aside, 'w', 0o600);
  writeSync(descriptor, text);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(aside, file);
  const directory = openSync(dirname(file), 'r');
  fsyncSync(directory);
  closeSync(directory);
}
