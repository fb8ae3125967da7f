import { writeFileSync } from 'node:fs';
import { makeKeyFile, recoverLog } from '@app/ledger';
import { type Command, Usage } from './command.ts';
import { askingHere } from './operator.ts';
import { sealedHere } from './sealed.ts';

export const ledgerKey: Command = {
  name: 'ledger-key',
  usage: 'ledger-key NAME --out FILE',
  does: [
    'Buat kunci log (hanya pemiliknya yang boleh membaca); kunci publiknya ditampilkan untuk diumumkan.',
    'Make a key of the log that only its owner reads; its public part is shown, to be published.',
  ],
  options: { out: { type: 'string', means: 'the file to write; never inside the database or its backups' } },
  runBare: async ({ words, options, say }) => {
    const [name] = words;
    if (name === undefined || words.length > 1 || typeof options.out !== 'string')
      throw new Usage('a name like sibolga.go.id/jejak/2026 and --out are needed');
    const { vkey } = makeKeyFile(name, options.out);
    say.result({ vkey, file: options.out }, () => vkey);
    return 0;
  },
};

export const seal: Command = {
  name: 'seal',
  usage: 'seal [--out FILE]',
  does: [
    'Segel log sekarang: tanda tangani checkpoint, dengan saksi bila ada; simpan salinannya di luar untuk pemeriksaan kelak.',
    'Seal the log now: sign a checkpoint, with witnesses where there are; keep a copy elsewhere to verify against later.',
  ],
  options: { out: { type: 'string', means: 'also write the checkpoint to this file' } },
  run: async ({ record, options, say, settings }) => {
    const { covered, policy } = await sealedHere(record, settings);
    const checkpoint = await covered(await record.catchUp());
    if (typeof options.out === 'string') writeFileSync(options.out, checkpoint.note);
    say.result({ ...checkpoint, policy: policy.text }, () => checkpoint.note.trimEnd());
    return 0;
  },
};

export const ledgerRecover: Command = {
  name: 'ledger-recover',
  usage: 'ledger-recover NAME --because TEXT',
  does: [
    'Log yang kehilangan catatan bertanda tangan dimulai lagi dengan nama baru; alasannya tercatat selamanya.',
    'Let a log that lost signed entries begin anew under another name; why is recorded for ever.',
  ],
  options: { because: { type: 'string', means: 'what happened; it must not name anybody' } },
  run: async ({ words, options, record, say, settings }) => {
    const [name] = words;
    const { because } = options;
    if (name === undefined || words.length > 1 || typeof because !== 'string')
      throw new Usage('a new name like sibolga.go.id/jejak/2027 and --because are needed');
    const { vkey } = await recoverLog(record, settings.ledger, { name, because }, await askingHere(record));
    say.result({ vkey }, () => vkey);
    say.remark(
      'Umumkan kunci baru, ganti di LEDGER_POLICY_FILE dan pada saksi / publish the new key; change it in LEDGER_POLICY_FILE and at the witnesses',
    );
    return 0;
  },
};
