import { writeFileSync } from 'node:fs';
import { makeKeyFile } from '@app/ledger';
import { type Command, Usage } from './command.ts';
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
