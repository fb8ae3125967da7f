import { Malformed } from './malformed.ts';

/** The bytes of RFC 4648 §4 base64 with padding; another spelling of the same bytes is refused. */
export function fromBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new Malformed(`${what} is not canonical base64: ${cut(text)}`);
  return bytes;
}

/** The beginning of a text, for a message. */
export const cut = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
