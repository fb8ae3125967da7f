import pg from 'pg';

/** A database of its own: where it is (a file, or a URL), and how to be rid of it. */
export type Place = { readonly where: string; readonly remove: () => Promise<void> };

export const SERVER = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test';

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

/** Whether a PostgreSQL server answers here. */
export async function answers(): Promise<boolean> {
  try {
    await run('SELECT 1');
    return true;
  } catch {
    return false;
  }
}
