/**
 * Keeps a CSV of everybody's golongan and unit as they are in force today, from the feed; corrections and annulments included.
 *   JEJAK_URL=http://127.0.0.1:3000 JEJAK_TOKEN=… node dist/apps/sdk/examples/mirror-to-csv.js mirror.csv
 * The token must read confidential events, as corrections are. All facts are in the cursor; remove it to begin anew.
 */
import { rename, writeFile } from 'node:fs/promises';
import { type CloudEvent, Cursor, JejakClient } from '../src/index.ts';

type Data = Partial<Record<'tmt' | 'golongan' | 'unit' | 'event', string>> & { replacement?: { data: Data } };
type Fact = [subject: string, kind: 'golongan' | 'unit', value: string, tmt: string];

const { env, argv } = process;
const file = argv[2] ?? 'mirror.csv';
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const client = new JejakClient({
  baseUrl: env.JEJAK_URL ?? '',
  token: env.JEJAK_TOKEN ?? '',
  purpose: env.JEJAK_PURPOSE,
  onRetry: ({ cause }) => console.error(cause.message),
});
const cursor = new Cursor<{ facts: [string, Fact][] }>(`${file}.cursor`);
const place = await cursor.read();
const facts = new Map(place?.facts);

function take({ id, type, subject, data }: CloudEvent): void {
  if (data === undefined) throw new Error(`${type} came without its data: this token may not read it`);
  const { event, replacement } = data as Data;
  if (event !== undefined) facts.delete(event);
  const { tmt, golongan, unit } = replacement?.data ?? (data as Data);
  if (tmt === undefined) return;
  if (golongan !== undefined) facts.set(id, [subject, 'golongan', golongan, tmt]);
  if (unit !== undefined) facts.set(id, [subject, 'unit', unit, tmt]);
}

/** The last in force, of each; of two with the same TMT the one that was recorded later. */
function csv(today: string): string {
  const rows = new Map<string, Partial<Record<Fact[1], Fact>>>();
  for (const fact of facts.values()) {
    const [subject, kind, , tmt] = fact;
    const row = rows.get(subject);
    if (tmt <= today && tmt >= (row?.[kind]?.[3] ?? '')) rows.set(subject, { ...row, [kind]: fact });
  }
  const lines = [...rows].map(([subject, { golongan, unit }]) =>
    [subject, golongan?.[2], golongan?.[3], unit?.[2], unit?.[3]].join(','),
  );
  return ['subject,golongan,golongan_tmt,unit,unit_tmt', ...lines.sort(), ''].join('\n');
}

const types = ['Placed', 'Promoted', 'Corrected', 'Annulled'];
const wanted = { after: place?.after ?? -1, types, signal: stop.signal };
for await (const { events, after, logSize } of client.pages(wanted)) {
  for (const event of events) take(event);
  if (after < logSize - 1) continue;
  await writeFile(`${file}.new`, csv(new Date().toISOString().slice(0, 10)));
  await rename(`${file}.new`, file);
  await cursor.write({ after, facts: [...facts] });
  console.log(`${facts.size} facts, up to ${after}`);
}
