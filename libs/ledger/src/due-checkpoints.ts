import { type Hash, isQuorum, parseCheckpoint, parseNote, type Trusted, trust } from '@app/proof';
import type { Comparing, LogFault } from './comparing.ts';

/** How far the entries were compared. `since`: the entry since which `recordedAt` did not go on. */
type Place = {
  readonly size: bigint;
  readonly root: () => Hash;
  readonly recordedAt: string;
  readonly since: number;
};

/** A checkpoint whose root must be met at its size. */
type Due = Pick<Trusted, 'size' | 'root'> & {
  readonly what: string;
  readonly isCosigned: boolean;
  /** When its witnesses saw it, in seconds since 1970. */
  readonly seen: readonly number[];
};

const PAGE = 2_000;
const OF_CHECKPOINTS: readonly string[] = ['checkpoint', 'signature', 'quorum'];
/** Clocks may differ by this much, in seconds; as in a bundle (docs/bundle.md). */
export const SKEW_SECONDS = 300;

/** The checkpoints that a log must meet: those that it has kept, and those that somebody kept elsewhere. */
export class DueCheckpoints {
  #due: Due[] = [];
  #compared: number;
  #held: number;
  #cosigned: number;
  #seenAt: number | undefined;
  /** A checkpoint is not what it must be, which is told. */
  #isWrong: boolean;
  /** Up to this size they have been read; `undefined`: all. */
  #read: number | undefined;

  constructor(
    private readonly by: Comparing,
    private readonly fault: (fault: LogFault) => void,
  ) {
    const { from } = by;
    this.#read = from?.size ?? -1;
    this.#compared = from?.checkpoints ?? 0;
    this.#held = from?.held ?? 0;
    this.#cosigned = from?.cosigned ?? 0;
    this.#seenAt = from?.seenAt ?? undefined;
    this.#isWrong = from?.faults.some(({ kind }) => OF_CHECKPOINTS.includes(kind)) ?? false;
  }

  get compared(): number {
    return this.#compared;
  }

  /** Entries under a checkpoint that held and that the quorum cosigned. */
  get cosigned(): number {
    return this.#cosigned;
  }

  /** The size at which the next one is to be met. */
  get next(): number {
    return Number(this.#due[0]?.size ?? Number.POSITIVE_INFINITY);
  }

  state() {
    // Those that were read and not met yet are read again.
    const checkpoints = this.#compared - this.#due.length;
    return { checkpoints, held: this.#held, cosigned: this.#cosigned, seenAt: this.#seenAt ?? null };
  }

  /** Takes the checkpoints that were kept elsewhere. */
  hold(place: Place): void {
    for (const note of this.by.held ?? []) {
      const size = Number(parseCheckpoint(parseNote(note).text).size);
      if (size >= Number(place.size))
        this.#add(note, size, `the checkpoint of ${size} that was kept elsewhere`);
    }
    this.meet(place);
  }

  /** Reads the checkpoints that are to be met up to a size. */
  async expect(upTo: number): Promise<void> {
    while (this.#read !== undefined && this.#read < upTo) {
      const page = await this.by.checkpoints.page(this.by.origin, this.#read, PAGE);
      for (const { note, size, quorum } of page)
        this.#add(note, size, `the signed checkpoint of ${size}`, quorum === 1);
      this.#read = page.length < PAGE ? undefined : page.at(-1)?.size;
    }
  }

  /** Compares the checkpoints of the size that was come to. */
  meet(place: Place): void {
    for (let next = this.#due[0]; next && next.size <= place.size; next = this.#due[0]) {
      this.#due.shift();
      if (place.root().equals(next.root)) this.#met(next, place);
      else this.#differ(next);
    }
  }

  /** An entry was recorded after the witnesses saw the log without it, give or take. */
  assertAfter(index: number, recordedAt: string): void {
    if (this.#seenAt !== undefined && Date.parse(recordedAt) / 1_000 < this.#seenAt - SKEW_SECONDS)
      this.fault({
        kind: 'time',
        index,
        because: `it says it was recorded at ${recordedAt}, but witnesses saw the log without it at ${timeOf(this.#seenAt)}`,
      });
  }

  /** What can be said only when all entries were compared: checkpoints past the end, entries under none. */
  end(now: number): void {
    const past = this.#due.find(({ size }) => size > BigInt(now));
    if (past)
      this.fault({
        kind: 'rollback',
        index: now,
        because: `the log ends here, but ${past.what} covers ${past.size} entries: its tail was cut`,
      });
    const isVouched = this.#cosigned > 0 || this.#isWrong || past !== undefined;
    if (this.by.policy.quorum !== undefined && !isVouched && now > 0)
      this.fault({
        kind: 'quorum',
        index: 0,
        because: `no entry is under a checkpoint that the quorum ${this.by.policy.quorum} cosigned: nobody but the log itself vouches for any`,
      });
  }

  #differ({ size, what }: Due): void {
    this.#isWrong = true;
    this.fault({
      kind: 'checkpoint',
      index: this.#held,
      upTo: Math.max(Number(size) - 1, this.#held),
      because: `${what} does not have the root of these entries: something from here to ${size - 1n} was changed`,
    });
  }

  #met({ size, isCosigned, seen, what }: Due, { recordedAt, since }: Place): void {
    this.#held = Number(size);
    if (isCosigned) this.#cosigned = Number(size);
    if (seen.length === 0) return;
    const first = Math.min(...seen);
    if (size > 0n && Date.parse(recordedAt) / 1_000 > first + SKEW_SECONDS)
      this.fault({
        kind: 'time',
        index: since,
        because: `it says it was recorded at ${recordedAt}, but a witness saw it in ${what} at ${timeOf(first)} already`,
      });
    this.#seenAt = Math.max(...seen);
  }

  #add(note: string, size: number, what: string, needsQuorum = false): void {
    const { policy } = this.by;
    const { quorum: _, ...anyQuorum } = policy;
    const trusted = trust(note, needsQuorum ? policy : anyQuorum);
    this.#compared++;
    if ('distrusted' in trusted) {
      this.#isWrong = true;
      const kind = trusted.distrusted === 'quorum' ? 'quorum' : 'signature';
      this.fault({ kind, index: size, because: `${what}: ${trusted.because}` });
      return;
    }
    if (trusted.size !== BigInt(size))
      this.fault({ kind: 'signature', index: size, because: `${what} is signed for ${trusted.size}` });
    const isCosigned = isQuorum(policy, new Set(trusted.cosigned.keys()));
    this.#due.push({ ...trusted, what, isCosigned, seen: [...trusted.cosigned.values()] });
    this.#due.sort((a, b) => (a.size < b.size ? -1 : 1));
  }
}

const timeOf = (seconds: number): string => new Date(seconds * 1_000).toISOString();
