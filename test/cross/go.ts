import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { notTested } from '../engines/not-tested.ts';

/** What another implementation of logs and notes is built with: Debian's packages, nothing from the network. */
const env = {
  ...process.env,
  GO111MODULE: 'off',
  GOPATH: '/usr/share/gocode',
  GOFLAGS: '',
  CGO_ENABLED: '0',
};
const PACKAGES = ['golang.org/x/mod/sumdb/note', 'golang.org/x/mod/sumdb/tlog'];

/** Whether that implementation can be asked here. */
export const hasGo = spawnSync('go', ['list', ...PACKAGES], { env }).status === 0;

if (!hasGo)
  notTested(
    "against Go's logs and notes: install golang-go and golang-golang-x-mod-dev to have them compared with ours",
  );

/** Hashes and bytes in base64, sizes as decimals; `main.go` says what is asked how. */
export type Question = { readonly ask: string } & Readonly<Record<string, unknown>>;
type Answer = Record<string, never> & { readonly malformed?: string; readonly refused?: string };

/** One process that answers questions in turn. */
export class Go {
  readonly #child;
  readonly #ended: Promise<unknown>;
  readonly #waiting: { answer: (line: string) => void; fail: (why: Error) => void }[] = [];

  private constructor(readonly directory: string) {
    this.#child = spawn(join(directory, 'cross'), { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.answer(line));
    this.#ended = once(this.#child, 'close').then(() => {
      for (const { fail } of this.#waiting) fail(new Error('the process of Go ended before it answered'));
    });
  }

  static async start(): Promise<Go> {
    const directory = mkdtempSync(join(tmpdir(), 'jejak-go-'));
    const source = join(import.meta.dirname, 'main.go');
    await promisify(execFile)('go', ['build', '-o', join(directory, 'cross'), source], { env });
    return new Go(directory);
  }

  /** What Go answers; fails where it refuses. */
  async ask<Said>(question: Question): Promise<Said> {
    const said = await this.#send(question);
    if (said.refused !== undefined) throw new Error(`Go refused ${question.ask}: ${said.refused}`);
    return said as Said;
  }

  /** What Go answers, or nothing where it refuses. */
  async try<Said>(question: Question): Promise<Said | undefined> {
    const said = await this.#send(question);
    return said.refused === undefined ? (said as Said) : undefined;
  }

  /** Whether Go accepts what it is asked to check. */
  async accepts(question: Question): Promise<boolean> {
    return (await this.try(question)) !== undefined;
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
    rmSync(this.directory, { recursive: true });
  }

  /** A question that Go does not understand is a fault of the test, never a refusal. */
  async #send(question: Question): Promise<Answer> {
    const line = await new Promise<string>((answer, fail) => {
      this.#waiting.push({ answer, fail });
      this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    });
    const said = JSON.parse(line) as Answer;
    if (said.malformed !== undefined) throw new Error(`Go does not understand: ${said.malformed}`);
    return said;
  }
}
