import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@app/config';
import type { Evidence } from '@app/domain/event';
import { recordUnit, UNIT, unitStream } from '@app/domain/unit';
import { uuidv7 } from '@app/event-store';
import { mintLocalToken, type Role } from '@app/people';
import { OpenRecord } from '@app/record';
import { type AppOptions, createApp } from '../../apps/server/src/create-app.ts';

/** The day it is in these tests. */
export const TODAY = '2026-03-01';

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer
  readonly body: any;
};
type Ask = { headers?: Record<string, string>; body?: unknown; raw?: string | Buffer };

type Starting = AppOptions & { readonly env?: Readonly<Record<string, string>> };

/** A server on a record of its own, that listens in this process. */
export class Server {
  private constructor(
    readonly dir: string,
    readonly record: OpenRecord,
    readonly app: Awaited<ReturnType<typeof createApp>>,
    readonly url: string,
    private readonly tokens: ReadonlyMap<string, string>,
  ) {}

  static async start(subject?: string, { env = {}, ...options }: Starting = {}): Promise<Server> {
    const dir = mkdtempSync(join(tmpdir(), 'jejak-http-'));
    const record = await OpenRecord.open(dir, () => TODAY);
    const settings = readSettings({ DATA_DIR: dir, NODE_ENV: 'test', ...env });
    const app = await createApp(settings, record, options);
    await record.catchUp();
    await app.listen(0, '127.0.0.1');
    const tokens = new Map<string, string>();
    for (const role of ['inspektorat', 'bkpsdm', 'pimpinan', 'pegawai', 'integrator'] as const)
      tokens.set(role, await mintLocalToken(dir, { role, sub: role, ...(subject ? { subject } : {}) }, 3600));
    return new Server(dir, record, app, await app.getUrl(), tokens);
  }

  token(role: Role, subject: string): Promise<string> {
    return mintLocalToken(this.dir, { role, sub: `${role} of ${subject}`, subject }, 3600);
  }

  /** Asks as somebody in a role (or with a whole token; nobody: without one). */
  async ask(as: string | undefined, method: string, url: string, ask: Ask = {}): Promise<Reply> {
    const payload = ask.raw ?? (ask.body === undefined ? null : JSON.stringify(ask.body));
    const answer = await fetch(this.url + url, {
      method,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${this.tokens.get(as) ?? as}` }),
        'x-purpose': 'uji',
        ...(payload === null ? {} : { 'content-type': 'application/json' }),
        ...ask.headers,
      },
      body: typeof payload === 'string' ? payload : payload && new Uint8Array(payload),
    });
    const headers = Object.fromEntries(answer.headers.entries());
    const text = await answer.text();
    const isJson = text !== '' && /[/+]json/.test(headers['content-type'] ?? '');
    const body = isJson ? JSON.parse(text) : text;
    return { status: answer.status, headers, body };
  }

  /** A command of the BKPSDM to a record, at any revision unless the headers say otherwise. */
  command(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const url = `/v1/civil-servants${path}`;
    return this.ask('bkpsdm', 'POST', url, { body, headers: { 'if-match': '*', ...headers } });
  }

  /** A question of the Inspektorat, when everything that was written is in the views. */
  async read(url: string): Promise<Reply> {
    await this.record.catchUp();
    return this.ask('inspektorat', 'GET', url);
  }

  /** Registers somebody; gives the subject. */
  async register(n: number): Promise<string> {
    const { body } = await this.command('', registration(n));
    return String(body.stream).slice('civilServant-'.length);
  }

  /** Has a document kept; gives what commands name it by. */
  async document(content = '%PDF-1.7 rekaan', mediaType = 'application/pdf'): Promise<Evidence> {
    const headers = { 'content-type': mediaType };
    const { status, body } = await this.ask('bkpsdm', 'PUT', '/v1/evidence', { raw: content, headers });
    if (status >= 300) throw new Error(`the document was not kept: ${status}`);
    return { sha256: body.sha256, size: body.size, mediaType: body.mediaType };
  }

  /** Puts a unit kerja on the record, as the import does. */
  async unit(id: string): Promise<void> {
    const commandId = uuidv7();
    await this.record.transact(
      UNIT,
      unitStream(id),
      { actor: 'import', role: 'bkpsdm', commandId, correlationId: commandId, askedAt: Date.now() },
      (unit) => recordUnit(id, { name: `Unit ${id}` }, unit),
    );
  }

  /** How many events the log holds. */
  async written(): Promise<number> {
    return (await this.record.store.readAll(undefined, 1_000_000)).length;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.record.close();
    rmSync(this.dir, { recursive: true });
  }
}

/** The nth invented person, born in 1985. */
export const registration = (n: number) => ({
  person: { nip: `19850101201001${String(1000 + n)}`, name: `Orang Rekaan ${n}`, born: '1985-01-01' },
  kind: 'pns',
  tmt: '2010-01-01',
});
