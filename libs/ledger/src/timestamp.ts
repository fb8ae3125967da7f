import { randomBytes } from 'node:crypto';
import { parseNote, sha256 } from '@app/proof';
import type { Checkpoints, SignedCheckpoint } from './checkpoints.ts';

/** A timestamp could not be had; the message says why. */
export class NoTimestamp extends Error {}

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 65_536;
/** SHA-256 as an AlgorithmIdentifier, and the parts of a request before and after it (RFC 3161 §2.4.1). */
const VERSION_1 = Buffer.from('020101', 'hex');
const SHA256 = Buffer.from('300d06096086480165030402010500', 'hex');
const WITH_CERTIFICATE = Buffer.from('0101ff', 'hex');

/** A DER value with a short length. */
const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag, content.length), content]);
};

/** A request for a timestamp over SHA-256 of a text, and the imprint that the answer must hold. */
export function timestampRequest(
  text: string,
  nonce: Buffer = randomBytes(8),
): { request: Buffer; imprint: Buffer } {
  const imprint = der(0x30, SHA256, der(0x04, sha256(text)));
  // The first byte keeps the number positive, and as short as DER wants it.
  const number = Buffer.from(nonce);
  number.writeUInt8((number.readUInt8(0) & 0x3f) | 0x40, 0);
  const request = der(0x30, VERSION_1, imprint, der(0x02, number), WITH_CERTIFICATE);
  return { request, imprint };
}

/** PKIStatusInfo at the beginning of a response: 0 granted, 1 granted with modifications. */
const GRANTED = /^30(?:82....|81..|[0-7].)30(?:82....|81..|[0-7].)02010[01]/;

/** Asks a timestamping authority to stamp the text of a checkpoint; gives its response (RFC 3161). Throws `NoTimestamp`. */
export async function timestamp(note: string, url: string, signal?: AbortSignal): Promise<Buffer> {
  const { request, imprint } = timestampRequest(parseNote(note).text);
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: request,
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (!answer.ok) throw new NoTimestamp(`the timestamping authority answered ${answer.status}`);
    if (body.length > MOST_BYTES || !GRANTED.test(body.toString('hex', 0, 16)) || !body.includes(imprint))
      throw new NoTimestamp('the timestamping authority did not stamp what it was asked to');
    return body;
  } catch (cause) {
    throw cause instanceof NoTimestamp ? cause : new NoTimestamp(`no timestamp: ${(cause as Error).message}`);
  }
}

/** Has the newest checkpoint stamped, where it is not yet. */
export async function stampNewest(
  checkpoints: Checkpoints,
  url: string,
  signal?: AbortSignal,
): Promise<SignedCheckpoint | undefined> {
  const newest = await checkpoints.current();
  if (newest?.tsr !== '') return newest;
  const tsr = (await timestamp(newest.note, url, signal)).toString('base64');
  await checkpoints.stamp(newest, tsr);
  return { ...newest, tsr };
}
