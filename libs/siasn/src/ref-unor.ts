import { readFile, stat } from 'node:fs/promises';
import { isRefusal, type Refusal, refuse } from '@app/domain/event';
import { ESELON } from '@app/domain/jabatan';
import type { UnitRecorded } from '@app/domain/unit';
import { unitIn } from './career-lists.ts';
import { digestOf, idOf, Row } from './row.ts';

const LARGEST_UNITS_FILE = 64 * 1024 * 1024;

/** A unit of ref-unor; `leader` is still a PNS ID here. */
export type UnitRow = {
  readonly id: string;
  readonly sha256: string;
  readonly leader: string | undefined;
  readonly unit: UnitRecorded['data'];
};

/** The rows of a ref-unor file (`{data: […]}` or `[…]`), or why it cannot be read. */
export async function unitRowsOf(path: string): Promise<readonly unknown[] | Refusal> {
  if ((await stat(path)).size > LARGEST_UNITS_FILE)
    return refuse('file-too-large', `the limit is ${LARGEST_UNITS_FILE} bytes`, 'ref-unor');
  try {
    const parsed: unknown = JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
    const rows = Array.isArray(parsed) ? parsed : (parsed as { data?: unknown } | null)?.data;
    if (Array.isArray(rows)) return rows;
  } catch {
    // falls through: the message of the parser quotes the file
  }
  return refuse('malformed-json', 'this is no JSON list of units', 'ref-unor');
}

/** A unit, its parent, its leader's jabatan and eselon (domain 10.4), or why it cannot be read. */
export function readUnit(raw: unknown): UnitRow | Refusal {
  if (typeof raw !== 'object' || raw === null) return refuse('malformed-json', 'this is no unit', 'ref-unor');
  const row = new Row(raw);
  row.needText('Id');
  const id = unitIn(row, 'Id') ?? '';
  const parent = unitIn(row, 'DiatasanId');
  const jabatan = row.text('NamaJabatan');
  const eselon = row.text('EselonId') === '99' ? undefined : row.code('EselonId', ESELON);
  const name = row.needText('NamaUnor');
  const sha256 = digestOf(raw);
  if (isRefusalOf(sha256)) return sha256;
  const unit = {
    name,
    ...(parent ? { parent } : {}),
    ...(jabatan ? { jabatan } : {}),
    ...(eselon ? { eselon } : {}),
  };
  return row.fault ?? { id, sha256, leader: idOf(row.text('PemimpinPnsId')), unit };
}

const isRefusalOf = (outcome: string | Refusal): outcome is Refusal =>
  typeof outcome !== 'string' && isRefusal(outcome);
