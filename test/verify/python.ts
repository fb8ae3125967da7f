import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { notTested } from '../engines/not-tested.ts';
import type { Answer, Known, Verifier } from './answer.ts';

export const APP = join(process.cwd(), 'apps/verify');
export const VERIFY_PY = join(APP, 'verify.py');

const has = (program: string, argument: string) => spawnSync(program, [argument]).status === 0;

/** Whether verify.py can run here. */
export const hasPython = has('python3', '--version') && has('openssl', 'version');

if (!hasPython) notTested('verify.py: there is no python3, or no openssl; install them to have it tested');

/** verify.py as a module, in a process of its own. */
export class Python implements Verifier {
  readonly #child = spawn('python3', [join(import.meta.dirname, 'drive.py'), APP], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  readonly #waiting: ((line: string) => void)[] = [];

  constructor() {
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.(line));
  }

  verify(bundle: Buffer, policy?: string, known: readonly Known[] = []): Promise<Answer> {
    return this.#ask({ bundle: bundle.toString('base64'), policy, known });
  }

  async verdicts(
    bundles: readonly Buffer[],
    policy: string,
    known: readonly Known[] = [],
  ): Promise<string[]> {
    await this.#ask({ bundle: '', known });
    const answers = await Promise.all(bundles.map((bundle) => this.verify(bundle, policy)));
    return answers.map(({ verdict }) => verdict);
  }

  flip(bundle: Buffer, policy: string, mask: number): Promise<string[]> {
    return this.#ask({ bundle: bundle.toString('base64'), policy, flip: mask });
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await once(this.#child, 'exit');
  }

  async #ask<T>(request: object): Promise<T> {
    const line = await new Promise<string>((settle) => {
      this.#waiting.push(settle);
      this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    const { answer, crash } = JSON.parse(line) as { answer?: T; crash?: string };
    if (crash !== undefined || answer === undefined) throw new Error(crash);
    return answer;
  }
}
