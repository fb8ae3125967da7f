import { crc32 } from 'node:zlib';

/** The one spelling of a zip of docs/bundle.md. `order` is of the names; another one than theirs is not that spelling. */
export function zipOf(files: ReadonlyMap<string, Buffer>, order = [...files.keys()].sort()): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const name of order) {
    const content = files.get(name) ?? Buffer.alloc(0);
    const fields = Buffer.concat([
      u16(10, 0, 0, 0, 33),
      u32(crc32(content), content.length, content.length),
      u16(name.length, 0),
    ]);
    const file = [u32(0x04034b50), fields, Buffer.from(name, 'latin1'), content];
    central.push(u32(0x02014b50), u16(10), fields, u16(0, 0, 0), u32(0, offset), Buffer.from(name, 'latin1'));
    local.push(...file);
    offset += Buffer.concat(file).length;
  }
  const directory = Buffer.concat(central);
  const end = [u32(0x06054b50), u16(0, 0, order.length, order.length), u32(directory.length, offset), u16(0)];
  return Buffer.concat([...local, directory, ...end]);
}

const u16 = (...numbers: number[]) => Buffer.from(new Uint16Array(numbers).buffer);
const u32 = (...numbers: number[]) => Buffer.from(new Uint32Array(numbers).buffer);
