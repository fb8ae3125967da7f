import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEBIAN = '/usr/lib/postgresql';
const BIN = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
  .map((version) => join(DEBIAN, version, 'bin'))
  .filter((bin) => existsSync(join(bin, 'pg_ctl')))
  .at(-1);
/** PostgreSQL does not run as root. */
const isRoot = process.getuid?.() === 0;
const OWNER = isRoot ? idsOf('postgres') : undefined;

export const hasCluster = BIN !== undefined && (!isRoot || OWNER !== undefined);

if (!hasCluster)
  process.stderr.write(
    `NOT TESTED: a server that is restarted; install PostgreSQL (pg_ctl in ${DEBIAN}/*/bin, a user postgres) to have it tested\n`,
  );

/** A PostgreSQL server of one's own, in a temporary directory. */
export class PostgresCluster {
  static async start(): Promise<PostgresCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'jejak-cluster-'));
    if (OWNER) chownSync(directory, OWNER.uid, OWNER.gid);
    const cluster = new PostgresCluster(directory, await freePort());
    const data = join(directory, 'data');
    await cluster.#run(
      'initdb',
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-locale',
      '-N',
    );
    await cluster.#control('start');
    return cluster;
  }

  private constructor(
    private readonly directory: string,
    private readonly port: number,
  ) {}

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** As after a power cut: every connection is lost, and the server recovers from its log. */
  async crashAndRestart(): Promise<void> {
    await this.#control('restart', '-m', 'immediate');
  }

  async stop(): Promise<void> {
    await this.#control('stop', '-m', 'immediate');
  }

  async startAgain(): Promise<void> {
    await this.#control('start');
  }

  async remove(): Promise<void> {
    await this.stop().catch(() => undefined);
    rmSync(this.directory, { recursive: true });
  }

  async #control(...command: readonly string[]): Promise<void> {
    const options = `-p ${this.port} -k ${this.directory} -c listen_addresses=127.0.0.1`;
    const where = ['-D', join(this.directory, 'data'), '-l', join(this.directory, 'log'), '-o', options];
    await this.#run('pg_ctl', ...command, '-w', ...where);
  }

  async #run(program: string, ...args: readonly string[]): Promise<void> {
    const child = spawn(join(BIN ?? '', program), args, { ...OWNER, cwd: '/', stdio: 'ignore' });
    const [status] = await once(child, 'close');
    if (status === 0) return;
    const log = join(this.directory, 'log');
    throw new Error(`${program} ${args[0]} failed: ${existsSync(log) ? readFileSync(log, 'utf8') : status}`);
  }
}

function idsOf(user: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((which) => spawnSync('id', [which, user], { encoding: 'utf8' }));
  if (uid?.status !== 0 || gid?.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
