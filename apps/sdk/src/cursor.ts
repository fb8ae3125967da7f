import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Keeps how far a reader has come in a file (one line of JSON), with whatever must never be apart from it. A write is whole
 * or was not: a new file is written and synced, then takes the place of the old one. For one reader at a time.
 */
export class Cursor<With extends object = object> {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** What was written last; undefined: nothing yet. Throws where the file holds something else. */
  async read(): Promise<({ readonly after: number } & With) | undefined> {
    const text = await readFile(this.#file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw cause;
    });
    return text === undefined ? undefined : this.#parsed(text);
  }

  async write(place: { readonly after: number } & With): Promise<void> {
    const beside = `${this.#file}.new`;
    await synced(beside, 'w', `${JSON.stringify(place)}\n`);
    await rename(beside, this.#file);
    await synced(dirname(this.#file), 'r');
  }

  #parsed(text: string): { readonly after: number } & With {
    try {
      const place = JSON.parse(text) as { readonly after: number } & With;
      if (Number.isSafeInteger(place.after)) return place;
    } catch {
      // told below
    }
    throw new Error(`${this.#file} is no cursor ({"after":…}): mend it, or remove it to begin anew`);
  }
}

/** Opens a file or directory, writes, and waits until it is on the device. */
async function synced(path: string, flags: string, text?: string): Promise<void> {
  const file = await open(path, flags);
  try {
    if (text !== undefined) await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
