import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { backupSqlite, toDevice } from '@app/event-store';
import { EvidenceStore } from '@app/ledger';
import { eraseNow, OpenRecord, todayIn } from '@app/record';
import { FILES, MANIFEST, type Manifest, readManifest, sha256, Unusable } from './backup-files.ts';
import { type Bare, type Command, Usage } from './command.ts';
import { putBack } from './put-back.ts';

export const backup: Command = {
  name: 'backup',
  usage: 'backup <directory>',
  does: [
    'Cadangkan catatan (events.db dan jejak.db), juga selagi server berjalan.',
    'Back up the record (events.db and jejak.db), also while the server runs.',
  ],
  options: {},
  runBare: async (call) => {
    assertEmbedded(call);
    const directory = oneDirectory(call);
    if (existsSync(directory) && readdirSync(directory).length > 0)
      throw new Unusable(`${directory} is not empty; name a new directory`);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const manifest = await backUp(call, directory);
    call.say.result({ directory, ...manifest }, () =>
      [
        `Tersimpan di / kept in ${directory}: ${manifest.events} peristiwa / events, s.d. / up to ${manifest.at}`,
        'Kunci setempat (local-issuer.json) tidak termasuk / is not part of it',
      ].join('\n'),
    );
    return 0;
  },
};

export const restore: Command = {
  name: 'restore',
  usage: 'restore <backup> [--data DIR]',
  does: [
    'Pulihkan cadangan ke direktori data yang belum berisi catatan.',
    'Restore a backup into a data directory that holds no record yet.',
  ],
  options: {},
  runBare: async (call) => {
    assertEmbedded(call);
    const { say, dataDir, settings } = call;
    const from = oneDirectory(call);
    await putBack(from, dataDir, readManifest(from));
    const record = await OpenRecord.open(dataDir, () => todayIn(settings.timeZone));
    try {
      await record.catchUp();
      // Whoever is in the backup and was erased, as its log says (docs/adr/0014).
      await eraseNow(record, new EvidenceStore(call.evidence.directory));
      const events = await record.catchUp();
      const [last] = await record.journal.read({ after: events - 2, limit: 1 });
      const upTo = last ? (JSON.parse(last.leaf) as { recordedAt: string }).recordedAt : null;
      say.result({ dataDir: resolve(dataDir), events, upTo }, () =>
        [
          `Dipulihkan / restored: ${events} peristiwa / events, s.d. / up to ${upTo ?? '-'}`,
          'Yang dicatat sesudahnya tidak ada / what was recorded later is not there',
        ].join('\n'),
      );
      return 0;
    } finally {
      await record.close();
    }
  },
};

const JOURNAL = {
  position: 'select position from journal order by idx desc limit 1',
  entries: 'select count(*) from journal',
};

/** Leaves nothing behind where it fails. */
async function backUp({ places }: Bare, directory: string): Promise<Manifest> {
  for (const place of [places.log, places.database])
    if (!existsSync(place))
      throw new Unusable(`${place} does not exist: there is no record to back up; see --data`);
  const to = { log: join(directory, 'events.db'), database: join(directory, 'jejak.db') };
  try {
    const copied = await backupSqlite(places, to, JOURNAL);
    const hashes = { 'jejak.db': await sha256(to.database), 'events.db': await sha256(to.log) };
    const manifest: Manifest = { ...copied, sha256: hashes };
    writeFileSync(join(directory, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    toDevice(join(directory, MANIFEST));
    toDevice(directory);
    return manifest;
  } catch (cause) {
    for (const name of [...FILES, MANIFEST]) rmSync(join(directory, name), { force: true });
    throw cause;
  }
}

function assertEmbedded({ places }: Bare): void {
  if ([places.log, places.database].some((place) => place.includes('://')))
    throw new Usage(
      'the record is on servers: back them up and restore them with pg_dump, or KurrentDB’s own backup (docs/backup.md); ' +
        'this command is for the embedded record (--data DIR)',
    );
}

function oneDirectory({ words }: Bare): string {
  const [directory] = words;
  if (directory === undefined || words.length > 1) throw new Usage('one directory is needed');
  return resolve(directory);
}
