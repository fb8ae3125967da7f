/** The body of an error of Jejak (RFC 9457, `application/problem+json`). */
export type Problem = {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly status?: number;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
};

type More = {
  readonly status?: number;
  readonly problem?: Problem;
  /** How long the server asks to wait, in ms. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
};

/** Something that Jejak did not give. `isFinal`: asking again alike will not help. */
export class JejakError extends Error {
  override readonly name = 'JejakError';
  readonly isFinal: boolean;
  readonly status: number | undefined;
  readonly problem: Problem | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, isFinal: boolean, { status, problem, retryAfterMs, cause }: More = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.isFinal = isFinal;
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Of answers that are not 2xx, those that may be another the next time. */
const PASSING = new Set([408, 425, 429]);
const WHAT_TO_DO: Readonly<Record<number, string>> = {
  401: 'check the token: it is missing, wrong, expired or revoked',
  403: 'this token may not do that: ask for a key with the scopes and roles that it needs',
  404: 'check baseUrl',
};

/** What an answer that is not 2xx means; `now` in ms. */
export async function errorOf(response: Response, now: number): Promise<JejakError> {
  const { status, headers } = response;
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  const said = [
    problem?.title,
    problem?.detail,
    ...(problem?.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`),
  ];
  const moved = headers.get('location');
  const hint = moved === null ? WHAT_TO_DO[status] : `it is now at ${moved}: change baseUrl`;
  const message = [`Jejak answered ${status}`, ...said, hint].filter(Boolean).join('; ');
  const retryAfterMs = retryAfter(headers.get('retry-after'), now);
  return new JejakError(message, status < 500 && !PASSING.has(status), {
    status,
    ...(problem === undefined ? {} : { problem }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** `Retry-After` (RFC 9110, 10.2.3) in ms from `now`: seconds, or a date. */
export function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
