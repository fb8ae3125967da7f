import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const SERVER = resolve(import.meta.dirname, '../../dist/apps/server/src/main.js');

/** A process of the service with some roles (`npm run build` first). */
export class Process {
  url = '';
  private constructor(readonly child: ChildProcess) {}

  static async start(env: Record<string, string>): Promise<Process> {
    const child = spawn(process.execPath, [SERVER], {
      env: { ...process.env, PORT: '0', LOG_LEVEL: 'info', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const started = new Process(child);
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      started.url = /http:\S+/.exec(line)?.[0] ?? '';
      if (started.url) break;
    }
    return started;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    this.child.kill(signal);
    return (await once(this.child, 'exit'))[0] as number | null;
  }
}
