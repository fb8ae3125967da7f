import { createReadStream } from 'node:fs';

/** A line of a file, counted from 1; no text where it is longer than the limit. `bytes` are read so far. */
export type Line = { readonly line: number; readonly text: string | undefined; readonly bytes: number };

const LONGEST_LINE = 1024 * 1024;
const NEWLINE = 10;

/** Lines of a UTF-8 file, without BOM and line ends, in bounded memory. */
export async function* linesOf(path: string, longest = LONGEST_LINE): AsyncGenerator<Line> {
  let held: Buffer[] = [];
  let size = 0;
  let line = 0;
  let bytes = 0;
  const take = (): Line => {
    const text = size > longest ? undefined : textOf(Buffer.concat(held), ++line === 1);
    if (text === undefined) line++;
    held = [];
    size = 0;
    return { line, text, bytes };
  };
  const hold = (part: Buffer) => {
    size += part.length;
    if (size <= longest) held.push(part);
    else held = [];
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      hold(chunk.subarray(from, at));
      bytes += at + 1 - from;
      from = at + 1;
      yield take();
    }
    hold(chunk.subarray(from));
    bytes += chunk.length - from;
  }
  if (size > 0) yield take();
}

function textOf(bytes: Buffer, isFirst: boolean): string {
  const text = bytes.toString('utf8').replace(/\r$/, '');
  return isFirst ? text.replace(/^\uFEFF/, '') : text;
}

/** Whether a file is UTF-8 to its end. */
export async function isUtf8(path: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>)
      decoder.decode(chunk, { stream: true });
    decoder.decode();
    return true;
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw cause;
  }
}
