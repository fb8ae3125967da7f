import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BknAccess } from '@app/siasn';

const TOKEN = '/oauth2/token';
const SSO = '/auth/realms/public-siasn/protocol/openid-connect/token';
const API = '/apisiasn/1.0';
const ACCOUNT = { consumerKey: 'kunci', consumerSecret: 'rahasia-gerbang' };
const OFFICIAL = { clientId: 'sibolgaservice', username: 'petugas', password: 'rahasia-sso' };

type Reply = { readonly status: number; readonly json: unknown };
/** How a save is answered instead; `hang up`: the connection ends without an answer; `late`: never. */
export type Instead = Reply | 'hang up' | 'late' | 'taken, then hang up' | 'redirect';

/**
 * A double of BKN's web service, as its public clients know it: two tokens, the services that save rows, answers like
 * `{success, message, mapData}` and `{code: 0, message}`. It was never compared with the service itself.
 */
export class SiasnDouble {
  readonly saved: {
    readonly service: string;
    readonly body: Record<string, unknown>;
    readonly id: string;
  }[] = [];
  readonly asked = { gateway: 0, sso: 0, saves: 0, elsewhere: 0 };
  /** How the next saves are answered, in turn. */
  readonly instead: Instead[] = [];
  /** How long tokens last, in seconds, as told. */
  lasts = 3600;
  /** Tokens of before are not taken any more. */
  #generation = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<SiasnDouble> {
    const double = new SiasnDouble();
    await new Promise<void>((listening) => double.#server.listen(0, '127.0.0.1', listening));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get access(): BknAccess {
    return {
      ...ACCOUNT,
      ...OFFICIAL,
      tokenUrl: `${this.url}${TOKEN}`,
      ssoUrl: `${this.url}${SSO}`,
      apiUrl: `${this.url}${API}`,
    };
  }

  /** Every token given so far is refused from now on. */
  endTokens(): void {
    this.#generation += 1;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const text = await textOf(request);
    if (path === TOKEN) return reply(response, this.#gateway(request, text));
    if (path === SSO) return reply(response, this.#sso(text));
    if (!path.startsWith(`${API}/`)) {
      this.asked.elsewhere += 1;
      return reply(response, { status: 404, json: { message: 'No matching resource found' } });
    }
    this.asked.saves += 1;
    const fault = this.#tokenFault(request);
    if (fault) return reply(response, fault);
    return this.#save(path.slice(API.length + 1), JSON.parse(text), response);
  }

  #save(service: string, body: Record<string, unknown>, response: ServerResponse): void {
    const instead = this.instead.shift();
    if (instead === 'late') return;
    if (instead === 'hang up') return void response.destroy();
    if (instead === 'redirect') {
      response.writeHead(302, { location: `${this.url}/elsewhere` }).end();
      return;
    }
    if (typeof instead === 'object') {
      reply(response, instead);
      return;
    }
    const id = `rw-${this.saved.length + 1}`;
    this.saved.push({ service, body, id });
    if (instead === 'taken, then hang up') return void response.destroy();
    reply(response, {
      status: 200,
      json: { success: true, message: 'success', mapData: mapDataOf(service, id) },
    });
  }

  #gateway({ headers }: IncomingMessage, text: string): Reply {
    this.asked.gateway += 1;
    const key = Buffer.from(`${ACCOUNT.consumerKey}:${ACCOUNT.consumerSecret}`).toString('base64');
    const isSo = headers.authorization === `Basic ${key}` && text === 'grant_type=client_credentials';
    return isSo ? this.#token('gateway') : { status: 401, json: { error: 'invalid_client' } };
  }

  #sso(text: string): Reply {
    this.asked.sso += 1;
    const { client_id, username, password, grant_type } = Object.fromEntries(new URLSearchParams(text));
    const isSo =
      grant_type === 'password' &&
      client_id === OFFICIAL.clientId &&
      username === OFFICIAL.username &&
      password === OFFICIAL.password;
    return isSo ? this.#token('sso') : { status: 401, json: { error: 'invalid_grant' } };
  }

  #token(of: 'gateway' | 'sso'): Reply {
    const access_token = `${of}-${this.#generation}`;
    return { status: 200, json: { access_token, token_type: 'Bearer', expires_in: this.lasts } };
  }

  #tokenFault({ headers }: IncomingMessage): Reply | undefined {
    if (headers.authorization !== `Bearer gateway-${this.#generation}`)
      return { status: 401, json: { code: '900901', message: 'Invalid Credentials' } };
    return headers.auth === `bearer sso-${this.#generation}`
      ? undefined
      : { status: 401, json: { code: 0, message: 'invalid or expired jwt' } };
  }
}

/** Some services give the id alone, others in an object, each under a name of its own. */
function mapDataOf(service: string, id: string): unknown {
  if (service === 'jabatan/unorjabatan/save') return { rwJabatanId: id };
  return service === 'hukdis/save' ? { rwHukdisId: id } : id;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function reply(response: ServerResponse, { status, json }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}
