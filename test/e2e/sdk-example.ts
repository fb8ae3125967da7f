import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** An example as a user starts it (`npm run build` first). */
export class Example {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  stderr = '';

  constructor(name: string, words: readonly string[], env: Record<string, string>) {
    const file = `dist/apps/sdk/examples/${name}.js`;
    this.child = spawn(process.execPath, [file, ...words], { env: { ...process.env, ...env } });
    this.#lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream })[
      Symbol.asyncIterator
    ]();
    this.child.stderr?.on('data', (text) => {
      this.stderr += text;
    });
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    return (await this.#lines.next()).value ?? `(it ended) ${this.stderr}`;
  }

  /** Its lines until one is like that. */
  async until(like: RegExp): Promise<string> {
    for (;;) {
      const line = await this.line();
      if (like.test(line) || line.startsWith('(it ended)')) return line;
    }
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    return (await ended)[0] as number | null;
  }
}
