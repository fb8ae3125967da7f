import { answerOf, type Heard, isTokenFault, unreached } from './bkn-answers.ts';
import type { Payload } from './outbox-payload.ts';
import { type SiasnAnswer, SiasnService } from './siasn-service.ts';

/** How BKN's web service is reached: the addresses, and the two accounts that each call needs (domain 10.5). */
export type BknAccess = {
  /** The gateway's tokens, client_credentials. */
  readonly tokenUrl: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  /** The SSO's tokens, for the account of an official. */
  readonly ssoUrl: string;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  /** The services themselves, without a slash at the end. */
  readonly apiUrl: string;
  /** How long one call may take, in ms. */
  readonly timeoutMs?: number;
};

type Token = { readonly text: string; readonly until: number };

const TIMEOUT_MS = 30_000;
/** A token is not used in its last moments. */
const SPARE_MS = 30_000;
const MOST_HEARD = 65_536;

/** BKN's web service over HTTP. Tokens are kept until shortly before they end; a redirect is never followed. */
export class BknService extends SiasnService {
  #gateway: Token | undefined;
  #sso: Token | undefined;

  constructor(
    private readonly access: BknAccess,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  /** One token fault is answered with new tokens: what was refused for its token was not taken. */
  async send(payload: Payload, signal: AbortSignal): Promise<SiasnAnswer> {
    for (let isFirst = true; ; isFirst = false) {
      const tokens = await this.#tokens(signal);
      if ('error' in tokens) return tokens;
      const heard = await this.#save(payload, tokens, signal);
      if (!isTokenFault(heard) || !isFirst) return answerOf(heard);
      this.#gateway = undefined;
      this.#sso = undefined;
    }
  }

  #save({ service, body }: Payload, tokens: Tokens, signal: AbortSignal): Promise<Heard> {
    return this.#post(
      `${this.access.apiUrl}/${service}`,
      {
        'content-type': 'application/json',
        authorization: `Bearer ${tokens.gateway}`,
        auth: `bearer ${tokens.sso}`,
      },
      JSON.stringify(body),
      signal,
    );
  }

  async #tokens(signal: AbortSignal): Promise<Tokens | Exclude<SiasnAnswer, { id: string }>> {
    const { access } = this;
    this.#gateway = await this.#kept(this.#gateway, () => {
      const key = Buffer.from(`${access.consumerKey}:${access.consumerSecret}`).toString('base64');
      return this.#ask(access.tokenUrl, { grant_type: 'client_credentials' }, signal, `Basic ${key}`);
    });
    if (!this.#gateway)
      return unreached('the gateway gave no token; check SIASN_CONSUMER_KEY and its secret');
    this.#sso = await this.#kept(this.#sso, () => {
      const { clientId: client_id, username, password } = access;
      return this.#ask(access.ssoUrl, { grant_type: 'password', client_id, username, password }, signal);
    });
    if (!this.#sso)
      return unreached('the SSO gave no token; check SIASN_USERNAME, its password and SIASN_CLIENT_ID');
    return { gateway: this.#gateway.text, sso: this.#sso.text };
  }

  async #kept(token: Token | undefined, ask: () => Promise<Token | undefined>): Promise<Token | undefined> {
    return token && token.until > this.now() ? token : ask();
  }

  async #ask(
    url: string,
    form: Readonly<Record<string, string>>,
    signal: AbortSignal,
    authorization?: string,
  ): Promise<Token | undefined> {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization === undefined ? {} : { authorization }),
    };
    const heard = await this.#post(url, headers, new URLSearchParams(form).toString(), signal);
    if (!('json' in heard) || heard.status !== 200) return undefined;
    const { access_token: text, expires_in: seconds } = heard.json;
    if (typeof text !== 'string') return undefined;
    const lasts = typeof seconds === 'number' ? seconds * 1000 : 0;
    return { text, until: this.now() + lasts - SPARE_MS };
  }

  async #post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    stop: AbortSignal,
  ): Promise<Heard> {
    const timeout = AbortSignal.timeout(this.access.timeoutMs ?? TIMEOUT_MS);
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { accept: 'application/json', ...headers },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([stop, timeout]),
      });
      return { status: answer.status, json: parsed(await firstOf(answer)) };
    } catch (cause) {
      return { cause };
    }
  }
}

type Tokens = { readonly gateway: string; readonly sso: string };

/** As much of an answer as is looked at. */
async function firstOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    parts.push(part);
    size += part.length;
    if (size >= MOST_HEARD) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
