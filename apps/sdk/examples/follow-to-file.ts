/**
 * Appends every event to a file, one a line (NDJSON), for ever; killed at any moment and started again, it goes on where it was.
 *   JEJAK_URL=http://127.0.0.1:3000 JEJAK_TOKEN=… node dist/apps/sdk/examples/follow-to-file.js events.ndjson [types]
 */
import { open } from 'node:fs/promises';
import { Cursor, JejakClient } from '../src/index.ts';

const { env, argv } = process;
const [file = 'events.ndjson', types] = argv.slice(2);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
const client = new JejakClient({
  baseUrl: env.JEJAK_URL ?? '',
  token: env.JEJAK_TOKEN ?? '',
  purpose: env.JEJAK_PURPOSE,
  onRetry: ({ cause, pauseMs }) => console.error(`${cause.message}; again in ${Math.round(pauseMs)} ms`),
});

// How long the file was at that place goes into the cursor: what was appended behind it is cut off, and comes again.
const cursor = new Cursor<{ bytes: number }>(`${file}.cursor`);
let { after, bytes } = (await cursor.read()) ?? { after: -1, bytes: 0 };
const out = await open(file, 'a');
await out.truncate(bytes);

for await (const page of client.pages({
  after,
  signal: stop.signal,
  ...(types ? { types: types.split(',') } : {}),
})) {
  const lines = Buffer.from(page.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  await out.appendFile(lines);
  await out.datasync();
  [after, bytes] = [page.after, bytes + lines.length];
  await cursor.write({ after, bytes });
  console.log(`${page.events.length} events, up to ${after} of ${page.logSize - 1}`);
}
await out.close();
