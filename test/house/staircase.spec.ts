import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** A file that breaks a rule, and the rule that must name it. */
const PLANTED: readonly [rule: string, file: string, text: string][] = [
  [
    'domain-imports-only-itself',
    'libs/domain/src/planted.ts',
    "export { canonical } from '@app/event-store';",
  ],
  [
    'only-specs-use-test',
    'libs/journal/src/planted.ts',
    "export { hasPostgres } from '../../../test/engines/databases.ts';",
  ],
  ['domain-is-pure', 'libs/domain/src/planted.ts', "export { join } from 'node:path';"],
  [
    'event-store-imports-only-domain',
    'libs/event-store/src/planted.ts',
    "export { Journal } from '@app/journal';",
  ],
  ['proof-imports-only-itself', 'libs/proof/src/planted.ts', "export { canonical } from '@app/event-store';"],
  [
    'ledger-imports-only-proof-and-journal-and-event-store-and-domain',
    'libs/ledger/src/planted.ts',
    "export { VIEWS } from '@app/projections';",
  ],
  [
    'journal-imports-only-proof-and-event-store-and-domain',
    'libs/journal/src/planted.ts',
    "export { VIEWS } from '@app/projections';",
  ],
  [
    'people-imports-only-journal-and-event-store-and-domain',
    'libs/people/src/planted.ts',
    "export { VIEWS } from '@app/projections';",
  ],
  [
    'projections-imports-only-journal-and-event-store-and-domain',
    'libs/projections/src/planted.ts',
    "export { People } from '@app/people';",
  ],
  [
    'jobs-imports-only-journal-and-event-store-and-domain',
    'libs/jobs/src/planted.ts',
    "export { People } from '@app/people';",
  ],
  [
    'delivery-imports-only-jobs-and-journal-and-event-store-and-domain',
    'libs/delivery/src/planted.ts',
    "export { People } from '@app/people';",
  ],
  [
    'siasn-imports-only-jobs-and-people-and-projections-and-journal-and-event-store-and-domain',
    'libs/siasn/src/planted.ts',
    "export { Tree } from '@app/ledger';",
  ],
  [
    'record-imports-only-delivery-and-ledger-and-proof-and-jobs-and-people-and-projections-and-journal-and-event-store-and-domain',
    'libs/record/src/planted.ts',
    "export { importSiasn } from '@app/siasn';",
  ],
  ['engine-behind-the-port', 'libs/journal/src/planted.ts', "export { default } from 'better-sqlite3';"],
  [
    'kurrent-client-in-one-file',
    'libs/event-store/src/planted.ts',
    "export { jsonEvent } from '@eventstore/db-client';",
  ],
  ['config-imports-nothing-of-ours', 'config/planted.ts', "export { canonical } from '@app/event-store';"],
  ['only-apps-read-config', 'libs/journal/src/planted.ts', "export { readSettings } from '@app/config';"],
  [
    'through-the-door',
    'libs/journal/src/planted.ts',
    "export { canonical } from '../../event-store/src/canonical.ts';",
  ],
  ['apps-are-strangers', 'apps/cli/src/planted.ts', "export * from '../../server/src/main.ts';"],
  ['sdk-stands-alone', 'apps/sdk/src/planted.ts', "export type { CloudEvent } from '@app/delivery';"],
  ['no-cycles', 'libs/journal/src/leaf.ts', "export * from './journal.ts';"],
  ['no-orphans', 'libs/journal/src/planted.ts', 'export const alone = 1;'],
];

describe('the staircase', () => {
  let house: string;

  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'jejak-house-'));
    for (const part of [
      'apps',
      'libs',
      'config',
      'test',
      'tsconfig.json',
      '.dependency-cruiser.mjs',
      'package.json',
    ])
      cpSync(join(root, part), join(house, part), {
        recursive: true,
        filter: (from) => !from.includes('node_modules'),
      });
    symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  });
  afterAll(() => rmSync(house, { recursive: true, force: true }));

  const cruise = (...folders: string[]) =>
    spawnSync(
      process.execPath,
      [cruiser, ...folders, '--config', '.dependency-cruiser.mjs', '--output-type', 'err'],
      {
        cwd: house,
        encoding: 'utf8',
      },
    );

  it('is kept by the house as it stands', () => {
    const { status, stdout } = cruise('apps', 'libs', 'config', 'test');
    expect({ status, stdout: status === 0 ? '' : stdout }).toEqual({ status: 0, stdout: '' });
  });

  it.each(PLANTED)('is guarded: %s', (rule, file, text) => {
    const path = join(house, file);
    const before = spawnSync('cat', [path], { encoding: 'utf8' });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${before.stdout}\n${text}\n`);
    try {
      const { status, stdout } = cruise(file);
      expect(status).not.toBe(0);
      expect(stdout).toContain(rule);
    } finally {
      if (before.status === 0) writeFileSync(path, before.stdout);
      else rmSync(path);
    }
  });

  it('has a planted violation for every rule', async () => {
    const names = JSON.parse(
      execFileSync(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `import c from ${JSON.stringify(join(root, '.dependency-cruiser.mjs'))}; console.log(JSON.stringify(c.forbidden.map((r) => r.name)))`,
        ],
        { encoding: 'utf8' },
      ),
    ) as string[];
    expect(new Set(PLANTED.map(([rule]) => rule))).toEqual(new Set(names));
  });
});
