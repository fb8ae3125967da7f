/**
 * Makes sure that what a command needs is there: the packages of the lockfile, and the built programs.
 * Needs nothing but Node and npm, so it is the first thing that `npm run demo`, `npm test` and `npm start` run.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const least = [20, 19];

/** Hash of files by path and content. */
const fingerprint = (files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
};

const sources = (folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter(
      (name) => /\.(ts|json)$/.test(name) && !/\.spec\.ts$/.test(name) && statSync(join(root, name)).isFile(),
    )
    .sort();

/** Runs `work` unless it was done for these very files. */
function once(stamp, files, what, work) {
  const mark = join(root, stamp);
  const now = fingerprint(files);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === now) return;
  process.stderr.write(`${what}\n`);
  work();
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(mark, now);
}

function npm(...args) {
  const { status } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    process.stderr.write(`npm ${args.join(' ')} failed; mend what it says and run the command again\n`);
    process.exit(1);
  }
}

/** Installs what is missing, and builds what is not built from these very sources. */
export function ensure() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < least[0] || (major === least[0] && minor < least[1])) {
    process.stderr.write(
      `Node ${process.versions.node} is too old; Node ${least.join('.')} or newer is needed\n`,
    );
    process.exit(1);
  }
  once('node_modules/.installed', ['package-lock.json'], 'Memasang paket… / Installing packages…', () =>
    npm('ci', '--no-audit', '--no-fund', '--loglevel=error'),
  );
  const built = [
    'apps',
    'libs',
    'config',
    'test/bench',
    'test/contracts',
    'test/engines',
    'test/invent',
    'test/tamper',
  ].flatMap(sources);
  once(
    'dist/.built',
    ['package-lock.json', 'tsconfig.json', 'nest-cli.json', ...built],
    'Membangun… / Building…',
    () => npm('run', '-s', 'build'),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensure();
