import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is promised of events (served, too), and of operations. Both are only ever written by `npm run contracts`. */
export const EVENTS_FILE = 'libs/delivery/contracts/events.json';
export const OPERATIONS_FILE = 'test/contracts/operations.json';

/** What stands in a file of the checkout at `root`; `otherwise`: where there is none yet. */
export function readJson<Value>(root: string, file: string, otherwise: Value): Value {
  const path = join(root, file);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Value) : otherwise;
}

/** Writes a file as the formatter would have it. */
export function writeJson(root: string, file: string, value: unknown): void {
  writeFileSync(join(root, file), JSON.stringify(value));
  const biome = join(root, 'node_modules/.bin/biome');
  const { status, stderr } = spawnSync(biome, ['format', '--write', file], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} could not be formatted: ${stderr}`);
}
