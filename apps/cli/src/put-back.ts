import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { faultOf, toDevice } from '@app/event-store';
import { assertIntact, FILES, type Manifest, sha256, Unusable } from './backup-files.ts';

/**
 * Puts the files of a backup into a data directory, once they are known to be whole: copied beside, then renamed, the log
 * last. Can be run again where it was killed. Throws `Unusable`, and then the directory has no log.
 */
export async function putBack(backup: string, dataDir: string, manifest: Manifest): Promise<void> {
  await assertFree(dataDir, manifest);
  await assertIntact(backup, manifest);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const beside = (name: string) => join(dataDir, `${name}.restoring`);
  try {
    for (const name of FILES) {
      copyFileSync(join(backup, name), beside(name));
      await assertWhole(beside(name), manifest.sha256[name]);
    }
    for (const name of FILES) renameSync(beside(name), join(dataDir, name));
    toDevice(dataDir);
  } finally {
    for (const name of FILES)
      for (const rest of ['', '-wal', '-shm']) rmSync(`${beside(name)}${rest}`, { force: true });
  }
}

/** What is in a write-ahead log beside it would be taken for a part of the restored file. */
async function assertFree(dataDir: string, { sha256: due }: Manifest): Promise<void> {
  const names = FILES.flatMap((name) => [name, `${name}-wal`, `${name}-shm`, `${name}-journal`]);
  const there = names.filter((name) => existsSync(join(dataDir, name)));
  // What a restore that was killed has left.
  const rest = there.length === 1 && there[0] === 'jejak.db';
  if (there.length === 0 || (rest && (await sha256(join(dataDir, 'jejak.db'))) === due['jejak.db'])) return;
  throw new Unusable(
    `${dataDir} holds a record already (${there.join(', ')}); stop the server and move these files away, or name another directory with --data`,
  );
}

async function assertWhole(file: string, due: string): Promise<void> {
  const fault = faultOf(file);
  if (fault !== undefined) throw new Unusable(`${file} is damaged (${fault}); use another backup`);
  if ((await sha256(file)) !== due)
    throw new Unusable(`${file} was not copied whole; check the disk, and try again`);
  toDevice(file);
}
