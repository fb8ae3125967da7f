import { setTimeout as wait } from 'node:timers/promises';
import { uuidv7 } from '@app/event-store';
import { Election, type Pace } from '@app/journal';
import { type LedgerPlaces, openSealing, type Sealing, seal, stampNewest } from '@app/ledger';
import type { OpenRecord } from '@app/record';
import type { Log } from './follower.ts';

/** Looks this often whether there is something new; signs at most this often. In ms. */
const LOOK_MS = 200;
const SIGN_MS = 1_000;
const STAMP_MS = 3_600_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** Whether the last round went well, for whoever watches. */
export type SealerState = { readonly leads: boolean; readonly failing: boolean };

/**
 * Keeps the journal sealed: when something is new, and at most every second. Of several processes one seals, the others
 * stand by. What fails is told and tried again, later each time; a refusal of the signer is told like any other.
 */
export class Sealer {
  readonly #stop = new AbortController();
  readonly #election: Election;
  #running: Promise<unknown> = Promise.resolve();
  #failing = false;
  #stampedAt = 0;

  constructor(
    private readonly record: OpenRecord,
    private readonly places: LedgerPlaces & { readonly tsaUrl?: string },
    private readonly log: Log,
    pace?: Pace,
  ) {
    this.#election = new Election(record.database, 'sealer', pace);
  }

  get state(): SealerState {
    return { leads: this.#election.held, failing: this.#failing };
  }

  start(): void {
    this.#running = this.#election.lead(
      (signal) => this.#seal(signal),
      this.#stop.signal,
      (cause) => this.log.error('cannot stand for the sealing; will try again', cause),
    );
  }

  /** Ends when nothing of it uses the record any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #seal(signal: AbortSignal): Promise<void> {
    let sealing: Sealing | undefined;
    for (let failed = 0; !signal.aborted; )
      try {
        sealing ??= await this.#open();
        const isSigned = await round(this.record, sealing, this.log, signal);
        await this.#stamp(signal);
        failed = 0;
        this.#failing = false;
        await pause(isSigned ? SIGN_MS : LOOK_MS, signal);
      } catch (cause) {
        this.#failing = true;
        if (!signal.aborted) this.log.error('cannot seal the log; will try again', cause);
        await pause(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failed++), signal);
      }
  }

  /** Has the newest checkpoint stamped, once an hour. Without a timestamp the sealing goes on. */
  async #stamp(signal: AbortSignal): Promise<void> {
    const { tsaUrl } = this.places;
    if (tsaUrl === undefined || Date.now() - this.#stampedAt < STAMP_MS) return;
    this.#stampedAt = Date.now();
    await stampNewest(this.record.checkpoints, tsaUrl, signal).catch((cause: unknown) =>
      this.log.error('the newest checkpoint has no timestamp; will try again in an hour', cause),
    );
  }

  async #open(): Promise<Sealing> {
    const actor = await this.record.people.account('urn:jejak:sealer', 'sealer');
    const commandId = uuidv7();
    const asking = { actor, role: 'operator', commandId, correlationId: commandId, askedAt: Date.now() };
    const sealing = await openSealing(this.record, this.places, asking);
    // At once, also where nothing is new: an older backup that was put back must not pass for the log.
    await seal(sealing);
    return sealing;
  }
}

/** Seals what is new, or a checkpoint that lacks its quorum still; whether anything was to do. */
async function round(record: OpenRecord, sealing: Sealing, log: Log, signal: AbortSignal): Promise<boolean> {
  const newest = await record.checkpoints.newestSigned(sealing.signer.origin);
  if (newest?.quorum === 1 && newest.size === (await record.journal.size())) return false;
  const { failed, checkpoint } = await seal(sealing, signal);
  if (checkpoint.quorum === 0)
    for (const { name, because } of failed) log.error(`the witness ${name} did not cosign: ${because}`);
  return true;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => undefined);
