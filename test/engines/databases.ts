import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { notTested } from './not-tested.ts';
import { answers, aSchema, type Place, run } from './postgres.ts';

export { aSchema, type Place, run };

/** Runs tests once on each dialect; the one on PostgreSQL is passed over, loudly, where no server answers. */
export function describeDialects(name: string, tests: (place: () => Promise<Place>) => void): void {
  describe(`${name}, on SQLite`, () => tests(aFile));
  (hasPostgres ? describe : describe.skip)(`${name}, on PostgreSQL`, () => tests(aSchema));
}

/** Whether a PostgreSQL server answers here. */
export const hasPostgres = await answers();

if (!hasPostgres)
  notTested('on PostgreSQL: no server answers; start one and name it in TEST_POSTGRES_URL to have it tested');

export async function aFile(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'jejak-'));
  return {
    where: join(directory, 'jejak.db'),
    remove: async () => rmSync(directory, { recursive: true }),
  };
}
