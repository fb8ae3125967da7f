import { join } from 'node:path';
import { readSettings } from '@app/config';
import { embedded, OpenRecord, todayIn } from '@app/record';
import { access } from './access.command.ts';
import { backup, restore } from './backup.command.ts';
import { bundle } from './bundle.command.ts';
import { type Call, type Command, helpOf, parse, type Say, Usage } from './command.ts';
import { copy } from './copy.command.ts';
import { copyPeopleCommand } from './copy-people.command.ts';
import { demo, demoDirectory } from './demo.command.ts';
import { erase } from './erase.command.ts';
import { evidence } from './evidence.command.ts';
import { history } from './history.command.ts';
import { importCommand } from './import.command.ts';
import { jobs } from './jobs.command.ts';
import { key } from './key.command.ts';
import { kurrentGroup } from './kurrent-group.command.ts';
import { ledgerKey, ledgerRecover, seal } from './ledger.command.ts';
import { backdated, distribution, findings, units } from './lists.command.ts';
import { profile } from './profile.command.ts';
import { siasn } from './siasn.command.ts';
import { token } from './token.command.ts';
import { rebuild, status } from './upkeep.command.ts';
import { verify } from './verify.command.ts';
import { verifyBundleCommand } from './verify-bundle.command.ts';
import { witness } from './witness.command.ts';

const COMMANDS: readonly Command[] = [
  importCommand,
  profile,
  history,
  units,
  distribution,
  findings,
  backdated,
  evidence,
  erase,
  access,
  siasn,
  rebuild,
  status,
  jobs,
  seal,
  verify,
  bundle,
  verifyBundleCommand,
  ledgerKey,
  ledgerRecover,
  copy,
  copyPeopleCommand,
  kurrentGroup,
  backup,
  restore,
  key,
  token,
  witness,
  demo,
];

const remark = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

const overview = (): string =>
  [
    'jejak — rekam jejak kinerja ASN / the performance record of civil servants',
    '',
    ...COMMANDS.map(({ usage, does }) => `  jejak ${usage}\n      ${does[0]}\n      ${does[1]}`),
  ].join('\n');

/** Runs one command line; gives the exit code: 0 done, 1 refused or found wrong, 2 not understood. */
async function main([name, ...words]: readonly string[]): Promise<number> {
  const command = COMMANDS.find((some) => some.name === name);
  if (!command) {
    const asked = name === undefined || name === '--help' || name === '-h';
    (asked ? (text: string) => process.stdout.write(`${text}\n`) : remark)(overview());
    return asked ? 0 : 2;
  }
  const { words: positional, options } = parse(command, words);
  if (options.help) {
    process.stdout.write(`${helpOf(command)}\n`);
    return 0;
  }
  return run(command, positional, options);
}

async function run(command: Command, words: Call['words'], options: Call['options']): Promise<number> {
  // The files of the record are their owner's alone.
  process.umask(0o077);
  const given = typeof options.data === 'string' ? { DATA_DIR: options.data } : {};
  const asked = given.DATA_DIR ?? readSettings(process.env).dataDir;
  const dataDir = command === demo ? demoDirectory(asked) : asked;
  const settings = readSettings({ ...process.env, DATA_DIR: dataDir });
  const isEmbedded = typeof options.data === 'string' || command === demo;
  const places = isEmbedded ? embedded(dataDir) : settings.places;
  const documents = isEmbedded
    ? { ...settings.evidence, directory: join(dataDir, 'evidence') }
    : settings.evidence;
  const say: Say = {
    result: (value, text) => process.stdout.write(`${options.json ? JSON.stringify(value) : text()}\n`),
    remark,
  };
  const bare = { words, options, dataDir, places, evidence: documents, settings, say };
  if ('runBare' in command) return command.runBare(bare);
  const record = await OpenRecord.open(places, () => todayIn(settings.timeZone));
  try {
    await record.catchUp().catch((cause: unknown) => {
      if (!command.evenBehind) throw cause;
      remark(`Tidak dapat mengikuti log / cannot follow the log: ${(cause as Error).message}`);
    });
    return await command.run({ ...bare, record });
  } finally {
    await record.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  const why = cause instanceof Error ? cause.message : String(cause);
  remark(cause instanceof Usage ? `${why}\nLihat / see: jejak --help` : `Gagal / failed: ${why}`);
  process.exitCode = cause instanceof Usage ? 2 : 1;
}
