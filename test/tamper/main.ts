import { rmSync } from 'node:fs';
import { answers, aSchema } from '../engines/postgres.ts';
import { ATTACKS } from './attacks/index.ts';
import { type Outcome, tried } from './detect.ts';
import { Lab } from './lab.ts';
import { ON_POSTGRES, triedOnPostgres } from './postgres.ts';
import { prepare } from './prepare.ts';

/** What is told of an attack: who said what, and `wrong`: who did not say what they must. */
type Told = Omit<Outcome, 'attack'> & {
  readonly name: string;
  readonly words: { readonly id: string; readonly en: string };
  readonly stays?: string;
};

const WIDTHS = [34, 20, 28, 100];
const row = (cells: readonly string[]): string =>
  cells
    .map((cell, n) => cell.slice(0, WIDTHS[n]).padEnd(WIDTHS[n] ?? 0))
    .join('  ')
    .trimEnd();

const asJson = process.argv.includes('--json');
const only = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const isAsked = (name: string): boolean => only.length === 0 || only.includes(name);

// Each `verify` listens for an interrupt.
process.setMaxListeners(0);
const told = [...(await onFiles()), ...(await onPostgres())];
const failed = told.filter(({ wrong }) => wrong.length > 0);
process.stdout.write(asJson ? `${JSON.stringify(told)}\n` : textOf(told));
process.exitCode = failed.length > 0 || told.length === 0 ? 1 : 0;

async function onFiles(): Promise<Told[]> {
  const prepared = await prepare();
  const outcomes: Told[] = [];
  try {
    for (const attack of ATTACKS.filter(({ name }) => isAsked(name))) {
      const { said, wrong } = await tried(attack, new Lab(prepared));
      const { name, words, stays } = attack;
      outcomes.push({ name, words, said, wrong, ...(stays === undefined ? {} : { stays }) });
    }
  } finally {
    rmSync(prepared.directory, { recursive: true });
  }
  return outcomes;
}

async function onPostgres(): Promise<Told[]> {
  const names = Object.keys(ON_POSTGRES).filter((name) => isAsked(`postgres-${name}`));
  if (names.length > 0 && !(await answers())) {
    process.stderr.write(`NOT TRIED on PostgreSQL, where no server answers: ${names.join(', ')}\n`);
    return [];
  }
  const outcomes: Told[] = [];
  for (const name of names) {
    const { said, must } = await triedOnPostgres(name, await aSchema());
    const says = said.join(', ');
    outcomes.push({
      name: `postgres-${name}`,
      words: { id: 'seperti itu, di PostgreSQL', en: 'the same, on PostgreSQL' },
      said: { verify: { says, words: '' } },
      wrong: says === must.join(', ') ? [] : [`verify: ${says}, not ${must.join(', ')}`],
    });
  }
  return outcomes;
}

function textOf(all: readonly Told[]): string {
  const open = all.filter(({ stays, wrong }) => stays !== undefined && wrong.length === 0).length;
  const found = all.length - open - failed.length;
  return [
    row(['serangan / attack', 'siapa / who', 'temuan, posisi / finding, at', 'kata-katanya / in words']),
    ...all.flatMap(rowsOf),
    '',
    `${all.length} serangan / attacks: ${found} ditemukan / found; ${open} tidak, sebagaimana dinyatakan / not, as stated; ${failed.length} SALAH / WRONG`,
    '',
  ].join('\n');
}

function rowsOf({ name, words, said, wrong, stays }: Told): string[] {
  const found = Object.entries(said).map(([who, one], n) =>
    row([n === 0 ? name : '', who, one.says, one.words.split('\n')[0] ?? '']),
  );
  return [
    '',
    `${words.id} / ${words.en}`,
    ...found,
    ...(stays === undefined ? [] : [`TETAP TIDAK DITEMUKAN / STAYS UNDETECTED: ${stays}`]),
    ...wrong.map((one) => `SALAH / WRONG ${one}`),
  ];
}
