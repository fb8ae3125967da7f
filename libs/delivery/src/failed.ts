/** Why a webhook got no answer. */
export type SinkFault = 'refused-address' | 'dns' | 'connect' | 'tls' | 'timeout' | 'aborted';

/** An attempt without an answer; the message is for the subscriber and says nothing of the network inside. */
export class Failed extends Error {
  constructor(
    readonly fault: SinkFault,
    detail: string,
    override readonly cause?: unknown,
  ) {
    super(detail);
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'has a host that takes no connection at its port',
  ECONNRESET: 'has a host that cut off the connection',
  EPIPE: 'has a host that cut off the connection',
  EHOSTUNREACH: 'has a host that cannot be reached',
  ENETUNREACH: 'has a host that cannot be reached',
  ETIMEDOUT: 'has a host that does not answer',
  HPE_HEADER_OVERFLOW: 'answered with headers that are too long',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate of another host',
};
/** The codes of errors of the network and of the parser of HTTP; those of TLS are of many forms. */
const BELOW_TLS = /^(E(?!PROTO)[A-Z0-9]+|HPE_\w+)$/;

/** The failure that an error of a request stands for; its own message has addresses in it. */
export function failedBy(cause: unknown, isHttps: boolean): Failed {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException;
  const isTls = isHttps && !BELOW_TLS.test(code);
  const words = WORDS[code] ?? (isTls ? 'failed at the certificate or the handshake' : 'failed on the way');
  return new Failed(isTls ? 'tls' : 'connect', WORDS[code] ? words : `${words} (${code})`, cause);
}

/** Whether no connection was made, so that another address may be tried. */
export const isNotReached = (failed: unknown): boolean =>
  failed instanceof Failed && (failed.cause as NodeJS.ErrnoException | undefined)?.syscall === 'connect';
