import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mintLocalToken, ROLES } from '@app/people';
import { findingCounts, history, profileAt, profileRow, units } from '@app/projections';
import type { OpenRecord } from '@app/record';
import { type Call, type Command, type Say } from './command.ts';
import { trailTable } from './history.command.ts';
import { refusedText, runImport } from './import.command.ts';
import { fullName } from './person.ts';
import { describe } from './profile.command.ts';

/** From `dist/apps/cli/src` to the project's root. */
const ROOT = new URL('../../../../', import.meta.url);
const SAMPLE = fileURLToPath(new URL('test/sample/siasn/', ROOT));
const SERVER = fileURLToPath(new URL('dist/apps/server/src/main.js', ROOT));

export const demo: Command = {
  name: 'demo',
  usage: 'demo [--no-server]',
  does: [
    'Contoh: impor data rekaan, ceritakan hasilnya, jalankan server.',
    'A tour: import an invented sample, tell what came of it, start the server.',
  ],
  options: { 'no-server': { type: 'boolean', means: 'tell, but do not start the server' } },
  run: async (call) => {
    await tell(call);
    if (call.options['no-server'] === true) return 0;
    return serve(call);
  },
};

async function tell({ record, say }: Call): Promise<void> {
  const quiet: Say = { ...say, remark: () => undefined };
  const first = await runImport(
    record,
    ['asn-export.csv', 'ref-unor.json', 'pull-2026-01-31'].map(inSample),
    quiet,
  );
  const before = (await record.catchUp()) - 1;
  const second = await runImport(record, [inSample('pull-2026-02-28')], quiet);
  const now = (await record.catchUp()) - 1;
  const say1 = (text: string) => say.result({ text }, () => text);
  say1(
    `\n1. Impor / import\n   ${before + 1} peristiwa dari tarikan pertama / events from the first pull, ${now - before} dari yang kedua / from the second.`,
  );
  say1(`   Ditolak / refused: ${first.refusedTotal + second.refusedTotal}`);
  for (const row of [...first.refused, ...second.refused]) say1(refusedText(row));
  const counts = await findingCounts(record.database, { effectiveOn: record.today(), knownAt: now });
  say1(`\n2. Temuan / findings`);
  for (const [kind, n] of Object.entries(counts)) say1(`   ${kind}: ${n}`);
  await tellPerson(record, say1, before, now);
}

/** One person with a finding of the second pull: the profile at two moments of knowledge, and the trail. */
async function tellPerson(
  record: OpenRecord,
  say: (text: string) => void,
  before: number,
  now: number,
): Promise<void> {
  const today = record.today();
  const [row] = await record.database.read<{ subject: string }>(
    'SELECT subject FROM finding ORDER BY idx DESC LIMIT 1',
  );
  const person = row && (await record.people.find(row.subject));
  if (!person) return;
  say(`\n3. Seorang ASN (rekaan) / one (invented) person: ${fullName(person)}`);
  const known = await units(record.database, { effectiveOn: '9999-12-31', knownAt: now });
  const kept = await profileRow(record.database, person.subject);
  for (const [effectiveOn, knownAt] of [
    ['2024-01-01', before],
    [today, now],
  ] as const) {
    const profile = profileAt(kept, { effectiveOn, knownAt });
    const unit = known.find(({ unit: id }) => id === profile?.placement?.unit)?.name;
    if (profile) say(describe(profile, { effectiveOn, knownAt }, unit).join('\n'));
  }
  say('\n4. Rekam jejaknya / the decision trail');
  say(
    trailTable(
      await history(record.journal, person.subject, { limit: 1000 }, { effectiveOn: today, knownAt: now }),
    ),
  );
}

const inSample = (name: string): string => `${SAMPLE}${name}`;

/** Starts the server on the same data, prints where it is and how to get in, and stays until it ends. */
async function serve({ dataDir, settings, say }: Call): Promise<number> {
  const url = `http://127.0.0.1:${settings.port}`;
  const server = spawn(process.execPath, [SERVER], {
    stdio: 'inherit',
    env: { ...process.env, DATA_DIR: dataDir, HOST: '127.0.0.1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal));
  say.remark(`\n5. Server: ${url}   API: ${url}/docs   (Ctrl-C berhenti / stops)`);
  for (const role of ROLES)
    say.remark(`   ${role}: ${await mintLocalToken(dataDir, { role, sub: `demo-${role}` }, 8 * 3600)}`);
  return new Promise((resolve) => server.once('exit', (code) => resolve(code ?? 0)));
}

/** Where the tour keeps its record: a directory of its own, from nothing each time. */
export function demoDirectory(dataDir: string): string {
  const directory = join(dataDir, 'demo');
  rmSync(directory, { recursive: true, force: true });
  return directory;
}
