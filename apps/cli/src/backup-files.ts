import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The files of a backup, as they are named there and in the record. */
export const FILES = ['jejak.db', 'events.db'] as const;
export type BackedUp = (typeof FILES)[number];

/** What a backup has; written last: without it there is no backup. `at` is UTC, the rest as of then. */
export type Manifest = {
  readonly at: string;
  readonly events: number;
  readonly lastPosition: number;
  /** Entries of the journal. */
  readonly journal: number;
  /** In hex. */
  readonly sha256: Readonly<Record<BackedUp, string>>;
};

export const MANIFEST = 'manifest.json';

/** A backup that cannot be used, and why. */
export class Unusable extends Error {}

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Throws `Unusable` where there is none, or it is not one of ours. */
export function readManifest(directory: string): Manifest {
  const file = join(directory, MANIFEST);
  let found: Partial<Manifest> | null;
  try {
    found = JSON.parse(readFileSync(file, 'utf8')) as Partial<Manifest> | null;
  } catch {
    throw new Unusable(
      `${file} cannot be read: this is no backup, or one that was not finished; use another`,
    );
  }
  if (!found || !FILES.every((name) => typeof found.sha256?.[name] === 'string'))
    throw new Unusable(`${file} is not the manifest of a backup; use another`);
  return found as Manifest;
}

/** Throws `Unusable` where a file is not the one that was backed up. */
export async function assertIntact(directory: string, { sha256: due }: Manifest): Promise<void> {
  for (const name of FILES) {
    const is = await sha256(join(directory, name)).catch(() => 'not to be read');
    if (is !== due[name])
      throw new Unusable(
        `${join(directory, name)} is not what was backed up (SHA-256 ${is}, in the manifest ${due[name]}); use another backup`,
      );
  }
}
