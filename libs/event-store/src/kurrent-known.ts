/** Ids of a stream's events by revision, from the first on without a gap: the first `count` events are known. */
type Beginning = { count: number; readonly revisions: Map<string, number> };

/**
 * The ids that the first events of streams have, for the streams lately read or written. What is known stays true: an
 * event is never changed or removed. At most so many ids are kept; the stream least lately used is forgotten first.
 */
export class KnownIds {
  readonly #streams = new Map<string, Beginning>();
  #ids = 0;

  constructor(private readonly most = 50_000) {}

  /** How many of the first events of a stream are known. */
  count(stream: string): number {
    return this.#streams.get(stream)?.count ?? 0;
  }

  /** Takes note of events that follow each other; nothing where they do not follow what is known. */
  learn(stream: string, first: number, ids: readonly string[]): void {
    const known = this.#streams.get(stream) ?? { count: 0, revisions: new Map<string, number>() };
    if (first > known.count || ids.length === 0) return;
    this.#ids -= known.revisions.size;
    for (const [n, id] of ids.entries()) known.revisions.set(id, first + n);
    known.count = Math.max(known.count, first + ids.length);
    this.#ids += known.revisions.size;
    this.#streams.delete(stream);
    this.#streams.set(stream, known);
    this.#forget();
  }

  /** Whether one of the ids is that of an event of the stream up to a revision, which must be known. */
  holdsAny(stream: string, upTo: number, ids: readonly string[]): boolean {
    const revisions = this.#streams.get(stream)?.revisions;
    return ids.some((id) => (revisions?.get(id) ?? Number.POSITIVE_INFINITY) <= upTo);
  }

  /** The one just learned stays, however long it is: it is about to be asked for. */
  #forget(): void {
    for (const [stream, { revisions }] of this.#streams) {
      if (this.#ids <= this.most || this.#streams.size === 1) return;
      this.#streams.delete(stream);
      this.#ids -= revisions.size;
    }
  }
}
