import { rmSync } from 'node:fs';
import { ATTACKS } from './attacks/index.ts';
import { type Outcome, tried } from './detect.ts';
import { Lab } from './lab.ts';
import { prepare } from './prepare.ts';

const asJson = process.argv.includes('--json');
const only = process.argv.slice(2).filter((word) => !word.startsWith('--'));

/** Each `verify` listens for an interrupt. */
process.setMaxListeners(0);

const prepared = await prepare();
const outcomes: Outcome[] = [];
try {
  for (const attack of ATTACKS.filter(({ name }) => only.length === 0 || only.includes(name))) {
    process.stderr.write(`${attack.name}…\n`);
    outcomes.push(await tried(attack, new Lab(prepared)));
  }
} finally {
  rmSync(prepared.directory, { recursive: true });
}

const failed = outcomes.filter(({ wrong }) => wrong.length > 0);
process.stdout.write(
  asJson ? `${JSON.stringify(outcomes.map(told))}\n` : `${outcomes.map(text).join('\n')}\n`,
);
process.stdout.write(asJson ? '' : summary());
process.exitCode = failed.length > 0 ? 1 : 0;

function told({ attack: { name, words, stays }, said, wrong }: Outcome) {
  return { name, words, said, wrong, ...(stays === undefined ? {} : { stays }) };
}

function text({ attack: { name, words, stays }, said, wrong }: Outcome): string {
  const rows = Object.entries(said).map(([detector, one]) => {
    const because = one.words === '' ? '' : `  ${one.words.split('\n')[0]?.slice(0, 110)}`;
    return `    ${detector.padEnd(20)} ${one.says.padEnd(26)}${because}`;
  });
  return [
    `${wrong.length > 0 ? 'SALAH / WRONG  ' : ''}${name}: ${words.id} / ${words.en}`,
    ...rows,
    ...(stays === undefined ? [] : [`    TIDAK DITEMUKAN / STAYS UNDETECTED: ${stays}`]),
    ...wrong.map((one) => `    !! ${one}`),
  ].join('\n');
}

function summary(): string {
  const open = outcomes.filter(({ attack }) => attack.stays !== undefined).length;
  return `\n${outcomes.length - open - failed.length} serangan ditemukan / attacks found, ${open} tidak / not (as stated), ${failed.length} salah / wrong\n`;
}
