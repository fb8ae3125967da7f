import { canonical } from '@app/event-store';
import { type Hash, hashOf, Malformed, parseTlogProof, type TlogProof } from '@app/proof';
import { unzip } from './zip.ts';

/** Why a bundle does not hold (docs/bundle.md). */
export type Reason =
  | 'zip'
  | 'manifest'
  | 'signature'
  | 'quorum'
  | 'issue'
  | 'inclusion'
  | 'gap'
  | 'rule'
  | 'evidence'
  | 'consistency'
  | 'time'
  | 'trust';

/** The first thing that is wrong with a bundle, and where: a journal index, or a file. */
export class Wrong extends Error {
  constructor(
    readonly reason: Reason,
    message: string,
    readonly at: { readonly index?: number; readonly file?: string } = {},
  ) {
    super(message);
  }
}

/** The files of a bundle, by name. What is not there, or not of its format, throws `Wrong`. */
export class BundleFiles {
  readonly #files: ReadonlyMap<string, Buffer>;

  constructor(bytes: Buffer) {
    const files = unzip(bytes);
    if (!files) throw new Wrong('zip', 'the bytes are not the one spelling of a bundle');
    this.#files = files;
  }

  get names(): string[] {
    return [...this.#files.keys()];
  }

  find(name: string): Buffer | undefined {
    return this.#files.get(name);
  }

  need(name: string): Buffer {
    const bytes = this.#files.get(name);
    if (!bytes) throw new Wrong('manifest', `${name} is not there`, { file: name });
    return bytes;
  }

  text(name: string): string {
    return this.need(name).toString();
  }

  /** JSON in its canonical form. */
  canonical<T>(name: string): T {
    const text = this.text(name);
    try {
      const value = JSON.parse(text) as T;
      if (canonical(value) === text) return value;
    } catch {
      // said below
    }
    throw new Wrong('manifest', `${name} is not JSON in canonical form`, { file: name });
  }

  proof(name: string, reason: Reason): TlogProof {
    return this.#read(name, reason, () => parseTlogProof(this.text(name)));
  }

  /** Hashes in base64, one a line, each line ended. */
  hashes(name: string, reason: Reason): Hash[] {
    return this.#read(name, reason, () => {
      const lines = this.text(name).split('\n');
      if (lines.pop() !== '') throw new Malformed('the last line is not ended');
      return lines.map(hashOf);
    });
  }

  /** Files by a pattern with one group, in the order of the numbers they name, else of the names. */
  named(pattern: RegExp): [file: string, part: string][] {
    return this.names
      .flatMap((file): [string, string][] => {
        const part = pattern.exec(file)?.[1];
        return part === undefined ? [] : [[file, part]];
      })
      .sort(([, a], [, b]) => Number(a) - Number(b) || (a < b ? -1 : 1));
  }

  #read<T>(file: string, reason: Reason, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw cause instanceof Wrong
        ? cause
        : new Wrong(reason, `${file}: ${(cause as Error).message}`, { file });
    }
  }
}
