import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attack } from '../detect.ts';
import { bundleOf, type Files, filesOf, headFiles, issued, relisted, zipped } from '../forge.ts';
import { type Lab, personStream } from '../lab.ts';

const OTHER_DOCUMENT = Buffer.from('%PDF-1.7 surat keputusan kenaikan pangkat palsu');

/** The indexes of the entries in a bundle. */
const entriesIn = (files: Files): number[] =>
  [...files.keys()]
    .flatMap((name) => /^entries\/(\d+)\.leaf\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

function without(files: Files, ...indexes: number[]): Files {
  const less = new Map(files);
  for (const index of indexes)
    for (const part of ['leaf.json', 'tlog-proof']) less.delete(`entries/${index}.${part}`);
  return less;
}

/** The third entry of the person, and the one after it. */
const third = (lab: Lab): [number, number] => {
  const [, , it = 0, next = 0] = entriesIn(filesOf(lab.prepared.bundle));
  return [it, next];
};

function swapDocument(lab: Lab, content: Buffer): void {
  const { document } = lab.prepared;
  const directory = join(lab.file('evidence'), document.slice(0, 2));
  rmSync(join(directory, document), { force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, document), content);
}

/** To the documents, and to what a reader is handed. */
export const BUNDLES: readonly Attack[] = [
  {
    name: 'document-swapped',
    words: { id: 'tukar dokumen bukti di penyimpanannya', en: 'swap a document where documents are kept' },
    attack: async (lab) => {
      swapDocument(lab, OTHER_DOCUMENT);
      lab.bundle = await bundleOf(lab);
    },
    // The bundle that is made then says that it is altered, and does not hold it.
    expect: (lab) => ({
      verify: `evidence ${lab.prepared.keptAt}`,
      'evidence store': 'altered',
      'verify-bundle': 'nothing',
    }),
  },
  {
    name: 'document-gone',
    words: { id: 'hapus dokumen bukti', en: 'delete a document where documents are kept' },
    attack: async (lab) => rmSync(lab.file('evidence'), { recursive: true }),
    expect: (lab) => ({ verify: `evidence ${lab.prepared.keptAt}`, 'evidence store': 'gone' }),
  },
  {
    name: 'document-swapped-in-the-bundle',
    words: { id: 'tukar dokumen di dalam bundel', en: 'swap the document in the bundle, manifest rewritten' },
    attack: async (lab) => {
      const files = filesOf(lab.bundle).set(`evidence/${lab.prepared.document}`, OTHER_DOCUMENT);
      lab.bundle = zipped(relisted(files));
    },
    expect: () => ({ 'verify-bundle': 'issue ISSUE.leaf.json' }),
  },
  {
    name: 'timeline-rewritten',
    words: { id: 'ubah riwayat yang terbaca', en: 'rewrite the history that people read' },
    attack: async (lab) => {
      lab.bundle = zipped(filesOf(lab.bundle).set('timeline.html', Buffer.from('<p>bersih</p>')));
    },
    expect: () => ({ 'verify-bundle': 'manifest timeline.html' }),
  },
  {
    name: 'entry-edited-in-the-bundle',
    words: { id: 'ubah catatan di dalam bundel', en: 'edit an entry in the bundle, issued as such' },
    attack: async (lab) => {
      const [index] = third(lab);
      const files = filesOf(lab.bundle);
      const name = `entries/${index}.leaf.json`;
      const leaf = String(files.get(name)).replace(/"recordedAt":"\d/, '"recordedAt":"1');
      lab.bundle = await issued(lab, relisted(files.set(name, Buffer.from(leaf))));
    },
    expect: (lab) => ({ 'verify-bundle': `inclusion ${third(lab)[0]}` }),
  },
  {
    name: 'entry-dropped',
    words: { id: 'buang satu catatan dari bundel', en: 'drop an entry, manifest rewritten' },
    attack: async (lab) => {
      lab.bundle = zipped(relisted(without(filesOf(lab.bundle), third(lab)[0])));
    },
    expect: () => ({ 'verify-bundle': 'issue ISSUE.leaf.json' }),
  },
  {
    name: 'entry-dropped-and-issued',
    words: { id: 'seperti itu, dan dicatat sebagai terbitan', en: 'the same, and recorded as issued' },
    attack: async (lab) => {
      lab.bundle = await issued(lab, relisted(without(filesOf(lab.bundle), third(lab)[0])));
    },
    expect: (lab) => ({ 'verify-bundle': `gap ${third(lab)[1]}` }),
  },
  {
    name: 'last-entries-dropped',
    words: {
      id: 'buang catatan terakhir, dengan kepala aliran dari ikrar lama',
      en: 'drop the last entries, with the head of an older commitment',
    },
    attack: async (lab) => {
      lab.bundle = await issued(lab, relisted(await withOlderHead(lab)));
    },
    expect: () => ({ 'verify-bundle': 'gap heads/head.json' }),
  },
  {
    name: 'head-of-another',
    words: { id: 'kepala aliran orang lain', en: 'the head of another person in its place' },
    attack: async (lab) => {
      const [other] = await lab.database(
        `SELECT stream FROM journal WHERE stream LIKE 'civilServant-%' AND stream <> '${personStream(lab.prepared.subject)}'
         ORDER BY idx LIMIT 1`,
      );
      const files = [...(await headFiles(lab, String(other?.stream), 1))];
      lab.bundle = await issued(lab, relisted(new Map([...filesOf(lab.bundle), ...files])));
    },
    expect: () => ({ 'verify-bundle': 'gap heads/head.json' }),
  },
  {
    name: 'issue-of-another',
    words: { id: 'bukti penerbitan dari bundel lain', en: 'the proof of issue of another bundle' },
    attack: async (lab) => {
      const other = [...filesOf(lab.prepared.small)].filter(([name]) => name.startsWith('ISSUE.'));
      lab.bundle = zipped(new Map([...filesOf(lab.bundle), ...other]));
    },
    expect: () => ({ 'verify-bundle': 'issue ISSUE.leaf.json' }),
  },
  {
    name: 'any-byte',
    words: { id: 'ubah satu bit di mana pun dalam bundel', en: 'flip a bit of a bundle, wherever it is' },
    attack: async () => undefined,
    expect: () => ({ 'every byte': 'none verifies' }),
  },
  {
    name: 'bundle-of-an-older-size',
    words: {
      id: 'bundel lengkap sampai ukuran yang lebih lama',
      en: 'a bundle without the last entries that says so: complete as of an older size',
    },
    attack: async (lab) => {
      const files = await withOlderHead(lab);
      const { asOf } = (
        JSON.parse(String(files.get('heads/commitment.leaf.json'))) as { data: { asOf: number } }
      ).data;
      lab.bundle = await issued(lab, relisted(files, { asOf, missing: [] }));
    },
    expect: () => ({ 'verify-bundle': 'nothing' }),
    stays:
      'it is true: COMPLETE as of the size that the verdict names; the reader compares that size with the one of its issue',
  },
];

/** The bundle as it was before the last entry, and what names that. */
async function withOlderHead(lab: Lab): Promise<Files> {
  const files = filesOf(lab.bundle);
  const last = entriesIn(files).at(-1) ?? 0;
  const older = await headFiles(lab, personStream(lab.prepared.subject), 0);
  const less = without(files, last);
  less.delete(`evidence/${lab.prepared.document}`);
  return new Map([...less, ...older]);
}
