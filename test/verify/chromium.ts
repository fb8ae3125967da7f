import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { notTested } from '../engines/not-tested.ts';
import type { Answer, Verifier } from './answer.ts';
import { APP } from './python.ts';

export const VERIFY_HTML = join(APP, 'verify.html');

/** Whether a browser can be started here. */
export const hasChromium = spawnSync('chromium', ['--version']).status === 0;

if (!hasChromium) notTested('verify.html: there is no chromium; install it to have it tested');

type Message = {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
};

/** verify.html in a headless Chromium of its own, from file://, over the pipe of the DevTools protocol. */
export class Chromium implements Verifier {
  /** What the page asked for: URLs; and what its policy or its programs complained of. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #events = new Map<string, () => void>();
  #session: string | undefined;
  #last = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly directory: string,
  ) {
    let rest = '';
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#hear(JSON.parse(message) as Message);
    });
  }

  static async start(): Promise<Chromium> {
    const directory = mkdtempSync(join(tmpdir(), 'jejak-chromium-'));
    const flags = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--remote-debugging-pipe',
      `--user-data-dir=${directory}`,
      'about:blank',
    ];
    const child = spawn('chromium', flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    const page = new Chromium(child, directory);
    const { targetId } = await page.say('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await page.say('Target.attachToTarget', { targetId, flatten: true });
    page.#session = sessionId as string;
    for (const domain of ['Page', 'Network', 'Runtime', 'Log', 'DOM']) await page.say(`${domain}.enable`);
    await page.open();
    return page;
  }

  /** Opens the page anew. */
  async open(): Promise<void> {
    const loaded = new Promise<void>((settle) => this.#events.set('Page.loadEventFired', settle));
    await this.say('Page.navigate', { url: pathToFileURL(VERIFY_HTML).href });
    await loaded;
  }

  verify(bundle: Buffer, policy?: string): Promise<Answer> {
    return this.run(
      (base64: string, text?: string) =>
        verifyBundle(
          Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
          text,
        ),
      bundle.toString('base64'),
      policy,
    );
  }

  verdicts(bundles: readonly Buffer[], policy: string): Promise<string[]> {
    return this.run(
      async (all: string[], text: string) => {
        const verdicts = [];
        for (const base64 of all) {
          const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          verdicts.push((await verifyBundle(bytes, text)).verdict);
        }
        return verdicts;
      },
      bundles.map((bundle) => bundle.toString('base64')),
      policy,
    );
  }

  flip(bundle: Buffer, policy: string, mask: number): Promise<string[]> {
    return this.run(
      async (base64: string, text: string, xor: number) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        const verdicts = [];
        for (const [at, byte] of bytes.entries()) {
          bytes[at] = byte ^ xor;
          verdicts.push((await verifyBundle(bytes, text)).verdict);
          bytes[at] = byte;
        }
        return verdicts;
      },
      bundle.toString('base64'),
      policy,
      mask,
    );
  }

  /** Runs a function, by its text, in the page. */
  async run<A extends readonly unknown[], T>(work: (...given: A) => T | Promise<T>, ...given: A): Promise<T> {
    return this.evaluate(`(${work})(${given.map((one) => JSON.stringify(one) ?? 'undefined').join(',')})`);
  }

  /** The value of an expression in the page, or what its promise comes to. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.say('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** Chooses a file as a user does. */
  async choose(selector: string, file: string): Promise<void> {
    const { root } = await this.say('DOM.getDocument');
    const { nodeId } = await this.say('DOM.querySelector', {
      nodeId: (root as { nodeId: number }).nodeId,
      selector,
    });
    await this.say('DOM.setFileInputFiles', { nodeId, files: [file] });
  }

  async close(): Promise<void> {
    await this.say('Browser.close');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    rmSync(this.directory, { recursive: true, maxRetries: 5 });
  }

  /** One command of the DevTools protocol, and what it gives. */
  async say(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const { result, error } = await new Promise<Message>((settle) => {
      this.#waiting.set(id, settle);
      const session = this.#session === undefined ? {} : { sessionId: this.#session };
      (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  #hear({ id, method, params, ...said }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(said);
      this.#waiting.delete(id);
      return;
    }
    if (method === 'Network.requestWillBeSent')
      this.requests.push((params as { request: { url: string } }).request.url);
    if (method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown')
      this.complaints.push(JSON.stringify(params));
    this.#events.get(method ?? '')?.();
  }
}

/** What the page offers. */
declare function verifyBundle(bytes: Uint8Array, policy?: string): Promise<Answer>;
