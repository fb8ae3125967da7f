import { createHash } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Evidence, isRefusal, type Refusal, refuse } from '@app/domain/event';
import { codeOf, StoreUnavailable } from '@app/event-store';
import { BEGINNING_BYTES, beginsAs } from './media-type.ts';
import { beginPart, endPart, sweepParts } from './parts.ts';

/** How a document is to be taken. */
export type Taking = {
  readonly mediaType: string;
  /** SHA-256 in lower-case hex that the content must have. */
  readonly expected?: string;
  readonly maxBytes: number;
  /** What speaks against keeping it; asked when the whole content is known and nothing is kept yet. */
  readonly refuse?: (document: Evidence) => Promise<Refusal | undefined>;
};

/** A document that is kept now; `isNew`: it was not before. */
export type Put = Evidence & { readonly isNew: boolean };

const BASIS = 'docs/adr/0011';
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Documents by their content: `<directory>/<first 2 hex>/<sha256>`, for their owner's eyes only. What has its name is
 * whole and on the device, and is never written again. Throws `StoreUnavailable` where the disk is at fault.
 */
export class EvidenceStore {
  /** Sweeps away what processes that were killed left half-written. */
  constructor(private readonly directory: string) {
    sweepParts(directory);
  }

  /**
   * Takes a document as it comes, in bounded memory; of one that is refused nothing is kept. An error of the stream is
   * thrown as it is. A stream that should not be destroyed by a refusal must see to that itself.
   */
  async put(stream: AsyncIterable<Uint8Array>, taking: Taking): Promise<Put | Refusal> {
    await this.#onDisk(() => mkdir(this.directory, { recursive: true, mode: 0o700 }));
    const part = beginPart(this.directory);
    try {
      const file = await this.#onDisk(() => open(part, 'wx', 0o600));
      try {
        const taken = await this.#take(file, stream, taking);
        const refusal = isRefusal(taken) ? taken : await taking.refuse?.(taken);
        if (isRefusal(taken) || refusal) return refusal as Refusal;
        await this.#onDisk(() => file.sync());
        return { ...taken, isNew: await this.#onDisk(() => name(part, this.#fileOf(taken.sha256))) };
      } finally {
        await file.close();
      }
    } finally {
      await rm(part, { force: true }).catch(() => undefined);
      endPart(part);
    }
  }

  /** The content of a document; undefined: it is not here. Whoever asks must read it to its end or destroy it. */
  async read(sha256: string): Promise<Readable | undefined> {
    const file = await this.#open(sha256, 'r');
    return file?.createReadStream();
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#ifThere(() => stat(this.#fileOf(sha256)))) !== undefined;
  }

  /** Whether a document is still what it was; undefined: it is not here. */
  async verify(sha256: string): Promise<boolean | undefined> {
    const size = await this.sizeOf(sha256);
    return size === undefined ? undefined : size !== 'altered';
  }

  /** How many bytes a document has that is still what it was, as read and hashed now; undefined: it is not here. */
  async sizeOf(sha256: string): Promise<number | 'altered' | undefined> {
    const content = await this.read(sha256);
    if (!content) return undefined;
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of content) {
      hash.update(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
    return hash.digest('hex') === sha256 ? size : 'altered';
  }

  /** Destroys a document: its bytes are written over, then its name goes. False: it was not here. */
  async erase(sha256: string): Promise<boolean> {
    const file = await this.#open(sha256, 'r+');
    if (!file) return false;
    await this.#onDisk(async () => {
      try {
        await writeOver(file);
      } finally {
        await file.close();
      }
      await unlink(this.#fileOf(sha256));
      await toDevice(dirname(this.#fileOf(sha256)));
    });
    return true;
  }

  /** Writes the content to a file; what it is, or why it is not taken. */
  async #take(
    file: FileHandle,
    stream: AsyncIterable<Uint8Array>,
    { mediaType, expected, maxBytes }: Taking,
  ): Promise<Evidence | Refusal> {
    const hash = createHash('sha256');
    let size = 0;
    let beginning = Buffer.alloc(0);
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > maxBytes)
        return refuse('evidence-too-large', `a document may have ${maxBytes} bytes`, 'EVIDENCE_MAX_BYTES');
      if (beginning.length < BEGINNING_BYTES)
        beginning = Buffer.concat([beginning, chunk.subarray(0, BEGINNING_BYTES)]);
      hash.update(chunk);
      await this.#onDisk(() => file.appendFile(chunk));
    }
    const document = { sha256: hash.digest('hex'), size, mediaType };
    return fault(document, beginning, expected) ?? document;
  }

  #fileOf(sha256: string): string {
    if (!SHA256.test(sha256)) throw new RangeError('a document is named by its SHA-256 in lower-case hex');
    return join(this.directory, sha256.slice(0, 2), sha256);
  }

  #open(sha256: string, flags: string): Promise<FileHandle | undefined> {
    return this.#ifThere(() => open(this.#fileOf(sha256), flags));
  }

  async #ifThere<T>(look: () => Promise<T>): Promise<T | undefined> {
    return this.#onDisk(() =>
      look().catch((cause: unknown) => {
        if (codeOf(cause) === 'ENOENT') return undefined;
        throw cause;
      }),
    );
  }

  async #onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (!codeOf(cause)) throw cause;
      throw new StoreUnavailable(
        `The documents in ${this.directory} are not available (${codeOf(cause)}): check the disk, its free space and the rights of the directory`,
        { cause },
      );
    }
  }
}

function fault({ size, mediaType, sha256 }: Evidence, beginning: Uint8Array, expected?: string) {
  if (size === 0) return refuse('evidence-empty', 'there is no content', BASIS);
  if (expected !== undefined && expected !== sha256)
    return refuse('evidence-altered', 'the content does not have the SHA-256 that it came with', BASIS);
  if (!beginsAs(mediaType, beginning))
    return refuse('evidence-of-another-type', `the content does not begin like ${mediaType}`, BASIS);
  return undefined;
}

/** Gives a whole file its name, on the device, unless the name is taken: then by the same content. True: it was not. */
async function name(part: string, file: string): Promise<boolean> {
  const directory = dirname(file);
  const isNewDirectory = (await mkdir(directory, { recursive: true, mode: 0o700 })) !== undefined;
  // A link is made or not, and takes nobody's place; a rename would.
  const isNew = await link(part, file).then(
    () => true,
    (cause: unknown) => {
      if (codeOf(cause) === 'EEXIST') return false;
      throw cause;
    },
  );
  await toDevice(directory);
  if (isNewDirectory) await toDevice(dirname(directory));
  return isNew;
}

const NOTHING = Buffer.alloc(65_536);

async function writeOver(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  for (let at = 0; at < size; )
    at += (await file.write(NOTHING, 0, Math.min(NOTHING.length, size - at), at)).bytesWritten;
  await file.sync();
}

/** What is new in a directory, or gone from it, is so on the device then. */
async function toDevice(directory: string): Promise<void> {
  const opened = await open(directory, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
