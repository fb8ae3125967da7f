import { leafHash } from '@app/proof';
import type { Attack } from '../detect.ts';
import type { Lab } from '../lab.ts';

/** A read between the two anchors. */
const INDEX = 6;
const FIRST_ANCHOR = 5;
const OTHER = 'sekadar ingin tahu';

const inDatabase =
  (...statements: string[]) =>
  async (lab: Lab) => {
    await lab.database(...statements);
  };

/** To the log of who read what, by somebody whose reading is in it. */
export const ACCESS: readonly Attack[] = [
  {
    name: 'access-edited',
    words: { id: 'ubah tujuan suatu akses', en: 'edit what a read was for' },
    attack: inDatabase(`UPDATE access SET purpose = '${OTHER}' WHERE idx = ${INDEX}`),
    expect: () => ({ 'access log': `access ${INDEX}` }),
  },
  {
    name: 'access-edited-with-its-hash',
    words: { id: 'seperti itu, dengan daun dan hash-nya', en: 'the same, with its leaf and its hash' },
    attack: async (lab) => {
      const [before] = await lab.database(`SELECT leaf, purpose FROM access WHERE idx = ${INDEX}`);
      const leaf = String(before?.leaf).replace(String(before?.purpose), OTHER);
      const hash = leafHash(leaf).toString('base64');
      await lab.database(
        `UPDATE access SET purpose = '${OTHER}', leaf = '${leaf}', leaf_hash = '${hash}' WHERE idx = ${INDEX}`,
      );
    },
    expect: () => ({ 'access log': `access ${FIRST_ANCHOR}` }),
  },
  {
    name: 'access-deleted',
    words: { id: 'hapus satu akses', en: 'delete a read' },
    attack: inDatabase(`DELETE FROM access WHERE idx = ${INDEX}`),
    expect: () => ({ 'access log': `access ${INDEX}` }),
  },
  {
    name: 'access-cut',
    words: { id: 'hapus akses-akses terakhir', en: 'delete the last reads' },
    attack: inDatabase(`DELETE FROM access WHERE idx >= ${INDEX}`),
    expect: () => ({ 'access log': `access ${INDEX}` }),
  },
  {
    name: 'access-cut-with-its-anchors',
    words: {
      id: 'seperti itu, catatan penambatnya dihapus pula',
      en: 'the same, and the event that anchored them deleted everywhere',
    },
    attack: async (lab) => {
      await lab.database(`DELETE FROM access WHERE idx >= ${FIRST_ANCHOR}`);
      await lab.log(
        `DELETE FROM event WHERE type = 'AccessAnchored' AND json_extract(data, '$.size') > ${FIRST_ANCHOR}`,
      );
      await lab.rebuildAll();
    },
    expect: (lab) => ({ 'access log': 'nothing', verify: `checkpoint ${lab.sealed(1)}`, witness: '409' }),
  },
  {
    name: 'access-cut-before-it-is-anchored',
    words: {
      id: 'hapus akses yang belum ditambatkan',
      en: 'delete the reads since the last anchor',
    },
    attack: (lab) => inDatabase(`DELETE FROM access WHERE idx >= ${lab.prepared.reads.anchored}`)(lab),
    expect: () => ({ 'access log': 'nothing', verify: 'nothing' }),
    stays:
      'a read counts from when it is anchored (AccessAnchored, sealed and cosigned); nobody elsewhere knows of it before',
  },
];
