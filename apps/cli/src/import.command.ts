import { uuidv7 } from '@app/event-store';
import { unitIdsByName } from '@app/projections';
import type { OpenRecord } from '@app/record';
import { type ImportReport, importSiasn, type RefusedRow } from '@app/siasn';
import { type Command, type Say, Usage } from './command.ts';
import { OPERATOR, operatorOf } from './operator.ts';
import { table } from './words.ts';

export const importCommand: Command = {
  name: 'import',
  usage: 'import <path>… [--dry-run]',
  does: [
    'Impor berkas SIASN: Export Data ASN (CSV), ref-unor, dan tarikan rw-*. Diulang tidak menulis apa pun.',
    'Import files of SIASN: Export Data ASN (CSV), ref-unor, and pulls of rw-*. A second time writes nothing.',
  ],
  options: { 'dry-run': { type: 'boolean', means: 'say what would happen, write nothing' } },
  run: async ({ words, options, record, say }) => {
    if (words.length === 0) throw new Usage('a file or a directory is needed');
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const dryRun = options['dry-run'] === true;
    const report = await runImport(record, words, say, dryRun, stop.signal).catch((cause: unknown) => {
      if (stop.signal.aborted) return undefined;
      throw cause;
    });
    if (!report) {
      say.remark('Dihentikan; jalankan lagi untuk melanjutkan / stopped; run it again to go on');
      return 1;
    }
    if (!dryRun) await record.catchUp();
    say.result(report, () => reportText(report));
    return report.refusedTotal > 0 ? 1 : 0;
  },
};

/** Refused rows that are told one by one on standard error; the report as JSON has more. */
const MOST_TOLD = 200;

/** Imports under the account of whoever runs the program here. */
export async function runImport(
  record: OpenRecord,
  paths: readonly string[],
  say: Say,
  dryRun = false,
  signal?: AbortSignal,
): Promise<ImportReport> {
  const actor = await operatorOf(record);
  let last = '';
  let told = 0;
  return importSiasn(
    [...paths],
    {
      transact: record.transact,
      people: record.people,
      today: record.today,
      unitIdOf: await unitIdsByName(record.database),
    },
    { actor, role: OPERATOR, correlationId: uuidv7() },
    {
      dryRun,
      ...(signal ? { signal } : {}),
      onRefused: (row) => {
        if (told++ < MOST_TOLD) say.remark(refusedText(row));
      },
      progress: ({ file, lines, bytes, totalBytes }) => {
        const text = `${file}: ${lines} baris / lines (${Math.floor((100 * bytes) / Math.max(1, totalBytes))} %)`;
        if (text !== last) say.remark(text);
        last = text;
      },
    },
  );
}

export const refusedText = ({ file, line, field, because, dalamBahasa, mendedBy }: RefusedRow): string =>
  `  ${file}:${line}${field ? ` [${field}]` : ''} ${dalamBahasa} / ${because} — diperbaiki oleh / mended by: ${mendedBy}`;

function reportText({ files, refusedTotal }: ImportReport): string {
  const rows = files.map(({ file, lines, rows: read, events, unchanged, refused: no, findings }) => [
    file,
    lines,
    read,
    sum(events),
    unchanged,
    sum(findings),
    no,
  ]);
  return [
    table(['berkas', 'baris', 'catatan', 'peristiwa', 'tetap', 'temuan', 'ditolak'], rows),
    `Ditolak / refused: ${refusedTotal}`,
  ].join('\n');
}

const sum = (counts: Readonly<Record<string, number | undefined>>): number =>
  Object.values(counts).reduce<number>((total, n) => total + (n ?? 0), 0);
