import { TAKEN } from './event-store.ts';

/** Goes before metadata that must come back as bytes: no JSON begins with it. */
const MARK = '\ufeff';

/**
 * How text travels, so that the very text comes back although the client parses JSON and writes it again: what is
 * the same after that (all that `canonical()` makes, but where a key looks like an array's index) as JSON, else as bytes.
 */
export type Content =
  | { readonly contentType: 'application/json'; readonly data: string | object }
  | { readonly contentType: 'application/octet-stream'; readonly data: Uint8Array };

export function contentOf(text: string): Content {
  const meaning: unknown = JSON.parse(text);
  return JSON.stringify(meaning) === text
    ? { contentType: 'application/json', data: meaning as string | object }
    : { contentType: 'application/octet-stream', data: bytesOf(text) };
}

/** The text of data as it was read: parsed where it is JSON, else bytes. */
export const textOf = (data: unknown): string =>
  data instanceof Uint8Array ? Buffer.from(data).toString('utf8') : JSON.stringify(data);

/** The client takes metadata as bytes, but parses whatever it reads. */
export const metadataBytes = (text: string): Uint8Array =>
  bytesOf(JSON.stringify(JSON.parse(text)) === text ? text : MARK + text);

/** The text of metadata as it was read; `{}` where somebody else wrote an event without. */
export function metadataText(metadata: unknown): string {
  if (metadata === undefined) return '{}';
  const text = textOf(metadata);
  return metadata instanceof Uint8Array && text.startsWith(MARK) ? text.slice(MARK.length) : text;
}

const TIME_LENGTH = '"0000-00-00T00:00:00.000Z"'.length;
const REST = ',"$metadata":';

/** Metadata of an event that was taken over: with the time that the server cannot be told to keep. */
export const taken = (recordedAt: string, metadata: string): string =>
  `${TAKEN}${JSON.stringify(recordedAt)}${REST}${metadata}}`;

/** The time and the metadata of an event that was taken over, the very text; undefined: it was appended here. */
export function asTaken(metadata: string): { recordedAt: string; metadata: string } | undefined {
  if (!metadata.startsWith(TAKEN)) return undefined;
  const end = TAKEN.length + TIME_LENGTH;
  return {
    recordedAt: metadata.slice(TAKEN.length + 1, end - 1),
    metadata: metadata.slice(end + REST.length, -1),
  };
}

/** Not a Buffer: the client knows bytes by their constructor. */
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf8'));
