import { readFile } from 'node:fs/promises';
import type { ArchiveFile } from './zip.ts';

/** The verifiers that stand apart from this program, as files for a bundle; `directory` ends with a slash. */
export function verifierFiles(directory: URL): Promise<ArchiveFile[]> {
  return Promise.all(
    ['verify.html', 'verify.py'].map(async (name) => ({
      name,
      bytes: await readFile(new URL(name, directory)),
    })),
  );
}
