import { parse } from 'csv-parse/sync';
import { type Line, linesOf } from './lines.ts';

/** A record of a CSV file by its header, or undefined where the line is no whole record. */
export type CsvRecord = Line & { readonly cells: Readonly<Record<string, string>> | undefined };

/** A quoted cell may go over this many lines; a quote that is not closed by then is a fault of its first line. */
const MOST_LINES = 20;

/**
 * Records of a CSV file with a header. A broken line does not take the lines after it along: they are read again by
 * themselves. The delimiter is that of the header, `,` or `;`.
 */
export async function* recordsOf(path: string): AsyncGenerator<CsvRecord> {
  let reader: RecordReader | undefined;
  for await (const line of linesOf(path)) {
    if (!reader) reader = new RecordReader(line.text ?? '');
    else yield* reader.take(line);
  }
  if (reader) yield* reader.end();
}

class RecordReader {
  readonly #names: readonly string[];
  readonly #delimiter: ',' | ';';
  #waiting: Line[] = [];

  constructor(header: string) {
    this.#delimiter = header.split(';').length > header.split(',').length ? ';' : ',';
    this.#names = (this.#cells(header) ?? []).map((name) => name.trim().toUpperCase());
  }

  *take(line: Line): Generator<CsvRecord> {
    if (this.#waiting.length === 0 && line.text === '') return;
    this.#waiting.push(line);
    const whole = this.#whole();
    if (whole) yield whole;
    else if (line.text === undefined || !this.#isOpen() || this.#waiting.length >= MOST_LINES)
      yield* this.#giveUp();
  }

  *end(): Generator<CsvRecord> {
    while (this.#waiting.length > 0) yield* this.#giveUp();
  }

  /** The first waiting line is no record; the others are tried anew. */
  *#giveUp(): Generator<CsvRecord> {
    const [first, ...rest] = this.#waiting;
    this.#waiting = [];
    if (first) yield { ...first, cells: undefined };
    for (const line of rest) yield* this.take(line);
  }

  #whole(): CsvRecord | undefined {
    const [first] = this.#waiting;
    if (!first || this.#isOpen() || this.#waiting.some(({ text }) => text === undefined)) return undefined;
    const cells = this.#cells(this.#text());
    if (cells?.length !== this.#names.length) return undefined;
    this.#waiting = [];
    return { ...first, cells: Object.fromEntries(this.#names.map((name, n) => [name, cells[n] ?? ''])) };
  }

  #text(): string {
    return this.#waiting.map(({ text }) => text ?? '').join('\n');
  }

  #isOpen(): boolean {
    return this.#text().split('"').length % 2 === 0;
  }

  #cells(text: string): string[] | undefined {
    try {
      return (
        parse(text, {
          delimiter: this.#delimiter,
          record_delimiter: '\n',
          relax_column_count: true,
        }) as string[][]
      )[0];
    } catch {
      return undefined;
    }
  }
}
