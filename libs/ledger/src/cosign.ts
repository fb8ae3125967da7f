import { type Hash, type Policy, parseCheckpoint, parseNote, type Verifier, verifiedBy } from '@app/proof';
import { bodyOf, reasonOf } from './fetching.ts';
import { formatAddCheckpoint } from './witness-request.ts';

/** The consistency proof between two sizes of the log, 0 < `from` < `size`. */
export type Prove = (from: bigint, size: bigint) => Promise<Hash[]>;

/** What came of asking the witnesses. */
export type Collected = {
  /** Signature lines, each with its end, each checked under the key of its witness. */
  readonly lines: string[];
  /** Who gave none, by the policy's name, and why. */
  readonly failed: { readonly name: string; readonly because: string }[];
};

export type CosignersOptions = {
  /** How long one witness may take, all told, in ms; 2,000 unless told. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
};

type Asked = { readonly name: string; readonly verifier: Verifier; readonly url: string };
type Submission = {
  readonly note: string;
  readonly text: string;
  readonly origin: string;
  readonly size: bigint;
  readonly prove: Prove;
};
/** The line of the cosignature, or the size that the witness has cosigned instead of the one it was told. */
type Told = { readonly line: string } | { readonly has: bigint };

const TIMEOUT_MS = 2_000;
const MOST_ANSWER_BYTES = 65_536;
const MOST_LINES = 100;
const SIZE = /^(0|[1-9]\d{0,18})\n$/;

/** Why a witness gave no cosignature. */
class NotCosigned extends Error {}

/**
 * Asks the witnesses of a policy for their cosignatures (C2SP tlog-witness v1.0.0, proof 3.10). It remembers the size
 * that each cosigned last; what it does not know a 409 tells it, and it asks once more.
 */
export class Cosigners {
  readonly #witnesses: readonly Asked[];
  readonly #sizes = new Map<string, bigint>();
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;

  constructor({ witnesses }: Policy, { timeoutMs = TIMEOUT_MS, fetch: ask = fetch }: CosignersOptions = {}) {
    this.#witnesses = [...witnesses].flatMap(([name, { verifier, url }]) =>
      url === undefined ? [] : [{ name, verifier, url: url.replace(/\/$/, '') }],
    );
    this.#timeoutMs = timeoutMs;
    this.#fetch = ask;
  }

  /**
   * Shows a signed checkpoint to every witness that has a URL, all at once. One that fails, lies or is slow is among
   * `failed`; none is waited for beyond its time, nor once `signal` aborts. Throws `Malformed` where `note` is not a
   * signed checkpoint.
   */
  async collect(note: string, prove: Prove, signal?: AbortSignal): Promise<Collected> {
    const { text } = parseNote(note);
    const { origin, size } = parseCheckpoint(text);
    const submission = { note, text, origin, size, prove };
    const failed: Collected['failed'] = [];
    const lines = await Promise.all(
      this.#witnesses.map((witness) =>
        this.#inTime(witness, submission, signal).catch((cause: unknown) => {
          failed.push({ name: witness.name, because: reasonOf(cause) });
        }),
      ),
    );
    return { lines: [...new Set(lines.filter((line) => line !== undefined))], failed };
  }

  async #inTime(witness: Asked, submission: Submission, signal?: AbortSignal): Promise<string> {
    const over = new AbortController();
    const late = new NotCosigned(`no cosignature within ${this.#timeoutMs} ms`);
    const timer = setTimeout(() => over.abort(late), this.#timeoutMs);
    const until = signal ? AbortSignal.any([over.signal, signal]) : over.signal;
    try {
      return await Promise.race([this.#ask(witness, submission, until), aborted(until)]);
    } finally {
      clearTimeout(timer);
      over.abort(late);
    }
  }

  async #ask(witness: Asked, submission: Submission, signal: AbortSignal): Promise<string> {
    const key = `${submission.origin} ${witness.name}`;
    const known = this.#sizes.get(key) ?? 0n;
    // A size beyond this checkpoint was a lie once, or is another's checkpoint: it is asked for anew.
    let told = await this.#post(witness, submission, known > submission.size ? 0n : known, signal);
    if ('has' in told) {
      this.#sizes.set(key, told.has);
      told = await this.#post(witness, submission, told.has, signal);
    }
    if ('has' in told) throw new NotCosigned(`it told of ${told.has} leaves when it was asked again`);
    this.#sizes.set(key, submission.size);
    return told.line;
  }

  async #post(witness: Asked, submission: Submission, old: bigint, signal: AbortSignal): Promise<Told> {
    const { note, size, prove } = submission;
    if (old > size)
      throw new NotCosigned(`it has cosigned ${old} leaves, and this checkpoint has only ${size}`);
    const proof = old === 0n || old === size ? [] : await prove(old, size);
    const response = await this.#fetch(`${witness.url}/add-checkpoint`, {
      method: 'POST',
      body: formatAddCheckpoint(old, proof, note),
      redirect: 'manual',
      signal,
    });
    const body = (await bodyOf(response, MOST_ANSWER_BYTES)).toString();
    if (response.status === 200) return { line: lineIn(body, submission.text, witness.verifier) };
    return { has: sizeIn(response, body) };
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });

/** The size that a 409 tells. */
function sizeIn(response: Response, body: string): bigint {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim();
  const size = type === 'text/x.tlog.size' ? SIZE.exec(body)?.[1] : undefined;
  if (response.status !== 409 || size === undefined)
    throw new NotCosigned(`it answered ${response.status}: ${JSON.stringify(body.slice(0, 200).trim())}`);
  return BigInt(size);
}

/** The first line that verifies under the key of the witness; what else it says is passed over. */
function lineIn(body: string, text: string, verifier: Verifier): string {
  for (const line of body.split('\n', MOST_LINES))
    if (isBy(verifier, `${text}\n${line}\n`)) return `${line}\n`;
  throw new NotCosigned(`it answered 200, but not with a cosignature of ${verifier.name}+${verifier.id}`);
}

function isBy(verifier: Verifier, note: string): boolean {
  try {
    return verifiedBy(parseNote(note), [verifier]).length > 0;
  } catch {
    return false;
  }
}
