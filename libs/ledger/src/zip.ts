import { crc32 } from 'node:zlib';

/** A file of an archive. */
export type ArchiveFile = { readonly name: string; readonly bytes: Buffer };

const NAME = /^[A-Za-z0-9@._-]+(\/[A-Za-z0-9@._-]+)*$/;
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const VERSION = 10;
/** 1980-01-01, the first day a zip can say. */
const DATE = 33;
export const MOST_FILES = 65_535;

/** The one spelling of these files as a zip (docs/bundle.md): stored, in the order of their names, without a date. */
export function zip(files: readonly ArchiveFile[]): Buffer {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (sorted.length > MOST_FILES)
    throw new RangeError(`a zip holds ${MOST_FILES} files, not ${sorted.length}`);
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of sorted) {
    if (!NAME.test(name))
      throw new RangeError(`${JSON.stringify(name)} is not the name of a file in a bundle`);
    const head = Buffer.alloc(LOCAL_BYTES);
    head.writeUInt32LE(LOCAL, 0);
    describe(head, 4, name, bytes);
    const listed = Buffer.alloc(CENTRAL_BYTES);
    listed.writeUInt32LE(CENTRAL, 0);
    listed.writeUInt16LE(VERSION, 4);
    describe(listed, 6, name, bytes);
    listed.writeUInt32LE(offset, 42);
    local.push(head, Buffer.from(name), bytes);
    central.push(listed, Buffer.from(name));
    offset += LOCAL_BYTES + name.length + bytes.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(sorted.length, 8);
  end.writeUInt16LE(sorted.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

/** The fields that a file's two headers share. */
function describe(header: Buffer, at: number, name: string, bytes: Buffer): void {
  header.writeUInt16LE(VERSION, at);
  header.writeUInt16LE(DATE, at + 8);
  header.writeUInt32LE(crc32(bytes), at + 10);
  header.writeUInt32LE(bytes.length, at + 14);
  header.writeUInt32LE(bytes.length, at + 18);
  header.writeUInt16LE(name.length, at + 22);
}

/** The files of a zip, by name; undefined where its bytes are not the one spelling of them. */
export function unzip(bytes: Buffer): Map<string, Buffer> | undefined {
  const files = new Map<string, Buffer>();
  let at = 0;
  while (at + LOCAL_BYTES <= bytes.length && bytes.readUInt32LE(at) === LOCAL) {
    const size = bytes.readUInt32LE(at + 18);
    const start = at + LOCAL_BYTES + bytes.readUInt16LE(at + 26);
    if (start + size > bytes.length) return undefined;
    const name = bytes.toString('latin1', at + LOCAL_BYTES, start);
    if (!NAME.test(name) || files.has(name)) return undefined;
    files.set(name, bytes.subarray(start, start + size));
    at = start + size;
  }
  if (files.size === 0 || files.size > MOST_FILES) return undefined;
  return zip([...files].map(([name, content]) => ({ name, bytes: content }))).equals(bytes)
    ? files
    : undefined;
}
