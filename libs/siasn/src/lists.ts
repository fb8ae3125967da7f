import { type Refusal, refuse } from '@app/domain/event';
import { kinerjaPeriodik, skp22 } from './appraisal-lists.ts';
import { golongan, jabatan } from './career-lists.ts';
import { hukdis } from './hukdis-list.ts';
import type { Reader, Resolve } from './reader.ts';
import { digestOf, Row } from './row.ts';
import type { Statement } from './statement.ts';
import { kursus, penghargaan } from './training-lists.ts';

/** SIASN's histories that are read, in the order they must be: a demotion looks at the hukuman disiplin. */
export const LISTS = [
  'rw-hukdis',
  'rw-golongan',
  'rw-jabatan',
  'rw-skp22',
  'rw-kinerjaperiodik',
  'rw-kursus',
  'rw-penghargaan',
] as const;
export type ListName = (typeof LISTS)[number];

const READERS: Readonly<Record<ListName, Reader>> = {
  'rw-hukdis': hukdis,
  'rw-golongan': golongan,
  'rw-jabatan': jabatan,
  'rw-skp22': skp22,
  'rw-kinerjaperiodik': kinerjaPeriodik,
  'rw-kursus': kursus,
  'rw-penghargaan': penghargaan,
};

/** The cells that name whose row it is (domain 10.5: each list spells it in its own way). */
const OWNER = ['idPns', 'pnsDinilaiId', 'pnsDinilaiOrang', 'pnsOrangId', 'pnsOrang', 'pnsId'];

/** A row of a list as a statement about a person, or why it cannot be read. */
export async function statementOf(
  list: ListName,
  raw: object,
  row: string,
  owner: string | null,
  resolve: Resolve,
): Promise<Statement | Refusal> {
  const cells = new Row(raw);
  const named = cells
    .text(...OWNER)
    .toLowerCase()
    .replaceAll('-', '');
  if (owner !== null && named && named !== owner)
    return refuse('of-another-person', 'the PNS ID of this row is another person’s', 'SIASN', 'idPns');
  const sha256 = digestOf(raw);
  if (typeof sha256 !== 'string') return sha256;
  const read = await READERS[list](cells, resolve);
  return cells.fault ?? { row, sha256, ...read };
}
