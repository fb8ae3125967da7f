import type { Attack } from '../detect.ts';
import type { Lab } from '../lab.ts';

const edit = (what: string) => `UPDATE event SET ${what} WHERE position = :at`;
const DATA = edit(`data = json_set(data, '$.predikat', 'kurang')`);
const ACTOR = edit(`metadata = json_set(metadata, '$.actor', 'a6b1f0de-3c55-4a0e-8a70-0d5b7c7c1a11')`);
/** Moves events out of their places, and back into others. */
const move = (where: string, to: string): string[] => [
  `UPDATE event SET position = -(${to}) WHERE ${where}`,
  'UPDATE event SET position = -position WHERE position < 0',
];
/** So that no time goes back where events changed their places. */
const LEVEL = `UPDATE event SET recorded_at = (SELECT recorded_at FROM event WHERE position = :at - 1)
  WHERE position BETWEEN :at AND :at + 20`;
/** Counts the revisions of the stream that come after a position on or back; `FLIP` ends it. */
const renumber = (after: string, of: string, by: string) =>
  `UPDATE event SET revision = -(revision ${by}) WHERE position > ${after}
   AND stream = (SELECT stream FROM event WHERE position = ${of})`;
const FLIP = 'UPDATE event SET revision = -revision WHERE revision < 0';
const DELETE = `DELETE FROM event WHERE position = :at`;
const MAKE_ROOM = move(`position >= :at`, 'position + 1');
/** An event like the one that is attacked, before it. */
const insert = (revision: string) => `
  INSERT INTO event (position, stream, revision, id, type, recorded_at, data, metadata)
  SELECT :at, stream, ${revision}, x'0190f0a0000070008000000000000001', type, recorded_at,
    json_set(data, '$.predikat', 'kurang'), metadata
  FROM event WHERE position = :at + 1`;
const swap = (a: string, b: string) =>
  move(`position IN (${a}, ${b})`, `CASE position WHEN ${a} THEN ${b} ELSE ${a} END`);
const inLog =
  (...statements: string[]) =>
  async (lab: Lab) => {
    await lab.log(...statements);
  };
/** Changed in the log, and journal and tree made to agree with it. */
const everywhere =
  (...statements: string[]) =>
  async (lab: Lab) => {
    await lab.log(...statements);
    await lab.rebuildAll();
  };
const tailCut = 'DELETE FROM event WHERE position > ';

/** To the events, in the log alone or in everything that follows from it. */
export const EVENTS: readonly Attack[] = [
  {
    name: 'edit-data',
    words: { id: 'ubah isi satu catatan', en: 'edit what an event says' },
    attack: inLog(DATA),
    expect: ({ attacked }) => ({ verify: `store ${attacked.index}` }),
  },
  {
    name: 'edit-actor',
    words: { id: 'ubah siapa yang mencatat', en: 'edit who recorded it' },
    attack: inLog(ACTOR),
    expect: ({ attacked }) => ({ verify: `store ${attacked.index}` }),
  },
  {
    name: 'edit-time',
    words: { id: 'ubah waktu pencatatan', en: 'edit when it was recorded' },
    attack: inLog(edit('recorded_at = recorded_at + 1')),
    expect: ({ attacked }) => ({ verify: `store ${attacked.index}` }),
  },
  {
    name: 'edit-type',
    words: { id: 'ubah jenis catatan', en: 'edit of which type it is' },
    attack: inLog(edit(`type = 'Awarded'`)),
    expect: ({ attacked }) => ({ verify: `store ${attacked.index}` }),
  },
  {
    name: 'edit-log-and-journal',
    words: { id: 'ubah isi, jurnal dibuat ulang', en: 'edit an event, journal rebuilt' },
    attack: async (lab) => {
      await lab.log(DATA);
      await lab.rebuildJournal();
    },
    expect: ({ attacked }) => ({ verify: `tile ${attacked.index}` }),
  },
  {
    name: 'edit-everything',
    words: { id: 'ubah isi, jurnal dan pohon dibuat ulang', en: 'edit an event, journal and tree rebuilt' },
    attack: everywhere(DATA),
    expect: (lab) => ({
      verify: `checkpoint ${lab.sealed(0)}`,
      signer: 'refuses',
      witness: '422',
      'semantic witness': '422',
    }),
  },
  {
    name: 'edit-actor-everywhere',
    words: { id: 'ubah pelaku, semuanya dibuat ulang', en: 'edit who recorded it, all rebuilt' },
    attack: everywhere(ACTOR),
    expect: (lab) => ({ verify: `checkpoint ${lab.sealed(0)}`, witness: '422' }),
  },
  {
    name: 'delete',
    words: { id: 'hapus satu catatan', en: 'delete an event' },
    attack: inLog(DELETE),
    expect: ({ attacked }) => ({ verify: `store ${attacked.index}` }),
  },
  {
    name: 'delete-everywhere',
    words: { id: 'hapus satu catatan, semuanya dibuat ulang', en: 'delete an event, all rebuilt' },
    attack: everywhere(DELETE),
    expect: ({ attacked }) => ({
      verify: `revision ${attacked.next - 1}`,
      signer: 'refuses',
      witness: '409',
    }),
  },
  {
    name: 'delete-and-renumber',
    words: {
      id: 'hapus satu catatan, nomor dan semuanya dibuat ulang',
      en: 'delete an event, those after it numbered anew, all rebuilt',
    },
    attack: everywhere(renumber(':at', ':at', '- 1'), DELETE, FLIP),
    expect: (lab) => ({
      verify: `checkpoint ${lab.sealed(0)}`,
      signer: 'refuses',
      witness: '409',
      'semantic witness': '409',
    }),
  },
  {
    name: 'insert',
    words: { id: 'sisipkan catatan di masa lalu', en: 'put an event into the past' },
    attack: inLog(...MAKE_ROOM, insert('1000')),
    expect: ({ attacked }) => ({ verify: `store ${attacked.index}` }),
  },
  {
    name: 'insert-everywhere',
    words: { id: 'sisipkan catatan, semuanya dibuat ulang', en: 'put an event into the past, all rebuilt' },
    attack: everywhere(...MAKE_ROOM, renumber(':at', ':at + 1', '+ 1'), insert('-revision - 1'), FLIP, LEVEL),
    expect: (lab) => ({ verify: `checkpoint ${lab.sealed(0)}`, signer: 'refuses', witness: '422' }),
  },
  {
    name: 'swap',
    words: { id: 'tukar dua catatan', en: 'swap two events' },
    attack: inLog(...swap(':at', ':at + 1')),
    expect: ({ attacked }) => ({ verify: `store ${attacked.index}` }),
  },
  {
    name: 'swap-everywhere',
    words: { id: 'tukar dua catatan, semuanya dibuat ulang', en: 'swap two events, all rebuilt' },
    attack: everywhere(...swap(':at', ':at + 10'), LEVEL),
    expect: (lab) => ({ verify: `checkpoint ${lab.sealed(0)}`, signer: 'refuses', witness: '422' }),
  },
  {
    name: 'reorder-everywhere',
    words: {
      id: 'pindahkan catatan, semuanya dibuat ulang',
      en: 'move an event to another place, all rebuilt',
    },
    attack: everywhere(
      ...move(
        `position BETWEEN :at AND :at + 10`,
        `CASE position WHEN :at THEN :at + 10 ELSE position - 1 END`,
      ),
      LEVEL,
    ),
    expect: (lab) => ({ verify: `checkpoint ${lab.sealed(0)}`, witness: '422' }),
  },
  {
    name: 'cut-tail',
    words: { id: 'potong bagian akhir', en: 'cut the tail of the log' },
    attack: async (lab) => {
      await lab.log(`${tailCut}${lab.sealed(2)}`);
    },
    expect: (lab) => ({ verify: `store ${lab.sealed(2)}` }),
  },
  {
    name: 'cut-tail-everywhere',
    words: {
      id: 'potong bagian akhir dengan pohon dan checkpoint-nya',
      en: 'cut the tail with its tiles and checkpoints',
    },
    attack: (lab) => cutEverywhere(lab, lab.sealed(1)),
    expect: (lab) => ({
      verify: `rollback ${lab.sealed(1)}`,
      signer: 'refuses',
      witness: '409',
      'semantic witness': '409',
    }),
  },
  {
    name: 'cut-tail-and-signer',
    words: {
      id: 'seperti itu, berkas penanda tangan dihapus pula',
      en: 'the same, and the file of the signer deleted',
    },
    attack: async (lab) => {
      await cutEverywhere(lab, lab.sealed(1));
      lab.forget();
    },
    expect: (lab) => ({
      verify: 'nothing',
      'verify --checkpoint': `rollback ${lab.sealed(1)}`,
      witness: '409',
      'semantic witness': '409',
    }),
  },
];

async function cutEverywhere(lab: Lab, size: number): Promise<void> {
  await lab.log(`${tailCut}${size}`);
  await lab.database(`DELETE FROM signed_checkpoint WHERE size > ${size}`);
  await lab.rebuildAll();
}
