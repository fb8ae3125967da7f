import { existsSync } from 'node:fs';
import { copyAccess } from '@app/ledger';
import { copyPeople } from '@app/people';
import { openDatabase } from '@app/record';
import { type Command, Usage } from './command.ts';

export const copyPeopleCommand: Command = {
  name: 'copy-people',
  usage: 'copy-people --from DATABASE --to DATABASE',
  does: [
    'Salin orang, NIP, akun, kunci dan log akses ke basis data lain: selain catatan peristiwa, hanya ini yang tidak dapat dibangun ulang.',
    'Copy people, NIPs, accounts, keys and the access log to another database: beside the log, all that cannot be rebuilt.',
  ],
  options: {
    from: { type: 'string', means: 'a jejak.db, or postgres://…' },
    to: { type: 'string', means: 'likewise; made where there is none' },
  },
  runBare: async ({ options: { from, to }, words, say }) => {
    if (typeof from !== 'string' || typeof to !== 'string' || words.length > 0 || from === to)
      throw new Usage('--from DATABASE and another --to DATABASE are needed');
    if (!/^postgres(ql)?:/.test(from) && !existsSync(from)) throw new Error(`there is no database ${from}`);
    const source = await openDatabase(from);
    try {
      const target = await openDatabase(to);
      try {
        const accesses = await copyAccess(source, target);
        const copied = { ...(await copyPeople(source, target)), accesses };
        say.result(
          copied,
          () =>
            `${copied.people} orang / people, ${copied.nips} NIP, ${copied.accounts} akun / accounts, ${copied.keys} kunci / keys, ${accesses} akses / reads`,
        );
        return 0;
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  },
};
