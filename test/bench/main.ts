import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { answers } from '../engines/postgres.ts';
import { deliveryFeed, deliveryStream, deliveryWebhooks } from './delivery.ts';
import { jejak, peer, raw } from './engines.ts';
import { followerLag } from './follower.ts';
import { importing } from './importing.ts';
import { kurrentJejak, kurrentRaw } from './kurrent.ts';
import { ledgerBundle, ledgerLag, ledgerLog, ledgerVerify } from './ledger.ts';
import type { Figures } from './measure.ts';
import { postgresFollow, postgresJejak, postgresPeer, postgresRaw } from './postgres.ts';
import { memory, rebuild } from './rebuild.ts';
import { rebuildOnPostgres } from './rebuild-postgres.ts';

/** Each contender in a process of its own, so that its peak memory is its own. */
const CONTENDERS: Readonly<Record<string, (n: number, where: string) => Promise<Figures>>> = {
  raw,
  jejak,
  peer,
  'postgres-raw': postgresRaw,
  'postgres-jejak': postgresJejak,
  'postgres-peer': postgresPeer,
  'postgres-follow': postgresFollow,
  'postgres-follower': followerLag,
  'kurrent-raw': kurrentRaw,
  'kurrent-jejak': kurrentJejak,
  rebuild,
  'postgres-rebuild': rebuildOnPostgres,
  memory,
  import: importing,
  'ledger-log': ledgerLog,
  'ledger-verify': ledgerVerify,
  'ledger-lag': ledgerLag,
  'ledger-bundle': ledgerBundle,
  'delivery-feed': deliveryFeed,
  'delivery-stream': deliveryStream,
  'delivery-webhooks': deliveryWebhooks,
};

const ME = fileURLToPath(import.meta.url);
const PEER = fileURLToPath(new URL('../../../test/bench/peer', import.meta.url));

const show = (value: number | string | undefined): string =>
  typeof value === 'number'
    ? value >= 100
      ? Math.round(value).toLocaleString('en')
      : value.toFixed(2)
    : (value ?? '-');

function alone(name: string, n: number): Figures {
  process.stderr.write(`${name}…\n`);
  const { stdout, status, stderr } = spawnSync(process.execPath, ['--expose-gc', ME, name, String(n)], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${name} failed: ${stderr.slice(-2_000)}`);
  // A peer may write of its own; the figures are the last line.
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as Figures;
}

const ratio = (a: Figures, b: Figures, task: string): string => {
  const [mine, other] = [a[task], b[task]];
  return typeof mine === 'number' && typeof other === 'number' ? (mine / other).toFixed(2) : '-';
};

/** Our engine between the limit and the peer, task by task: the middle of so many rounds in which they take turns. */
function compare(
  names: readonly [limit: string, ours: string, theirs: string],
  heads: string,
  rounds = 1,
): void {
  const runs = Array.from({ length: rounds }, () => names.map((name) => alone(name, 0)));
  const [limit, ours, theirs] = names.map((_, n) => middle(runs.map((run) => run[n] as Figures))) as [
    Figures,
    Figures,
    Figures,
  ];
  process.stdout.write(`\n${heads}\n| --- | ---: | ---: | ---: | ---: | ---: |\n`);
  for (const task of Object.keys(limit))
    process.stdout.write(
      `| ${task} | ${show(limit[task])} | ${show(ours[task])} | ${ratio(ours, limit, task)} | ${show(theirs[task])} | ${ratio(ours, theirs, task)} |\n`,
    );
}

/** The middle one of each figure. */
function middle(runs: readonly Figures[]): Figures {
  const tasks = Object.keys(runs[0] ?? {});
  return Object.fromEntries(
    tasks.map((task) => {
      const values = runs.map((run) => run[task] as number | string).sort((a, b) => Number(a) - Number(b));
      return [task, values[Math.floor(values.length / 2)] as number | string];
    }),
  );
}

function installPeers(): void {
  if (!existsSync(`${PEER}/node_modules/@event-driven-io/emmett-postgresql`))
    spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: PEER, stdio: ['ignore', 2, 2] });
}

async function compareEngines(): Promise<void> {
  installPeers();
  compare(
    ['raw', 'jejak', 'peer'],
    '| log on SQLite | raw better-sqlite3 | jejak | of raw | emmett-sqlite | times peer |',
  );
  if (await answers()) {
    compare(
      ['postgres-raw', 'postgres-jejak', 'postgres-peer'],
      '| log on PostgreSQL | raw pg | jejak | of raw | emmett-postgresql | times peer |',
      3,
    );
    report('follow the log on PostgreSQL', alone('postgres-follow', 0));
    report('journal and views on PostgreSQL behind 2,000 appends/s', alone('postgres-follower', 0));
  } else
    process.stderr.write(
      'NOT MEASURED on PostgreSQL: no server answers; start one and name it in TEST_POSTGRES_URL\n',
    );
}

/** What the adapter adds to the bare client; the server is a double, so that the figures say nothing of KurrentDB. */
function compareKurrent(): void {
  const [bare, ours] = [alone('kurrent-raw', 0), alone('kurrent-jejak', 0)];
  process.stdout.write(
    '\n| log in KurrentDB (double) | bare client | jejak | of bare |\n| --- | ---: | ---: | ---: |\n',
  );
  for (const task of Object.keys(bare))
    process.stdout.write(
      `| ${task} | ${show(bare[task])} | ${show(ours[task])} | ${ratio(ours, bare, task)} |\n`,
    );
}

function report(title: string, figures: Figures): void {
  process.stdout.write(`\n| ${title} | |\n| --- | ---: |\n`);
  for (const [task, value] of Object.entries(figures)) process.stdout.write(`| ${task} | ${show(value)} |\n`);
}

function reportRebuild(title: string, figures: Figures): void {
  report(title, figures);
  const part = ratio(
    { x: figures['rebuild all views, events/s'] ?? 0 },
    { x: figures['raw fold of the same tables, events/s'] ?? 1 },
    'x',
  );
  process.stdout.write(`| rebuild of all views, of the raw fold | ${part} |\n`);
}

/** The tree and its checking beside bare hashing, and what has a goal beside it. */
function reportLedger(events: number): void {
  report('tree and verifyLog on SQLite', alone('ledger-log', events));
  report('two witnesses behind 1,000 appends/s on SQLite', alone('ledger-lag', 0));
  report('bundle of one person', alone('ledger-bundle', 0));
}

/** How fast events go out, beside reading them raw and posting them bare. */
function reportDelivery(events: number): void {
  report('feed on SQLite', alone('delivery-feed', Math.min(events, 200_000)));
  report('stream', alone('delivery-stream', 0));
  report('webhooks', alone('delivery-webhooks', 0));
}

/** `npm run bench [-- EVENTS [PEOPLE]]`: how many events to rebuild from, how many people to import. */
async function main(asked: readonly string[]): Promise<void> {
  const contender = CONTENDERS[asked[0] ?? ''];
  if (contender) {
    process.stdout.write(JSON.stringify(await contender(Number(asked[1]), asked[2] ?? '')));
    return;
  }
  const [events = 1_000_000, people = 100_000] = asked.map(Number);
  await compareEngines();
  compareKurrent();
  reportRebuild('rebuild on SQLite', alone('rebuild', events));
  if (await answers()) reportRebuild('rebuild on PostgreSQL', alone('postgres-rebuild', events));
  report('import', alone('import', people));
  reportLedger(events);
  reportDelivery(events);
}

await main(process.argv.slice(2));
