const bytes = (...texts: readonly string[]): readonly Buffer[] =>
  texts.map((text) => Buffer.from(text, 'latin1'));
const ZIP = bytes('PK\x03\x04', 'PK\x05\x06');
const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** The types of documents that are kept, and how the content of each begins; without a beginning: anyhow. */
const BEGINNINGS: ReadonlyMap<string, readonly Buffer[]> = new Map([
  ['application/pdf', bytes('%PDF-')],
  ['image/png', bytes('\x89PNG\r\n\x1a\n')],
  ['image/jpeg', bytes('\xff\xd8\xff')],
  ['image/tiff', bytes('II*\x00', 'MM\x00*', 'II+\x00', 'MM\x00+')],
  ['text/plain', []],
  ['text/csv', []],
  [`${OFFICE}.wordprocessingml.document`, ZIP],
  [`${OFFICE}.spreadsheetml.sheet`, ZIP],
  ['application/zip', ZIP],
]);

/** Every type of document that is kept. */
export const MEDIA_TYPES: readonly string[] = [...BEGINNINGS.keys()];

/** How many bytes at the beginning of a document tell whether it is of its type. */
export const BEGINNING_BYTES = 8;

/** Whether a document that begins like this may be of a type; false for a type that is not kept. */
export function beginsAs(mediaType: string, beginning: Uint8Array): boolean {
  const some = BEGINNINGS.get(mediaType);
  const begins = (magic: Buffer) => magic.equals(beginning.subarray(0, magic.length));
  return some !== undefined && (some.length === 0 || some.some(begins));
}
