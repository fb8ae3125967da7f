import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const CLI = join(process.cwd(), 'dist/apps/cli/src/main.js');

export type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** The command line as a process of its own (`npm run build` first); it does not hold up the servers of this one. */
export function jejak(
  args: readonly string[],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([status]) => ({ status, stdout, stderr }) as Ended);
  return { child, ended };
}

/** What it says as JSON, where it ends well. */
export async function told<T>(args: readonly string[], env: Record<string, string> = {}): Promise<T> {
  const { status, stdout, stderr } = await jejak([...args, '--json'], env).ended;
  if (status !== 0) throw new Error(`jejak ${args[0]} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
