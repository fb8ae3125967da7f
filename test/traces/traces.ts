import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is looked for, by what it is called in a report. */
export type Words = Readonly<Record<string, string>>;

/** Every way that bytes of ours, of a database or of a proof may write a word. */
function written(word: string): [encoding: string, bytes: Buffer][] {
  const utf8 = Buffer.from(word);
  const utf16 = Buffer.from(word, 'utf16le');
  const all: [string, Buffer][] = [
    ['utf8', utf8],
    ['utf8 in upper case', Buffer.from(word.toUpperCase())],
    ['utf8 in lower case', Buffer.from(word.toLowerCase())],
    ['utf16le', utf16],
    ['utf16be', Buffer.from(utf16).swap16()],
    ['hex', Buffer.from(utf8.toString('hex'))],
    ['hex in upper case', Buffer.from(utf8.toString('hex').toUpperCase())],
  ];
  for (const shift of [0, 1, 2])
    for (const encoding of ['base64', 'base64url'] as const)
      all.push([`${encoding} at ${shift}`, Buffer.from(within64(utf8, shift, encoding))]);
  if (/^([0-9a-f]{2})+$/i.test(word)) {
    all.push(['its bytes, or BCD', Buffer.from(word, 'hex')]);
    all.push(['BCD, nibbles reversed', Buffer.from(word.replace(/(.)(.)/g, '$2$1'), 'hex')]);
  }
  return all;
}

/** The characters of base64 that these bytes alone decide, where so many others stand before them. */
function within64(bytes: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString(encoding);
  const first = Math.ceil((shift * 8) / 6);
  return text.slice(first, Math.floor(((shift + bytes.length) * 8) / 6));
}

/** Where the words are in some bytes: `word as encoding`. */
export function tracesIn(bytes: Buffer, words: Words): string[] {
  return Object.entries(words).flatMap(([name, word]) =>
    written(word).flatMap(([encoding, sought]) => (bytes.includes(sought) ? [`${name} as ${encoding}`] : [])),
  );
}

/** Nothing, of what goes away while others work there. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw cause;
  }
}

/** Where the words are in the files below a directory: their names, and what is in them. */
export function tracesBelow(directory: string, words: Words): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const bytes = entry.isFile() ? contentOf(file) : Buffer.alloc(0);
    return tracesIn(Buffer.concat([Buffer.from(entry.name), bytes]), words).map(
      (trace) => `${file.slice(directory.length + 1)}: ${trace}`,
    );
  });
}
