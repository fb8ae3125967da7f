import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { makeKeyFile } from '@app/ledger';
import {
  formatCheckpoint,
  LOG_KEY,
  parseSkey,
  signerOf,
  signNote,
  verifierOf,
  WITNESS_KEY,
} from '@app/proof';
import type { Attack } from '../detect.ts';
import { bundleAlone } from '../forge.ts';
import { type Lab, ledgerIn, ORIGIN } from '../lab.ts';

const EDIT = `UPDATE event SET data = json_set(data, '$.predikat', 'kurang') WHERE position = :at`;

/** Changes an event everywhere, and seals all of it anew with the log's own key. */
async function rewrite(lab: Lab, kept = 'size < 0'): Promise<void> {
  await lab.log(EDIT);
  await lab.rebuildAll();
  await lab.database(`DELETE FROM signed_checkpoint WHERE NOT (${kept})`);
  lab.forget();
  await lab.sealAlone();
}

/** Two logs that go on from one, each for a reader of its own; the witnesses cosign the first. */
async function fork(lab: Lab): Promise<{ first: string; second: string }> {
  await lab.append('Awarded', { name: 'Satyalancana Karya Satya', year: 2025 });
  const { note: first } = await lab.seal();
  await lab.log(`UPDATE event SET data = json_set(data, '$.year', 2015) WHERE position = ${lab.size + 1}`);
  await lab.database(`DELETE FROM signed_checkpoint WHERE size > ${lab.size}`);
  await lab.rebuildAll();
  lab.forget();
  return { first, second: await lab.sealAlone() };
}

/** By somebody who holds the log's key, makes one, or has old files of the log. */
export const KEYS: readonly Attack[] = [
  {
    name: 'sealed-anew',
    words: {
      id: 'ubah dan segel ulang dengan kunci curian',
      en: 'rewrite all and seal it with the stolen key',
    },
    attack: (lab) => rewrite(lab),
    expect: () => ({
      verify: 'quorum 0',
      'verify --checkpoint': 'checkpoint 0',
      signer: 'nothing',
      witness: '422',
      'semantic witness': '422',
    }),
  },
  {
    name: 'sealed-anew-as-cosigned',
    words: {
      id: 'seperti itu, ditandai sudah disahkan saksi',
      en: 'the same, marked as cosigned in the table',
    },
    attack: async (lab) => {
      await rewrite(lab);
      await lab.database('UPDATE signed_checkpoint SET quorum = 1');
    },
    expect: (lab) => ({
      verify: `quorum ${lab.size}`,
      'verify --checkpoint': 'checkpoint 0',
      witness: '422',
    }),
  },
  {
    name: 'sealed-anew-after-the-first',
    words: {
      id: 'seperti itu, checkpoint sebelum perubahan dibiarkan',
      en: 'the same, but the checkpoint from before the change is left',
    },
    attack: (lab) => rewrite(lab, `size = ${lab.sealed(0)}`),
    expect: (lab) => ({
      verify: 'nothing',
      'verify --checkpoint': `checkpoint ${lab.sealed(0)}`,
      witness: '422',
      'semantic witness': '422',
    }),
  },
  {
    name: 'bundle-of-a-rewritten-log',
    words: { id: 'bundel dari log yang ditulis ulang', en: 'a bundle of a log that was sealed anew' },
    attack: async (lab) => {
      await rewrite(lab);
      lab.bundle = await bundleAlone(lab);
    },
    expect: () => ({ 'verify-bundle': 'quorum checkpoint.txt' }),
  },
  {
    name: 'another-key',
    words: {
      id: 'segel ulang dengan kunci baru bernama sama',
      en: 'seal it anew with a new key of the same name',
    },
    attack: async (lab) => {
      const { key, policyFile } = ledgerIn(lab.directory);
      rmSync(key.file);
      const { vkey } = makeKeyFile(ORIGIN, key.file);
      writeFileSync(policyFile, `log ${vkey}\nquorum none\n`);
      await rewrite(lab);
    },
    expect: (lab) => ({
      verify: `signature ${lab.size + 2}`,
      'verify --checkpoint': 'checkpoint 0',
      witness: '403',
    }),
  },
  {
    name: 'old-backup',
    words: { id: 'kembalikan cadangan lama', en: 'restore an old backup of both databases' },
    attack: async (lab) => lab.restoreBackup(),
    expect: (lab) => ({ verify: `rollback ${lab.sealed(0)}`, signer: 'refuses', witness: '409' }),
  },
  {
    name: 'old-backup-and-signer',
    words: {
      id: 'seperti itu, berkas penanda tangan dihapus',
      en: 'the same, the file of the signer deleted',
    },
    attack: async (lab) => {
      lab.restoreBackup();
      lab.forget();
    },
    expect: (lab) => ({
      verify: 'nothing',
      'verify --checkpoint': `rollback ${lab.sealed(0)}`,
      witness: '409',
      'semantic witness': '409',
    }),
  },
  {
    name: 'replay',
    words: {
      id: 'tunjukkan checkpoint lama sebagai yang terbaru',
      en: 'an old log, with its checkpoint as the newest that was signed',
    },
    attack: async (lab) => {
      lab.restoreBackup();
      const [old] = await lab.database('SELECT note FROM signed_checkpoint ORDER BY size DESC LIMIT 1');
      writeFileSync(lab.file('ledger/signed'), String(old?.note));
    },
    expect: (lab) => ({
      signer: 'nothing',
      verify: 'nothing',
      'verify --checkpoint': `rollback ${lab.sealed(0)}`,
      witness: '409',
    }),
  },
  {
    name: 'fork',
    words: {
      id: 'dua log untuk dua pembaca',
      en: 'a log each for two readers: the one that is not cosigned',
    },
    attack: async (lab) => {
      lab.kept = (await fork(lab)).first;
    },
    expect: (lab) => ({
      verify: 'nothing',
      'verify --checkpoint': `checkpoint ${lab.size}`,
      witness: '422',
      'semantic witness': '422',
    }),
  },
  {
    name: 'fork-cosigned',
    words: { id: 'dua log untuk dua pembaca, yang lain', en: 'the same: the one that is cosigned' },
    attack: async (lab) => {
      const { first, second } = await fork(lab);
      lab.kept = second;
      await lab.log(
        `UPDATE event SET data = json_set(data, '$.year', 2025) WHERE position = ${lab.size + 1}`,
      );
      await lab.rebuildAll();
      await lab.database(
        `UPDATE signed_checkpoint SET note = '${first}', quorum = 1 WHERE size > ${lab.size}`,
      );
      writeFileSync(lab.file('ledger/signed'), first);
    },
    expect: (lab) => ({ 'verify --checkpoint': `checkpoint ${lab.size}`, witness: 'nothing' }),
  },
  {
    name: 'log-key-as-witness',
    words: { id: 'kunci log dipakai sebagai kunci saksi', en: 'the key of the log as the key of a witness' },
    attack: async (lab) => {
      const { publicKey } = keyOf(lab).verifier;
      const { vkey } = verifierOf('saksi.example', WITNESS_KEY, publicKey);
      lab.policyText = lab.policyText.replace(
        'group saksi any insp bkn',
        `witness x ${vkey}\ngroup saksi any x`,
      );
    },
    expect: () => ({ policy: 'malformed' }),
  },
  {
    name: 'another-origin',
    words: { id: 'checkpoint dari log lain', en: 'a checkpoint of another log in the place of one of this' },
    attack: async (lab) => {
      const other = signerOf('lain.example/jejak', LOG_KEY, Buffer.alloc(32, 9));
      const text = formatCheckpoint({ origin: other.name, size: 1n, root: Buffer.alloc(32) });
      lab.kept = signNote(text, [other]);
    },
    expect: () => ({ trust: 'signature', 'verify --checkpoint': 'signature 1' }),
  },
  {
    name: 'another-log-to-the-witness',
    words: { id: 'log lain ditunjukkan kepada saksi', en: 'a log under another name shown to the witnesses' },
    attack: async (lab) => {
      const { key } = ledgerIn(lab.directory);
      rmSync(key.file);
      makeKeyFile('lain.example/jejak', key.file);
    },
    expect: () => ({ witness: '404', 'semantic witness': '404' }),
  },
];

const keyOf = (lab: Lab) => parseSkey(readFileSync(ledgerIn(lab.directory).key.file, 'utf8').trim());
