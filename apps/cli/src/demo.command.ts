import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CIVIL_SERVANT, factsOf, streamOf } from '@app/domain/civil-servant';
import { correct } from '@app/domain/mend';
import { uuidv7 } from '@app/event-store';
import { mintLocalToken, ROLES } from '@app/people';
import {
  type Finding,
  findingCounts,
  findings,
  history,
  profileAt,
  profileRow,
  units,
} from '@app/projections';
import type { OpenRecord } from '@app/record';
import type { Call, Command, Say } from './command.ts';
import { tellProof } from './demo-proof.ts';
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
    const subject = await tell(call);
    return call.options['no-server'] === true ? 0 : serve(call, subject);
  },
};

/** Gives the subject of the person it told of. */
async function tell(call: Call): Promise<string | undefined> {
  const { record, say } = call;
  const quiet: Say = { ...say, remark: () => undefined };
  const line = (text: string) => say.result({ text }, () => text);
  const first = await runImport(
    record,
    ['asn-export.csv', 'ref-unor.json', 'pull-2026-01-31'].map(inSample),
    quiet,
  );
  await record.catchUp();
  const second = await runImport(record, [inSample('pull-2026-02-28')], quiet);
  const imported = (await record.catchUp()) - 1;
  line(
    `\n1. Impor / import: ${first.events} peristiwa dari tarikan pertama / events from the first pull, ${second.events} dari yang kedua / from the second`,
  );
  const refused = [...first.refused, ...second.refused];
  line([`   Ditolak / refused: ${refused.length}`, ...refused.map(refusedText)].join('\n'));
  const counts = await findingCounts(record.database, { effectiveOn: record.today(), knownAt: imported });
  line(
    ['\n2. Temuan / findings', ...Object.entries(counts).map(([kind, n]) => `   ${kind}: ${n}`)].join('\n'),
  );
  const subject = await tellPerson(record, line, imported);
  if (subject !== undefined) await tellProof(call, subject, line);
  return subject;
}

/** A person whose source row changed: an official corrects the record, and both moments of knowledge can be asked for. */
async function tellPerson(
  record: OpenRecord,
  line: (text: string) => void,
  imported: number,
): Promise<string | undefined> {
  const effectiveOn = record.today();
  const [finding] = await findings(
    record.database,
    { kind: 'source-row-changed', limit: 1 },
    { effectiveOn, knownAt: imported },
  );
  const person = finding && (await record.people.find(finding.subject));
  if (!finding || !person) return undefined;
  line(`\n3. Seorang ASN (rekaan) / one (invented) person: ${fullName(person)}`);
  line(
    `   SIASN mengubah barisnya / SIASN changed a row: ${JSON.stringify(finding.before)} → ${JSON.stringify(finding.after)}`,
  );
  await correctAsFound(record, finding);
  const now = (await record.catchUp()) - 1;
  const row = await profileRow(record.database, person.subject);
  const known = await units(record.database, { effectiveOn: '9999-12-31', knownAt: now });
  for (const knownAt of [imported, now]) {
    const profile = profileAt(row, { effectiveOn, knownAt });
    const unit = known.find(({ unit: id }) => id === profile?.placement?.unit)?.name;
    if (profile) line(describe(profile, { effectiveOn, knownAt }, unit).join('\n'));
  }
  line('\n4. Rekam jejaknya / the decision trail');
  line(
    trailTable(await history(record.journal, person.subject, { limit: 1000 }, { effectiveOn, knownAt: now })),
  );
  return person.subject;
}

/** What an official of BKPSDM does who found the new row to be right: the event is corrected, and says why. */
async function correctAsFound(record: OpenRecord, { subject, about, after }: Finding): Promise<void> {
  const actor = await record.people.account('urn:jejak:demo', 'bkpsdm');
  const commandId = uuidv7();
  const asking = { actor, role: 'bkpsdm', commandId, correlationId: commandId, askedAt: Date.now() };
  await record.transact(CIVIL_SERVANT, streamOf(subject), asking, (servant, id) => {
    const scored = factsOf(servant, 'AppraisalScored').find(({ event }) => event === about);
    if (!scored) return [];
    const { hasil = scored.data.hasil, perilaku = scored.data.perilaku } = after as Partial<
      typeof scored.data
    >;
    const data = { ...scored.data, hasil, perilaku };
    const because =
      'Diperiksa bersama penilai: baris SIASN yang baru benar / checked with the penilai: the new row is right';
    const asked = { event: scored.event, because, fact: { type: 'AppraisalScored', data } as const };
    return correct(asked, servant, { subject, actor: asking.actor, today: record.today(), id });
  });
}

const inSample = (name: string): string => `${SAMPLE}${name}`;

/** Starts the server on the same data, prints where it is and how to get in, and stays until it ends. */
async function serve({ dataDir, settings, say }: Call, subject: string | undefined): Promise<number> {
  const url = `http://127.0.0.1:${settings.port}`;
  const server = spawn(process.execPath, [SERVER], {
    stdio: 'inherit',
    // The tour's record is embedded, whatever the settings say.
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      EVENT_STORE: '',
      DATABASE_URL: '',
      EVIDENCE_DIR: '',
      HOST: '127.0.0.1',
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal));
  say.remark(`\n6. Server: ${url}   API: ${url}/docs   (Ctrl-C berhenti / stops)`);
  for (const role of ROLES) {
    const own = subject !== undefined && (role === 'pegawai' || role === 'pimpinan') ? { subject } : {};
    say.remark(
      `   ${role}: ${await mintLocalToken(dataDir, { role, sub: `demo-${role}`, ...own }, 8 * 3600)}`,
    );
  }
  if (subject !== undefined)
    say.remark(
      `   mis. / e.g. curl -H 'Authorization: Bearer …' -H 'X-Purpose: uji coba' ${url}/v1/civil-servants/${subject}/history`,
    );
  return new Promise((resolve) => server.once('exit', (code) => resolve(code ?? 0)));
}

/** Where the tour keeps its record: a directory of its own, from nothing each time. */
export function demoDirectory(dataDir: string): string {
  const directory = join(dataDir, 'demo');
  rmSync(directory, { recursive: true, force: true });
  return directory;
}
