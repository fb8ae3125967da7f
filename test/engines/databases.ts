import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import pg from 'pg';

/** A database of its own for one test: where it is (a file, or a URL), and how to be rid of it. */
export type Place = { readonly where: string; readonly remove: () => Promise<void> };

const SERVER = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test';

/** Runs tests once on each dialect; the one on PostgreSQL is passed over, loudly, where no server answers. */
export function describeDialects(name: string, tests: (place: () => Promise<Place>) => void): void {
  describe(`${name}, on SQLite`, () => tests(aFile));
  (hasPostgres ? describe : describe.skip)(`${name}, on PostgreSQL`, () => tests(aSchema));
}

/** Whether a PostgreSQL server answers here. */
export const hasPostgres = await answers();

if (!hasPostgres)
  notTested('on PostgreSQL: no server answers; start one and name it in TEST_POSTGRES_URL to have it tested');

/** Says loudly what is passed over; where the servers must be there, it is a failure. */
export function notTested(what: string): void {
  if (process.env.REQUIRE_SERVERS) throw new Error(`NOT TESTED ${what}`);
  process.stderr.write(`NOT TESTED ${what}\n`);
}

export async function aFile(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'jejak-'));
  return {
    where: join(directory, 'jejak.db'),
    remove: async () => rmSync(directory, { recursive: true }),
  };
}

let made = 0;

/** A schema of its own on the server. */
export async function aSchema(): Promise<Place> {
  const schema = `jejak_${process.pid}_${Date.now().toString(36)}_${made++}`;
  await run(`CREATE SCHEMA ${schema}`);
  const url = new URL(SERVER);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return {
    // pg takes a plus sign for itself.
    where: url.href.replaceAll('+', '%20'),
    remove: () => run(`SET client_min_messages = error; DROP SCHEMA ${schema} CASCADE`),
  };
}

/** One statement on the server. */
export async function run(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function answers(): Promise<boolean> {
  try {
    await run('SELECT 1');
    return true;
  } catch {
    return false;
  }
}
