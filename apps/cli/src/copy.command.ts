import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { openEventStore } from '@app/event-store';
import { type Bare, type Command, Usage } from './command.ts';
import { type Copied, copyLog } from './copy-log.ts';

export const copy: Command = {
  name: 'copy',
  usage: 'copy --from PLACE --to PLACE',
  does: [
    'Salin catatan peristiwa ke mesin lain dan buktikan sama; diulang melanjutkan yang terhenti.',
    'Copy the log to another engine and prove it the same; run again, it goes on where it stopped.',
  ],
  options: {
    from: { type: 'string', means: 'a file, postgres://…, kurrentdb://… or esdb://…; only read' },
    to: { type: 'string', means: 'likewise; made where there is none' },
  },
  runBare: async (call) => {
    const { from, to } = call.options;
    if (typeof from !== 'string' || typeof to !== 'string' || call.words.length > 0)
      throw new Usage('--from PLACE and --to PLACE are needed');
    if (placeOf(from) === placeOf(to)) throw new Usage('--from and --to are the same place');
    const copied = await copyBetween(from, to, call);
    call.say.result(copied, () => textOf(copied));
    if (copied.stopped)
      call.say.remark('Dihentikan; jalankan lagi untuk melanjutkan / stopped; run it again to go on');
    return !copied.stopped && copied.from === copied.to ? 0 : 1;
  },
};

async function copyBetween(from: string, to: string, { say }: Bare): Promise<Copied> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const source = await openEventStore(from, { existing: true });
  try {
    const target = await openEventStore(to);
    try {
      const progress = (events: number) => say.remark(`disalin / copied: ${events}`);
      return await copyLog(source, target, progress, stop.signal);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

const textOf = ({ events, found, from, to }: Copied): string =>
  [
    `${events} peristiwa / events, ${found} sudah ada / were there already`,
    `dari / from  ${from}`,
    `ke / to      ${to}${from === to ? '   sama / equal' : '   TIDAK SAMA / NOT EQUAL'}`,
  ].join('\n');

/** A place by one name: a file by its real path, a server without its user. */
function placeOf(where: string): string {
  if (!/^[a-z+]+:\/\//i.test(where)) {
    const file = resolve(where);
    if (existsSync(file)) return realpathSync(file);
    const directory = dirname(file);
    return existsSync(directory) ? join(realpathSync(directory), basename(file)) : file;
  }
  return where
    .replace(/^postgresql:/, 'postgres:')
    .replace(/^kurrentdb/, 'esdb')
    .replace(/\/\/[^@/]*@/, '//');
}
