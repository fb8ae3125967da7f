import { parseNote } from '@app/proof';
import type { Attack } from '../detect.ts';
import type { Lab } from '../lab.ts';

const row = (what: string) => `UPDATE journal SET ${what} WHERE idx = :index`;
const EDITED = `leaf = json_set(leaf, '$.data.predikat', 'kurang')`;
const inDatabase =
  (...statements: string[]) =>
  async (lab: Lab) => {
    await lab.database(...statements);
  };
/** Exchanges the hash of an entry in its tile for the one beside it. */
const TILE = `UPDATE tile SET hashes = substr(hashes, 1, 44 * :index) || substr(hashes, 44 * (:index + 1) + 1, 44)
  || substr(hashes, 44 * (:index + 1) + 1) WHERE tree = 'journal' AND level = 0 AND idx = 0`;

/** To what is derived from the events: the journal, the tree and the checkpoints. */
export const TABLES: readonly Attack[] = [
  {
    name: 'journal-leaf',
    words: { id: 'ubah isi di jurnal saja', en: 'edit a leaf in the journal alone' },
    attack: inDatabase(row(EDITED)),
    expect: ({ attacked }) => ({ verify: `leaf ${attacked.index}` }),
  },
  {
    name: 'journal-column',
    words: { id: 'ubah pelaku di jurnal saja', en: 'edit who recorded it, beside the leaf alone' },
    attack: inDatabase(row(`actor = 'a6b1f0de-3c55-4a0e-8a70-0d5b7c7c1a11'`)),
    expect: ({ attacked }) => ({ verify: `store ${attacked.index}` }),
  },
  {
    name: 'journal-entry-gone',
    words: { id: 'hapus satu baris jurnal', en: 'delete an entry of the journal alone' },
    attack: inDatabase(`DELETE FROM journal WHERE idx = :index`),
    expect: ({ attacked }) => ({ verify: `journal ${attacked.index}` }),
  },
  {
    name: 'leaf-hash',
    words: { id: 'ubah hash daun saja', en: 'edit the hash of a leaf alone' },
    attack: inDatabase(row(`leaf_hash = (SELECT leaf_hash FROM journal WHERE idx = :index + 1)`)),
    expect: ({ attacked }) => ({ verify: `leaf ${attacked.index}` }),
  },
  {
    name: 'tiles',
    words: { id: 'ubah ubin pohon saja', en: 'edit the tiles alone' },
    attack: inDatabase(TILE),
    expect: ({ attacked }) => ({
      verify: `tile ${attacked.index}`,
      signer: 'refuses',
      'semantic witness': '422',
    }),
  },
  {
    name: 'tree-size',
    words: { id: 'ubah ukuran pohon', en: 'say that the tree has more leaves' },
    attack: inDatabase(`UPDATE tree SET size = size + 5 WHERE name = 'journal'`),
    expect: (lab) => ({ verify: `tile ${lab.size}` }),
  },
  {
    name: 'checkpoint-text',
    words: { id: 'ubah teks satu checkpoint', en: 'edit the text of a checkpoint' },
    attack: (lab) =>
      inDatabase(
        `UPDATE signed_checkpoint SET note = replace(note, char(10) || size || char(10), char(10) || (size - 1) || char(10))
         WHERE size = ${lab.sealed(1)}`,
      )(lab),
    expect: (lab) => ({ verify: `signature ${lab.sealed(1)}` }),
  },
  {
    name: 'checkpoints-gone',
    words: { id: 'hapus semua checkpoint', en: 'delete every checkpoint' },
    attack: async (lab) => {
      await lab.database('DELETE FROM signed_checkpoint');
      lab.forget();
    },
    expect: () => ({ verify: 'quorum 0', 'verify --checkpoint': 'nothing' }),
  },
  {
    name: 'copied-cosignature',
    words: {
      id: 'salin tanda tangan saksi dari checkpoint lain',
      en: 'copy the cosignature of another checkpoint',
    },
    attack: async (lab) => {
      const [older, newer] = [await noteOf(lab, lab.sealed(1)), await noteOf(lab, lab.size)];
      const log = parseNote(newer).signatures.find(({ name }) => !name.endsWith('.example'));
      const copied = parseNote(older).signatures.filter(({ name }) => name === 'inspektorat.example');
      lab.kept = `${parseNote(newer).text}\n${[...(log ? [log] : []), ...copied].map(({ line }) => line).join('')}`;
      await lab.database(`UPDATE signed_checkpoint SET note = '${lab.kept}' WHERE size = ${lab.size}`);
    },
    expect: (lab) => ({ verify: `signature ${lab.size}`, trust: 'signature' }),
  },
];

async function noteOf(lab: Lab, size: number): Promise<string> {
  const [found] = await lab.database(`SELECT note FROM signed_checkpoint WHERE size = ${size}`);
  return String(found?.note);
}
