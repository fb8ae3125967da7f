import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(process.cwd(), 'test/kurrent-double/main.mjs');

/** A double in a process of its own, which can be frozen and killed. Its log is lost with it. */
export class KurrentChild {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    readonly url: string,
  ) {}

  static async start(port = 0): Promise<KurrentChild> {
    const child = spawn(process.execPath, [MAIN, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [line] = (await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(() => Promise.reject(new Error('the double ended before it listened'))),
    ])) as [string];
    lines.close();
    const said = JSON.parse(line) as { port: number; url: string };
    return new KurrentChild(child, said.port, said.url);
  }

  /** The process stands still, its connections stay open. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** Kills it, frozen or not. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
