import { setTimeout as sleep } from 'node:timers/promises';
import { type NewEvent, PostgresEventStore } from '@app/event-store';
import pg from 'pg';
import { aSchema } from '../engines/postgres.ts';
import { countAll } from './engines.ts';
import { atOnce, type Figures, peakMiB, rate } from './measure.ts';
import { plainEvent } from './sample.ts';

/** The same tasks for every engine; `append` writes events to a stream that has none yet. */
type Engine = {
  readonly append: (stream: string, events: readonly NewEvent[]) => Promise<unknown>;
  /** Reads everything; how many events there are. */
  readonly readAll: () => Promise<number>;
  readonly close: () => Promise<unknown>;
};

const WRITERS = { 1: 2_000, 32: 30_000, 128: 40_000 } as const;
const BATCHES = 400;

async function tasks(engine: Engine, scale = 1): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const [writers, most] of Object.entries(WRITERS)) {
    const n = Math.ceil(most * scale);
    await atOnce(Number(writers), n / 10, (i) => engine.append(`warm${writers}-${i}`, [plainEvent(i)]));
    figures[`append, ${writers} at once /s`] = await rate(n, () =>
      atOnce(Number(writers), n, (i) => engine.append(`one${writers}-${i}`, [plainEvent(i)])),
    );
  }
  const batches = Math.ceil(BATCHES * scale);
  const hundred = (i: number) => Array.from({ length: 100 }, (_, n) => plainEvent(100 * i + n));
  figures['batches of 100, events/s'] = await rate(100 * batches, () =>
    atOnce(1, batches, (i) => engine.append(`batch-${i}`, hundred(i))),
  );
  const all = await engine.readAll();
  figures['read all, events/s'] = await rate(all, engine.readAll);
  figures['peak memory, MiB'] = peakMiB();
  await engine.close();
  return figures;
}

/** Our engine. */
export const postgresJejak = (): Promise<Figures> =>
  inSchema(async (url) => {
    const store = await PostgresEventStore.open(url);
    return tasks({
      append: (stream, events) => store.append(stream, 'no-stream', events),
      readAll: () => countAll(store),
      close: () => store.close(),
    });
  });

/** The limit: pg with the same tables, keys and durability, one statement for all that waits, no checks. */
export const postgresRaw = (): Promise<Figures> =>
  inSchema(async (connectionString) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    await client.query(`set synchronous_commit = on;
      create table stream (key integer primary key, name text collate "C" not null unique);
      create table event (position bigint primary key, recorded_at bigint not null, stream integer not null,
        revision integer not null, id uuid not null, type text not null, data text not null, metadata text not null,
        unique (stream, revision), unique (stream, id));
      create table head (position bigint, streams integer) with (fillfactor = 10);
      insert into head values (0, 0)`);
    let isCommitting = false;
    const waiting: Append[] = [];
    const commitAll = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      for (let batch = waiting.splice(0, 1_000); batch.length > 0; batch = waiting.splice(0, 1_000)) {
        await client.query({ name: 'write', text: WRITE, values: written(batch) });
        for (const { settle } of batch) settle();
        await new Promise((resolve) => setImmediate(resolve));
      }
      isCommitting = false;
    };
    return tasks({
      append: (stream, events) =>
        new Promise<void>((settle) => {
          waiting.push({ stream, events, settle });
          if (!isCommitting) void commitAll();
          isCommitting = true;
        }),
      readAll: async () => {
        let count = 0;
        for (let after = 0; ; ) {
          const { rows } = await client.query<[string]>({ ...PAGE, values: [after], rowMode: 'array' });
          if (rows.length === 0) return count;
          count += rows.length;
          after = Number(rows.at(-1)?.[0]);
        }
      },
      close: () => client.end(),
    });
  });

const WRITE = `
  with moved as (
    update head set position = position + cardinality($2::integer[]), streams = streams + cardinality($1::text[])
    returning position - cardinality($2::integer[]) as position, streams - cardinality($1::text[]) as streams
  ), added as (
    insert into stream select streams + n, name from moved, unnest($1::text[]) with ordinality as a (name, n)
  )
  insert into event select position + m, $8, streams + owner, revision, id, type, data, metadata
  from moved, unnest($2::integer[], $3::integer[], $4::uuid[], $5::text[], $6::text[], $7::text[])
    with ordinality as e (owner, revision, id, type, data, metadata, m)`;

const PAGE = { name: 'page', text: 'select * from event where position > $1 order by position limit 1000' };

type Append = { readonly stream: string; readonly events: readonly NewEvent[]; readonly settle: () => void };

function written(batch: readonly Append[]): unknown[] {
  const events = batch.flatMap((append) => append.events);
  return [
    batch.map(({ stream }) => stream),
    batch.flatMap((append, n) => append.events.map(() => n + 1)),
    batch.flatMap((append) => append.events.map((_, n) => n)),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ data }) => data),
    events.map(({ metadata }) => metadata),
    Date.now(),
  ];
}

const PER_SECOND = 2_000;
const SECONDS = 10;

/** How long after it was asked for an event a follower has it that shares no connection with the writer, in ms. */
export const postgresFollow = (): Promise<Figures> =>
  inSchema(async (url) => {
    const [writer, reader] = [await PostgresEventStore.open(url), await PostgresEventStore.open(url)];
    const askedAt = new Map<string, number>();
    const lags = lagsOf(reader, askedAt);
    const start = performance.now();
    await atOnce(64, PER_SECOND * SECONDS, async (i) => {
      await sleep(start + (1_000 * i) / PER_SECOND - performance.now());
      const event = plainEvent(i);
      askedAt.set(event.id, performance.now());
      await writer.append(`paced-${i}`, 'no-stream', [event]);
    });
    const seconds = (performance.now() - start) / 1_000;
    const sorted = (await lags).sort((a, b) => a - b);
    await Promise.all([writer.close(), reader.close()]);
    return {
      'appends /s': (PER_SECOND * SECONDS) / seconds,
      'lag, p50 ms': sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
      'lag, p95 ms': sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN,
    };
  });

/** How long after it was asked for each event came, in ms. */
async function lagsOf(store: PostgresEventStore, askedAt: ReadonlyMap<string, number>): Promise<number[]> {
  const lags: number[] = [];
  const stop = new AbortController();
  for await (const batch of store.follow(undefined, stop.signal)) {
    for (const { id } of batch) lags.push(performance.now() - (askedAt.get(id) ?? Number.NaN));
    if (lags.length >= PER_SECOND * SECONDS) stop.abort();
  }
  return lags;
}

type PeerStore = {
  appendToStream(stream: string, events: unknown[]): Promise<unknown>;
  readStream(stream: string): Promise<{ events: unknown[] }>;
  schema: { migrate: () => Promise<unknown> };
  close(): Promise<void>;
};

/** The peer, `@event-driven-io/emmett-postgresql`, from its own folder. It has no way to read all streams. */
export const postgresPeer = (): Promise<Figures> =>
  inSchema(async (url) => {
    const module = new URL(
      '../../../test/bench/peer/node_modules/@event-driven-io/emmett-postgresql/dist/index.js',
      import.meta.url,
    );
    const { getPostgreSQLEventStore } = (await import(module.href)) as {
      getPostgreSQLEventStore: (url: string) => PeerStore;
    };
    const store = getPostgreSQLEventStore(url);
    await store.schema.migrate();
    const { 'read all, events/s': _, ...figures } = await tasks(
      {
        append: (stream, events) =>
          store.appendToStream(
            stream,
            events.map(({ type, data, metadata }) => ({
              type,
              data: JSON.parse(data) as object,
              metadata: JSON.parse(metadata) as object,
            })),
          ),
        readAll: () => Promise.resolve(0),
        close: () => store.close(),
      },
      0.2,
    );
    return figures;
  });

/** Runs `work` in a schema of its own, removed afterwards. */
export async function inSchema<T>(work: (url: string) => Promise<T>): Promise<T> {
  const { where, remove } = await aSchema();
  return work(where).finally(remove);
}
