import type { Log, Recorded } from './log.ts';
import type { Filter } from './question.ts';

/** How a group was set up, as far as this server heeds it. */
export type GroupSettings = {
  readonly name: string;
  readonly filter: Filter | undefined;
  /** An index in the log. */
  readonly start: number;
  readonly startFrom: string;
  readonly strategy: 'RoundRobin' | 'Pinned' | 'DispatchToSingle';
  readonly maxRetryCount: number;
};

/** An event on its way to somebody, for the nth time. */
type Pending = { readonly event: Recorded; readonly retries: number };

/** Somebody who reads by a group, and what was sent to them and not answered. */
export type Consumer = {
  readonly bufferSize: number;
  readonly inFlight: Map<string, Pending>;
  readonly send: (event: Recorded, retries: number) => void;
};

export type NackAction = 'park' | 'retry' | 'skip';

/**
 * What the server does for a group: sends each event to one consumer, no more than it has room for, again where it was
 * refused, and parks it in the end. What is sent again comes before what is new, and after what was sent meanwhile. After
 * `PersistentSubscription` of KurrentDB; nothing is timed out here.
 */
export class Group {
  readonly consumers: Consumer[] = [];
  readonly parked: Recorded[] = [];
  /** The last event that was looked at for it. */
  last: Recorded | undefined;
  #pending: Pending[] = [];
  readonly #pinned = new Map<string, Consumer>();
  #next: number;
  #turn = 0;

  constructor(
    readonly settings: GroupSettings,
    private readonly log: Log,
  ) {
    this.#next = settings.start;
  }

  join(consumer: Consumer): void {
    this.consumers.push(consumer);
    this.pump();
  }

  /** What a consumer did not answer goes to others. */
  leave(consumer: Consumer): void {
    this.consumers.splice(this.consumers.indexOf(consumer), 1);
    for (const [stream, to] of this.#pinned) if (to === consumer) this.#pinned.delete(stream);
    this.#pending.unshift(...[...consumer.inFlight.values()].map(({ event }) => ({ event, retries: 0 })));
    this.pump();
  }

  ack({ inFlight }: Consumer, ids: readonly string[]): void {
    for (const id of ids) inFlight.delete(id);
    this.pump();
  }

  nack({ inFlight }: Consumer, ids: readonly string[], action: NackAction): void {
    for (const id of ids) {
      const refused = inFlight.get(id);
      inFlight.delete(id);
      if (refused && action !== 'skip') this.#refused(refused, action);
    }
    this.pump();
  }

  /** All that was parked is sent again. */
  replayParked(): void {
    this.#pending.unshift(...this.parked.splice(0).map((event) => ({ event, retries: 0 })));
    this.pump();
  }

  /** Up to here everything was answered; undefined: nothing yet. */
  get checkpoint(): Recorded | undefined {
    const open = [...this.consumers.flatMap(({ inFlight }) => [...inFlight.values()]), ...this.#pending];
    const lowest = Math.min(...open.map(({ event }) => event.position));
    return lowest === Number.POSITIVE_INFINITY
      ? this.last
      : this.log.all.findLast(({ position }) => position < lowest);
  }

  /** Sends what can be sent now. */
  pump(): void {
    this.#look();
    this.#pending = this.#pending.filter((one) => {
      const to = this.#consumerOf(one.event);
      to?.inFlight.set(one.event.id, one);
      to?.send(one.event, one.retries);
      return to === undefined;
    });
  }

  #refused({ event, retries }: Pending, action: NackAction): void {
    if (action === 'park' || retries >= this.settings.maxRetryCount) this.parked.push(event);
    else this.#pending.unshift({ event, retries: retries + 1 });
  }

  #look(): void {
    for (let event = this.log.all[this.#next]; event; event = this.log.all[++this.#next]) {
      this.last = event;
      if (this.settings.filter?.wants(event) ?? true) this.#pending.push({ event, retries: 0 });
    }
  }

  /** Who is to have an event; undefined: nobody has room for it now. */
  #consumerOf({ stream }: Recorded): Consumer | undefined {
    const pinned = this.settings.strategy === 'Pinned' ? this.#pinned.get(stream) : undefined;
    if (pinned) return hasRoom(pinned) ? pinned : undefined;
    const free = this.consumers.filter(hasRoom);
    const to = this.settings.strategy === 'DispatchToSingle' ? free[0] : free[this.#turn++ % free.length];
    if (to) this.#pinned.set(stream, to);
    return to;
  }
}

const hasRoom = ({ inFlight, bufferSize }: Consumer) => inFlight.size < bufferSize;
