import { MEDIA_TYPES } from '@app/ledger';
import type { FastifyRequest } from 'fastify';
import { malformed, Problem } from './problem.ts';

/** A document that is on its way: as what it comes, and its content. `expected`: SHA-256 in hex, where it was sent. */
export type Upload = {
  readonly mediaType: string;
  readonly expected?: string;
  /** Leaves the connection as it is when somebody stops reading, so that the asker hears why. */
  readonly content: AsyncIterable<Uint8Array>;
};

/** Reads what comes with a document; throws a problem where it cannot be taken. `maxBytes`: how large it may be. */
export function uploadIn({ headers, raw }: FastifyRequest, maxBytes: number): Upload {
  const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!MEDIA_TYPES.includes(mediaType))
    throw new Problem(415, { detail: `send a document as one of ${MEDIA_TYPES.join(', ')}` });
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (encoding.trim().toLowerCase() !== 'identity')
    throw new Problem(415, { detail: 'send the document as it is, without Content-Encoding' });
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const expected = digestIn(headers['content-digest']);
  return {
    mediaType,
    ...(expected === undefined ? {} : { expected }),
    content: raw.iterator({ destroyOnReturn: false }),
  };
}

export const tooLarge = (maxBytes: number): Problem =>
  new Problem(413, { detail: `a document may have ${maxBytes} bytes` });

/** The SHA-256 of a `Content-Digest` (RFC 9530) in hex; other algorithms beside it are passed over. */
function digestIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [, digest = ''] = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/.exec(String(header)) ?? [];
  const bytes = Buffer.from(digest, 'base64');
  if (digest === '' || bytes.toString('base64') !== digest)
    throw malformed('Content-Digest', 'is sha-256=:<SHA-256 of the content in base64>:');
  return bytes.toString('hex');
}
