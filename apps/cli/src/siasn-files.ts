import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OUTBOX_KINDS, type OutboxWanted, outbox, type SiasnOutboxRow } from '@app/projections';
import type { OpenRecord } from '@app/record';
import { type Prepared, preparedOf, type SiasnCodes } from '@app/siasn';

/** What was written of a kind: rows of its overview, bodies, and items that lack something. */
type Written = {
  readonly kind: SiasnOutboxRow['kind'];
  readonly rows: number;
  readonly files: number;
  readonly lacking: number;
};

const PAGE = 500;
const HEAD = 'event,nip,nama,state,released_at,siasn_id,file,lacks,error';

/**
 * Writes the outbox to a directory, for who brings it to SIASN by hand: an overview a kind (`skp22.csv`), and of every
 * item that was released and lacks nothing SIASN's body (`skp22/<event>.json`). They hold personal data.
 */
export async function exportOutbox(
  record: OpenRecord,
  codes: SiasnCodes,
  wanted: Omit<OutboxWanted, 'limit'>,
  directory: string,
): Promise<{ readonly directory: string; readonly kinds: readonly Written[] }> {
  const kinds: Written[] = [];
  for (const kind of wanted.kind ? [wanted.kind] : OUTBOX_KINDS) {
    const written = await writeKind(record, codes, { ...wanted, kind }, directory);
    if (written.rows > 0) kinds.push(written);
  }
  return { directory, kinds };
}

async function writeKind(
  record: OpenRecord,
  codes: SiasnCodes,
  wanted: Omit<OutboxWanted, 'limit'> & { readonly kind: SiasnOutboxRow['kind'] },
  directory: string,
): Promise<Written> {
  const { kind } = wanted;
  const lines = [HEAD];
  const count = { files: 0, lacking: 0 };
  for await (const { prepared, person } of itemsOf(record, codes, wanted)) {
    const file = await writeBody(prepared, join(directory, kind));
    count.files += file ? 1 : 0;
    count.lacking += prepared.lacks ? 1 : 0;
    lines.push(overview(prepared, file, person));
  }
  if (lines.length > 1) {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, `${kind}.csv`), `\uFEFF${lines.join('\r\n')}\r\n`);
  }
  return { kind, rows: lines.length - 1, ...count };
}

type Named = { readonly name: string; readonly nip: string } | undefined;

async function* itemsOf(
  record: OpenRecord,
  codes: SiasnCodes,
  wanted: Omit<OutboxWanted, 'limit'>,
): AsyncGenerator<{ readonly prepared: Prepared; readonly person: Named }> {
  for (let after = -1; ; ) {
    const page = await outbox(record.database, { ...wanted, after, limit: PAGE });
    const named = await record.people.named(page.map(({ subject }) => subject));
    for (const row of page)
      yield { prepared: await preparedOf(record, codes, row), person: named.get(row.subject) };
    if (page.length < PAGE) return;
    after = page.at(-1)?.index ?? after;
  }
}

/** The body of what was released; gives the name of its file. */
async function writeBody({ row, payload }: Prepared, directory: string): Promise<string | undefined> {
  if (!payload || row.state !== 'released') return undefined;
  await mkdir(directory, { recursive: true });
  const name = `${row.event}.json`;
  await writeFile(join(directory, name), `${JSON.stringify(payload.body, null, 2)}\n`);
  return name;
}

function overview({ row, lacks = [], task }: Prepared, file: string | undefined, person: Named): string {
  const lacking = task ? task.does : lacks.map(({ field, why }) => `${field}: ${why}`).join('; ');
  return [
    row.event,
    person ? `'${person.nip}` : '',
    person?.name ?? '',
    row.state,
    row.releasedAt ?? '',
    task?.siasnId ?? row.siasnId ?? '',
    file ?? '',
    lacking,
    row.error ?? '',
  ]
    .map(cell)
    .join(',');
}

/** A cell (RFC 4180) that no spreadsheet takes for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
