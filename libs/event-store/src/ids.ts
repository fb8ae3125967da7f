import { createHash, randomBytes } from 'node:crypto';

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random; ids made later sort later. */
export const uuidv7 = (now: number = Date.now()): string => format(now, randomBytes(10), 7);

/**
 * The id of the nth event of one attempt of a command: the time the command was asked, then bits of SHA-256 over the
 * command, the stream, the revision it was decided on, and n. The same attempt always gives the same ids, another attempt others.
 */
export function eventId(
  commandId: string,
  askedAt: number,
  stream: string,
  decidedOn: number,
  ordinal: number,
): string {
  return format(askedAt, sha256(`${commandId}/${stream}/${decidedOn}/${ordinal}`), 7);
}

/** The id of a command that comes with an idempotency key: always the same for one asker and key (UUIDv8). */
export function commandIdOf(asker: string, key: string): string {
  const digest = sha256(`${asker}\n${key}`);
  return format(digest.readUIntBE(10, 6), digest, 8);
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

function format(time: number, random: Buffer, version: 7 | 8): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(time, 0, 6);
  random.copy(bytes, 6, 0, 10);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
