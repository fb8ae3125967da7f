import {
  type Decision,
  type Draft,
  isRefusal,
  type Metadata,
  type Recorded,
  type Refusal,
  refuse,
} from '@app/domain/event';
import { type DomainEvent, decode, encode } from './codec.ts';
import { type EventStore, isStale, type StoredEvent } from './event-store.ts';
import { eventId } from './ids.ts';

/** A kind of stream: its state before the first event, and after each. */
export type Topic<S, E extends DomainEvent> = {
  readonly initial: S;
  readonly evolve: (state: S, event: Recorded<E>) => S;
};

/** Who asks, and how. `askedAt` in ms. `ifRevision`: only if the stream's last revision is this one. */
export type Asking = Omit<Metadata, 'source'> & {
  readonly askedAt: number;
  readonly ifRevision?: number;
  /** The command carries an idempotency key: look first whether it was carried out before. */
  readonly keyed?: boolean;
};

/** What came of a command: where the stream stands, and the events written (none: it held already). */
export type Receipt = {
  readonly stream: string;
  readonly revision: number;
  readonly events: readonly { readonly id: string; readonly type: string }[];
};
/** The stream is not at the revision the asker named; nothing was written. */
export type Moved = { readonly moved: true; readonly actual: number };

/** Decides on the state of the stream; `id` gives the id that the nth event of the decision will get. */
export type Decide<S, E> = (state: S, id: (ordinal: number) => string) => Decision<E> | Promise<Decision<E>>;

export type Transact = <S, E extends DomainEvent>(
  topic: Topic<S, E>,
  stream: string,
  asking: Asking,
  decide: Decide<S, E>,
) => Promise<Receipt | Refusal | Moved>;

const READ_PAGE = 1_000;
/** Decisions are made again this often when others write to the same stream at the same time. */
const ATTEMPTS = 50;

/**
 * The way every command takes: load, decide, append at the revision decided on; where others wrote meanwhile, decide
 * again. States are kept by stream (`cached` at most), so that only events since then are read.
 */
export function transactor(store: EventStore, cached = 256): Transact {
  const states = new States(store, cached);

  return async (topic, stream, asking, decide) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const folded = await states.load(topic, stream);
      // After the load: what was carried out before it is seen here, what comes later makes the append stale.
      const before = await carriedOut(store, stream, asking);
      const outcome = before ?? (await append(store, stream, folded, asking, decide));
      if (outcome) return outcome;
    }
    return refuse('too-busy', `others kept writing to ${stream}; ask again`, 'docs/adr/0003');
  };
}

/** One attempt, on the state as loaded; undefined: others wrote meanwhile. */
async function append<S, E extends DomainEvent>(
  store: EventStore,
  stream: string,
  { state, revision }: Folded<S>,
  { askedAt, ifRevision, keyed, ...metadata }: Asking,
  decide: Decide<S, E>,
): Promise<Receipt | Refusal | Moved | undefined> {
  if (ifRevision !== undefined && ifRevision !== revision) return { moved: true, actual: revision };
  const id = (ordinal: number) => eventId(metadata.commandId, askedAt, stream, revision, ordinal);
  const decided = await decide(state, id);
  if (isRefusal(decided)) return decided;
  if (decided.length === 0) return { stream, revision, events: [] };
  const events = decided.map((draft, n) => encode(id(n), draft as Draft<DomainEvent>, metadata));
  const outcome = await store.append(stream, revision < 0 ? 'no-stream' : revision, events);
  return isStale(outcome) ? undefined : { stream, revision: outcome.revision, events: events.map(named) };
}

type Folded<S> = { readonly state: S; readonly revision: number };

/** Folded states by stream, the least lately used dropped first. */
class States {
  readonly #kept = new Map<string, Folded<unknown>>();

  constructor(
    private readonly store: EventStore,
    private readonly most: number,
  ) {}

  async load<S, E extends DomainEvent>(topic: Topic<S, E>, stream: string): Promise<Folded<S>> {
    const kept = this.#kept.get(stream) as Folded<S> | undefined;
    let { state, revision } = kept ?? { state: topic.initial, revision: -1 };
    for await (const page of pagesOf(this.store, stream, revision + 1)) {
      for (const stored of page) state = topic.evolve(state, decode<E>(stored));
      revision += page.length;
    }
    this.#keep(stream, { state, revision });
    return { state, revision };
  }

  #keep(stream: string, folded: Folded<unknown>): void {
    this.#kept.delete(stream);
    this.#kept.set(stream, folded);
    const [oldest] = this.#kept.size > this.most ? this.#kept.keys() : [];
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}

const named = ({ id, type }: { id: string; type: string }) => ({ id, type });

/** The receipt of a command that was carried out under this id before; a refusal where it asked for something else. */
async function carriedOut(
  store: EventStore,
  stream: string,
  { commandId, fingerprint, keyed }: Asking,
): Promise<Receipt | Refusal | undefined> {
  if (!keyed) return undefined;
  const mine: Recorded<DomainEvent>[] = [];
  for await (const page of pagesOf(store, stream, 0))
    mine.push(
      ...page.map((stored) => decode(stored)).filter(({ metadata }) => metadata.commandId === commandId),
    );
  const last = mine.at(-1);
  if (!last) return undefined;
  return last.metadata.fingerprint === fingerprint
    ? { stream, revision: last.revision, events: mine.map(named) }
    : refuse('idempotency-key-reused', 'this key came with another request before', 'Idempotency-Key');
}

/** A stream from a revision on, page by page. */
async function* pagesOf(store: EventStore, stream: string, from: number): AsyncGenerator<StoredEvent[]> {
  for (let next = from; ; ) {
    const page = await store.read(stream, { from: next, limit: READ_PAGE });
    yield page;
    if (page.length < READ_PAGE) return;
    next += page.length;
  }
}
