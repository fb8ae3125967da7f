import { type Bulk, bulk, type Database, type Sql } from '@app/journal';
import { factIn, factsAsked } from './mirror-rules.ts';
import { MirroredEvent, MirroredFact, MirroredStream } from './mirror-state.ts';
import type { MirroredLeaf } from './mirrored-leaf.ts';

const keyOf = (first: number, id: string): string => `${first}/${id}`;

/** The tables of what is known of a mirrored log. */
export type MirrorTables = {
  readonly streams: Bulk<MirroredStream>;
  readonly events: Bulk<MirroredEvent>;
  readonly facts: Bulk<MirroredFact>;
};

export const mirrorTables = ({ reader }: Database): MirrorTables => ({
  streams: bulk(reader, MirroredStream),
  events: bulk(reader, MirroredEvent),
  facts: bulk(reader, MirroredFact),
});

/** A table as some entries see it: the rows that they may ask for, and those that they add. */
class Part<Row> {
  readonly #added = new Map<string, Row>();
  constructor(
    private readonly table: Bulk<Row>,
    private readonly known: Map<string, Row>,
  ) {}

  static async of<Row>(table: Bulk<Row>, sql: Sql, keys: Iterable<string>): Promise<Part<Row>> {
    return new Part(table, await table.load(sql, [...new Set(keys)]));
  }

  get(key: string): Row | undefined {
    return this.#added.get(key) ?? this.known.get(key);
  }

  set(key: string, row: Row): void {
    this.#added.set(key, row);
  }

  async flush(sql: Sql): Promise<void> {
    await this.table.upsert(sql, [...this.#added.values()]);
    for (const [key, row] of this.#added) this.known.set(key, row);
    this.#added.clear();
  }
}

/** What some entries in order need to know of all before them, in the transaction that adds them. */
export class MirrorBatch {
  private constructor(
    private readonly sql: Sql,
    private readonly streams: Part<MirroredStream>,
    private readonly events: Part<MirroredEvent>,
    private readonly facts: Part<MirroredFact>,
  ) {}

  /** Reads all that these entries may ask for, with one statement a table and page. */
  static async of(sql: Sql, tables: MirrorTables, leaves: readonly MirroredLeaf[]): Promise<MirrorBatch> {
    const streams = await Part.of(
      tables.streams,
      sql,
      leaves.map(({ stream }) => stream),
    );
    const keys = leaves.flatMap(({ stream, id, data: { proposal } }) => {
      const first = streams.get(stream)?.first;
      if (first === undefined) return [];
      return [keyOf(first, id), ...(typeof proposal === 'string' ? [keyOf(first, proposal)] : [])];
    });
    const events = await Part.of(tables.events, sql, keys);
    return new MirrorBatch(
      sql,
      streams,
      events,
      await Part.of(tables.facts, sql, leaves.flatMap(factsAsked)),
    );
  }

  stream(name: string): MirroredStream | undefined {
    return this.streams.get(name);
  }

  event(stream: string, id: string): MirroredEvent | undefined {
    const first = this.streams.get(stream)?.first;
    return first === undefined ? undefined : this.events.get(keyOf(first, id));
  }

  has(fact: string): boolean {
    return this.facts.get(fact) !== undefined;
  }

  add(leaf: MirroredLeaf): void {
    const { index, stream, revision, id, actor } = leaf;
    const { first, last: previous } = this.streams.get(stream) ?? { first: index, last: -1 };
    const key = keyOf(first, id);
    this.streams.set(stream, { stream, first, last: index, revision });
    this.events.set(key, { key, first, index, previous, revision, actor });
    const fact = factIn(leaf);
    if (fact !== undefined) this.facts.set(fact, { fact });
  }

  /** Writes what was added. */
  async flush(): Promise<void> {
    await this.streams.flush(this.sql);
    await this.events.flush(this.sql);
    await this.facts.flush(this.sql);
  }
}
