import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { notTested } from './not-tested.ts';

/** Whether a Redis of one's own can be started here. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

if (!hasRedis) notTested('with Redis: there is no redis-server; install it to have it tested');

/** A Redis of one's own on a free port: it keeps nothing, can be flushed, killed and started again. */
export class RedisServer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'jejak-redis-'));
  #child: ReturnType<typeof spawn> | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ['--port', `${this.port}`, '--save', '', '--appendonly', 'no', '--dir', this.#directory];
    this.#child = spawn('redis-server', options, { stdio: 'ignore' });
    while (!(await this.#says('PING', 'PONG'))) await wait(20);
  }

  async flush(): Promise<void> {
    await this.#says('FLUSHALL', 'OK');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true });
  }

  #says(command: string, answer: string): Promise<boolean> {
    return new Promise((settle) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(`${command}\r\n`));
      socket.once('data', (said) => {
        settle(said.toString().includes(answer));
        socket.destroy();
      });
      socket.once('error', () => settle(false));
    });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
