import type { Refusal } from '@app/domain/event';
import { type Mender, reasonOf } from './reasons.ts';

/** A row that was not taken: where it stands, why, and who can mend it. It holds no NIP and no name. */
export type RefusedRow = {
  readonly file: string;
  /** The line of the file, counted from 1; 0: the whole file. */
  readonly line: number;
  /** SIASN's id of the row, where a line holds many. */
  readonly row?: string;
  readonly field?: string;
  readonly code: string;
  readonly because: string;
  readonly dalamBahasa: string;
  readonly basis?: string;
  readonly mendedBy: Mender;
};

/** What came of one file. `rows` are the rows it holds; each ends as events, `unchanged`, or `refused`. */
export type FileReport = {
  readonly file: string;
  readonly lines: number;
  readonly rows: number;
  readonly events: Readonly<Record<string, number>>;
  readonly findings: Readonly<Record<string, number>>;
  readonly refused: number;
  readonly unchanged: number;
  /** People of this import's export that this list says nothing about: not pulled, or without such rows. */
  readonly peopleAbsent?: number;
};

export type ImportReport = {
  readonly dryRun: boolean;
  readonly files: readonly FileReport[];
  readonly events: number;
  readonly refusedTotal: number;
  /** The first of the refused rows, at most `MOST_REFUSED`. */
  readonly refused: readonly RefusedRow[];
};

const MOST_REFUSED = 10_000;

type Counts = { -readonly [K in keyof FileReport]: FileReport[K] } & {
  events: Record<string, number>;
  findings: Record<string, number>;
};

/** Counts what comes of an import, file by file, in bounded memory. */
export class Tally {
  readonly #files = new Map<string, Counts>();
  readonly #refused: RefusedRow[] = [];
  #refusedTotal = 0;
  #events = 0;

  constructor(private readonly onRefused?: (row: RefusedRow) => void) {}

  of(file: string): Counts {
    const known = this.#files.get(file);
    if (known) return known;
    const counts: Counts = { file, lines: 0, rows: 0, events: {}, findings: {}, refused: 0, unchanged: 0 };
    this.#files.set(file, counts);
    return counts;
  }

  wrote(file: string, drafts: readonly { readonly type: string; readonly data: object }[]): void {
    const { events, findings } = this.of(file);
    for (const { type, data } of drafts) {
      events[type] = (events[type] ?? 0) + 1;
      if ('kind' in data && type === 'FindingRecorded')
        findings[String(data.kind)] = (findings[String(data.kind)] ?? 0) + 1;
    }
    this.#events += drafts.length;
  }

  refuse(file: string, line: number, refusal: Refusal, row?: string): void {
    const { refused: code, because, basis, field } = refusal;
    const refused: RefusedRow = {
      file,
      line,
      ...(row === undefined ? {} : { row }),
      ...(field === undefined ? {} : { field }),
      code,
      because,
      basis,
      ...reasonOf(code),
    };
    this.of(file).refused += 1;
    this.#refusedTotal += 1;
    if (this.#refused.length < MOST_REFUSED) this.#refused.push(refused);
    this.onRefused?.(refused);
  }

  report(dryRun: boolean): ImportReport {
    const files = [...this.#files.keys()];
    this.#refused.sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line);
    return {
      dryRun,
      files: [...this.#files.values()],
      events: this.#events,
      refusedTotal: this.#refusedTotal,
      refused: this.#refused,
    };
  }
}
