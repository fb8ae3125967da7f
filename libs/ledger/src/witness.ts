import type { Database } from '@app/journal';
import {
  type Checkpoint,
  EMPTY_ROOT,
  isConsistent,
  LOG_KEY,
  Malformed,
  type Note,
  type Signer,
  sha256,
  signatureLine,
  signNote,
  type Verifier,
  verifiedBy,
  WITNESS_KEY,
} from '@app/proof';
import { type AddCheckpoint, parseAddCheckpoint } from './witness-request.ts';
import { keepCosigned, type LastCosigned, lastCosigned } from './witness-state.ts';

/** An answer as HTTP carries it. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Whether a witness may put its name under a checkpoint; the words say why not, undefined: it may. */
export type MayCosign = (checkpoint: Checkpoint) => Promise<string | undefined>;

/** Who witnesses which logs, and where it keeps what it cosigned (`openWitnessState`). */
export type WitnessOf = {
  readonly database: Database;
  /** A signer of the type `WITNESS_KEY`; its clock is the witness's. */
  readonly signer: Signer;
  /** Keys of logs; the origin of a log is the name of its keys. */
  readonly logs: readonly Verifier[];
  /** Asked after all checks of the protocol, before the cosignature is made. */
  readonly mayCosign?: MayCosign;
};

/**
 * A witness (C2SP tlog-witness v1.0.0, proof 3.10), without its HTTP: it cosigns a checkpoint of a log it knows only
 * where the log goes on from the last one that it cosigned, and remembers it before it answers. What it compares it
 * compares in the transaction that moves it, so that of two askers with the same `old` one is answered 200 and the
 * other 409.
 */
export class Witness {
  readonly #database: Database;
  readonly #signer: Signer;
  readonly #logs = new Map<string, Verifier[]>();
  readonly #origins = new Map<string, string>();
  readonly #mayCosign: MayCosign;

  /** Throws `Malformed` where the keys cannot be these of a witness and its logs (proof 3.9). */
  constructor({ database, signer, logs, mayCosign = async () => undefined }: WitnessOf) {
    assertKeys(signer, logs);
    this.#database = database;
    this.#signer = signer;
    this.#mayCosign = mayCosign;
    for (const log of logs) {
      this.#logs.set(log.name, [...(this.#logs.get(log.name) ?? []), log]);
      this.#origins.set(sha256(log.name).toString('hex'), log.name);
    }
  }

  /**
   * `POST add-checkpoint`: 200 with the line of the cosignature; 400 malformed, or `old` beyond the checkpoint; 404 a
   * log that is not known; 403 not signed by it; 409 `old` is not what was cosigned last, which the body says; 422 the
   * checkpoint does not go on from that, or may not be cosigned. Throws `DatabaseUnavailable`, and nothing is cosigned.
   */
  async addCheckpoint(body: Buffer): Promise<Answer> {
    try {
      return await this.#decide(parseAddCheckpoint(body));
    } catch (cause) {
      if (cause instanceof Malformed) return refusal(400, cause.message);
      throw cause;
    }
  }

  /** `GET <hash of an origin>/checkpoint`: the last cosigned note. `originHash`: SHA-256 in lower-case hex. */
  async checkpoint(originHash: string): Promise<Answer> {
    const origin = this.#origins.get(originHash);
    const last = origin === undefined ? undefined : await lastCosigned(this.#database.read, origin);
    return last
      ? { status: 200, headers: PLAIN, body: last.note }
      : refusal(404, 'no checkpoint of this log');
  }

  async #decide(asked: AddCheckpoint): Promise<Answer> {
    const { origin } = asked.checkpoint;
    const log = this.#logs.get(origin);
    if (!log) return refusal(404, 'this log is not known here');
    const note = asked.note && signedOnlyBy(log, asked.note);
    if (!note) return refusal(403, 'the checkpoint has no valid signature of a key of its log');
    const early = objection(asked, await lastCosigned(this.#database.read, origin));
    if (early) return early;
    const because = await this.#mayCosign(asked.checkpoint);
    if (because !== undefined) return refusal(422, because);
    return this.#cosign(asked, note);
  }

  #cosign(asked: AddCheckpoint, note: Note): Promise<Answer> {
    const { origin, size, root } = asked.checkpoint;
    return this.#database.write(async (sql) => {
      const late = objection(asked, await lastCosigned(sql, origin));
      if (late) return late;
      const line = signatureLine(this.#signer, note.text);
      const whole = signNote(note.text, [], [...note.signatures.map((one) => one.line), line]);
      await keepCosigned(sql, origin, { size, root, note: whole });
      return { status: 200, headers: PLAIN, body: line };
    });
  }
}

const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8' };

const refusal = (status: number, because: string): Answer => ({
  status,
  headers: PLAIN,
  body: `${because}\n`,
});

/**
 * A cosignature and a log's signature may not be of one key: what a witness signs could be shown as what a log said.
 */
function assertKeys(signer: Signer, logs: readonly Verifier[]): void {
  if (signer.type !== WITNESS_KEY)
    throw new Malformed(`the key of ${signer.name} is not the key of a witness; make one for it alone`);
  for (const { name, type, publicKey } of logs) {
    if (type !== LOG_KEY) throw new Malformed(`the key of ${name} is not the key of a log`);
    if (publicKey.equals(signer.verifier.publicKey))
      throw new Malformed(
        `the key of the witness ${signer.name} is also the key of the log ${name}; make another for the witness`,
      );
  }
  if (logs.length === 0) throw new Malformed('a witness without logs has nothing to do; name a log');
}

/** The note with the signatures of the log alone; undefined: it has none, or a wrong one. */
function signedOnlyBy(log: readonly Verifier[], note: Note): Note | undefined {
  try {
    const verified = verifiedBy(note, log);
    const signatures = note.signatures.filter((one) =>
      verified.some(({ verifier }) => verifier.name === one.name && verifier.id === one.id),
    );
    return signatures.length > 0 ? { text: note.text, signatures } : undefined;
  } catch {
    return undefined;
  }
}

/** Why a signed checkpoint is not cosigned, in the order of the protocol (proof 3.10); undefined: it goes on from `last`. */
function objection({ old, proof, checkpoint }: AddCheckpoint, last?: LastCosigned): Answer | undefined {
  const { size, root } = checkpoint;
  const { size: from, root: fromRoot } = last ?? { size: 0n, root: EMPTY_ROOT };
  if (old > size) return refusal(400, `the old size ${old} is beyond the checkpoint of ${size}`);
  if (old !== from)
    return { status: 409, headers: { 'Content-Type': 'text/x.tlog.size' }, body: `${from}\n` };
  if (size === 0n && !root.equals(EMPTY_ROOT)) return refusal(422, 'this is not the root of an empty log');
  if (old === 0n && proof.length > 0) return refusal(422, 'from an empty log there is nothing to prove');
  if (old === size && !root.equals(fromRoot))
    return refusal(422, `another root was cosigned for the size ${size}`);
  if (!isConsistent({ from, size, fromRoot, root, proof }))
    return refusal(422, `the proof does not show that ${size} goes on from ${from}`);
  return undefined;
}
