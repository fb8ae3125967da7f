import type { SiasnMender } from '@app/domain/siasn-submission';
import type { SiasnAnswer } from './siasn-service.ts';

/** What came back of a call: an answer (no JSON: an empty object), or why there was none. */
export type Heard =
  | { readonly status: number; readonly json: Readonly<Record<string, unknown>> }
  | { readonly cause: unknown };

type Failed = Exclude<SiasnAnswer, { readonly id: string }>;

/** No byte of the request can have been taken: there was no connection. */
const NO_CONNECTION =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_)/;

/** Words by which the gateway and SIASN say that it is the token: of either of the two. */
const TOKEN_FAULT = /invalid or expired jwt|token sso mismatch|invalid credentials|access token expired/i;

export const unreached = (error: string, mendedBy: SiasnMender = 'operator'): Failed => ({
  error,
  what: 'not-reached',
  mendedBy,
});
const refused = (error: string): Failed => ({ error, what: 'refused', mendedBy: 'BKPSDM' });
const unknown = (error: string): Failed => ({ error, what: 'unknown', mendedBy: 'BKPSDM' });

export const isTokenFault = (heard: Heard): boolean =>
  'json' in heard && (heard.status === 401 || TOKEN_FAULT.test(wordsIn(heard)));

/** What SIASN's answer to a save means. */
export function answerOf(heard: Heard): SiasnAnswer {
  if ('cause' in heard) return unheard(heard.cause);
  if (isTokenFault(heard)) return unreached(`SIASN does not take the tokens: ${wordsIn(heard)}`);
  const { status, json } = heard;
  if (status < 300 && json.success === true) return saved(json.mapData);
  if (status < 500 && isRefused(json)) return refused(wordsIn(heard));
  return byStatus(status, wordsIn(heard));
}

/** `{success: false, message}` of a value, or `{code: 0, message}` of fields that are not there. */
const isRefused = ({ success, code, message }: Readonly<Record<string, unknown>>): boolean =>
  (success === false || code === 0) && typeof message === 'string' && message !== '';

/** The id alone, or an object with one `rw…Id` or `id`. */
function saved(mapData: unknown): SiasnAnswer {
  const found =
    typeof mapData === 'object' && mapData !== null
      ? Object.entries(mapData).find(([name]) => /^(rw\w*)?id$/i.test(name))?.[1]
      : mapData;
  return typeof found === 'string' && /^[\w-]{1,64}$/.test(found)
    ? { id: found }
    : unknown('SIASN took it but gave no id; look it up there and confirm it');
}

function byStatus(status: number, words: string): SiasnAnswer {
  const told = `SIASN answered ${status}${words && `: ${words}`}`;
  if (status >= 300 && status < 400)
    return unreached(`${told}; a redirect is not followed: check SIASN_API_URL`);
  if (status === 403 || status === 404 || status === 405) return unreached(told);
  if (status === 429 || (status === 503 && /suspended|throttled/i.test(words))) return unreached(told, 'BKN');
  if (status >= 400 && status < 500) return refused(told);
  return unknown(told);
}

/** fetch puts what the connection said into the cause of its own error. */
function unheard(cause: unknown): SiasnAnswer {
  const { cause: within, name = '' } = cause as { readonly cause?: { code?: string }; name?: string };
  const code = within?.code ?? '';
  if (NO_CONNECTION.test(code)) return unreached(`no connection to SIASN (${code})`, 'BKN');
  return unknown(`no answer of SIASN (${code || name}); it may have come there`);
}

/** SIASN's own words: of the message, else of what stands beside it. */
function wordsIn(heard: Heard): string {
  if (!('json' in heard)) return '';
  const { message, data, description } = heard.json;
  return [message, data, description].filter((words) => typeof words === 'string' && words !== '').join('; ');
}
