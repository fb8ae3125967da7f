import { join } from 'node:path';
import { type EventStore, SqliteEventStore } from '@app/event-store';
import Database from 'better-sqlite3';
import { atOnce, type Figures, inTemp, peakMiB, rate } from './measure.ts';
import { plainEvent } from './sample.ts';

/** The same tasks for every engine; `append` writes events to a stream that has none yet. */
type Engine = {
  readonly append: (stream: string, from: number, count: number) => Promise<unknown>;
  readonly readStream: (stream: string) => Promise<number> | number;
  readonly readAll?: () => Promise<number> | number;
  readonly close: () => Promise<void> | void;
};

const SINGLE = 1_500;
const MANY = 30_000;
const BATCHES = 500;

async function tasks(engine: Engine, scale = 1): Promise<Figures> {
  const [single, many, batches] = [SINGLE, MANY, BATCHES].map((n) => Math.ceil(n * scale)) as [
    number,
    number,
    number,
  ];
  const figures: Record<string, number | string> = {};
  figures['append, 1 writer /s'] = await rate(single, () =>
    atOnce(1, single, (i) => engine.append(`one-${i}`, i, 1)),
  );
  figures['batches of 100, events/s'] = await rate(batches * 100, () =>
    atOnce(1, batches, (i) => engine.append(`batch-${i}`, i * 100, 100)),
  );
  figures['read a stream of 100 /s'] = await rate(batches * 4, async () => {
    for (let i = 0; i < batches * 4; i++)
      if ((await engine.readStream(`batch-${i % batches}`)) !== 100) throw new Error('a stream is not whole');
  });
  if (engine.readAll) {
    const read = engine.readAll;
    const all = await read();
    figures['read all, events/s'] = await rate(all, read);
  }
  // Last, since a peer that fails here leaves its connection in no state to go on.
  try {
    figures['append, 32 writers /s'] = await rate(many, () =>
      atOnce(32, many, (i) => engine.append(`many-${i}`, i, 1)),
    );
  } catch {
    figures['append, 32 writers /s'] = 'fails';
  }
  figures['peak memory, MiB'] = peakMiB();
  await engine.close();
  return figures;
}

/** Reads the whole log in pages; how many events there are. */
export async function countAll(store: EventStore): Promise<number> {
  let count = 0;
  for (let after: number | undefined; ; ) {
    const page = await store.readAll(after, 1_000);
    if (page.length === 0) return count;
    count += page.length;
    after = page.at(-1)?.position;
  }
}

/** Our engine. */
export const jejak = (): Promise<Figures> =>
  inTemp((dir) => {
    const store = new SqliteEventStore(join(dir, 'events.db'));
    return tasks({
      append: (stream, from, count) =>
        store.append(
          stream,
          'no-stream',
          Array.from({ length: count }, (_, n) => plainEvent(from + n)),
        ),
      readStream: async (stream) => (await store.read(stream, { limit: 1_000 })).length,
      readAll: () => countAll(store),
      close: () => store.close(),
    });
  });

/** The limit: better-sqlite3 with the same tables, keys and durability, appends of one turn in one commit, no checks. */
export const raw = (): Promise<Figures> =>
  inTemp(async (dir) => {
    const db = new Database(join(dir, 'raw.db'));
    for (const pragma of [
      'page_size = 8192',
      'journal_mode = WAL',
      'synchronous = FULL',
      'wal_autocheckpoint = 20000',
    ])
      db.pragma(pragma);
    db.exec(`CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
      CREATE TABLE event (position INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB, stream INTEGER, revision INTEGER,
        type TEXT, recorded_at INTEGER, data TEXT, metadata TEXT, UNIQUE (stream, revision), UNIQUE (stream, id))`);
    const newStream = db.prepare('INSERT INTO stream (name) VALUES (?)');
    const insert = db.prepare('INSERT INTO event VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)');
    const ofStream = db
      .prepare('SELECT e.* FROM event e JOIN stream s ON s.id = e.stream WHERE s.name = ? ORDER BY revision')
      .raw();
    const page = db.prepare('SELECT * FROM event WHERE position > ? ORDER BY position LIMIT 1000').raw();
    let waiting: (() => void)[] = [];
    let work: (() => void)[] = [];
    const commit = () => {
      const [now, done] = [work, waiting];
      [work, waiting] = [[], []];
      db.transaction(() => {
        for (const some of now) some();
      })();
      for (const settle of done) settle();
    };
    const write = (stream: string, from: number, count: number) => {
      const { lastInsertRowid: key } = newStream.run(stream);
      for (let n = 0; n < count; n++) {
        const { id, type, data, metadata } = plainEvent(from + n);
        insert.run(Buffer.from(id.replaceAll('-', ''), 'hex'), key, n, type, Date.now(), data, metadata);
      }
    };
    return tasks({
      append: (stream, from, count) =>
        new Promise<void>((resolve) => {
          if (work.length === 0) setImmediate(commit);
          work.push(() => write(stream, from, count));
          waiting.push(resolve);
        }),
      readStream: (stream) => ofStream.all(stream).length,
      readAll: () => {
        let count = 0;
        for (let after = 0; ; ) {
          const rows = page.all(after) as [number][];
          if (rows.length === 0) return count;
          count += rows.length;
          after = rows.at(-1)?.[0] ?? 0;
        }
      },
      close: () => {
        db.close();
      },
    });
  });

type PeerStore = {
  appendToStream(stream: string, events: unknown[]): Promise<unknown>;
  readStream(stream: string): Promise<{ events: unknown[] }>;
  schema?: { migrate?: () => Promise<unknown> };
};

/** The peer, `@event-driven-io/emmett-sqlite`, from its own folder. */
export const peer = (): Promise<Figures> =>
  inTemp(async (dir) => {
    const module = new URL(
      '../../../test/bench/peer/node_modules/@event-driven-io/emmett-sqlite/dist/index.js',
      import.meta.url,
    );
    const { getSQLiteEventStore } = (await import(module.href)) as {
      getSQLiteEventStore: (options: object) => PeerStore;
    };
    const store = getSQLiteEventStore({ fileName: join(dir, 'peer.db') });
    await store.schema?.migrate?.();
    for (const event of ['unhandledRejection', 'uncaughtException']) process.on(event, () => undefined);
    const events = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => {
        const { type, data, metadata } = plainEvent(from + n);
        return { type, data: JSON.parse(data) as object, metadata: JSON.parse(metadata) as object };
      });
    return tasks(
      {
        append: (stream, from, count) => store.appendToStream(stream, events(from, count)),
        readStream: async (stream) => (await store.readStream(stream)).events.length,
        close: () => undefined,
      },
      0.1,
    );
  });
