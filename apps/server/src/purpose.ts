import { isPurpose, PURPOSE_IS } from '@app/ledger';
import type { FastifyRequest } from 'fastify';
import { bearerIn } from './auth.ts';
import { Problem } from './problem.ts';

export const PURPOSE = 'X-Purpose';
/** What a read of one's own record is for, where nothing is said. */
export const OWN = 'diri sendiri';

const SEND = `send ${PURPOSE} with what this read is for, like ${PURPOSE}: pemeriksaan%20berkala; it is kept in the access log`;

/**
 * What a read is for, as its header says it, else the key it came with; undefined: neither says anything. Throws a problem
 * where it is not in order.
 */
export function purposeIn(request: FastifyRequest): string | undefined {
  const header = request.headers[PURPOSE.toLowerCase()];
  if (header === undefined || header === '') return bearerIn(request)?.purpose;
  const text = decoded(String(header));
  if (!isPurpose(text)) throw missing(`${PURPOSE} is ${PURPOSE_IS}; ${SEND}`);
  return text;
}

/** What is answered where a purpose is needed. */
export const missing = (detail = SEND): Problem =>
  new Problem(400, {
    type: 'urn:jejak:refusal:purpose-missing',
    detail,
    basis: 'docs/adr/0012',
    errors: [{ pointer: PURPOSE, detail }],
  });

/** Percent-encoded UTF-8 (as in RFC 8187), UTF-8 as some clients send it, or the text as it is. */
function decoded(header: string): string {
  const text = utf8(Buffer.from(header, 'latin1')) ?? header;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
