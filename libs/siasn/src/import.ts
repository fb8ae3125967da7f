import { stat } from 'node:fs/promises';
import type { LegalDate } from '@app/domain/calendar';
import { refuse } from '@app/domain/event';
import { type Asking, publishRuleSets, type Transact, uuidv7 } from '@app/event-store';
import type { People } from '@app/people';
import { crowd } from './crowd.ts';
import { recordsOf } from './csv.ts';
import { discover, type ListFile } from './files.ts';
import { isUtf8, type Line, linesOf } from './lines.ts';
import { Recorder } from './recorder.ts';
import { rehearsing } from './rehearse.ts';
import { type ImportReport, type RefusedRow, Tally } from './report.ts';
import { Roll } from './roll.ts';

export type ImportDeps = {
  readonly transact: Transact;
  readonly people: People;
  readonly today: () => LegalDate;
  /** The id of the only unit of this name, for units that are not in this import. */
  readonly unitIdOf?: (name: string) => string | undefined;
};

export type ImportProgress = {
  readonly file: string;
  readonly lines: number;
  readonly bytes: number;
  readonly totalBytes: number;
};

export type ImportOptions = {
  /** Decide everything, write nothing. */
  readonly dryRun?: boolean;
  /** People worked on at once, so that their commits share one write to the device. */
  readonly concurrency?: number;
  readonly progress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
  readonly onRefused?: (row: RefusedRow) => void;
};

const CONCURRENCY = 32;
const PROGRESS_EVERY = 1_000;

/**
 * Imports what BKPSDM exports and pulls from SIASN: people, units, histories list by list, then what only the export
 * knows. Rows that cannot be taken are reported with who can mend them, and the rest goes on. Imported twice, the
 * second writes nothing. Throws the signal's reason once aborted; what was written till then stands.
 */
export async function importSiasn(
  paths: readonly string[],
  deps: ImportDeps,
  asking: Omit<Asking, 'commandId' | 'askedAt'>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const { dryRun = false } = options;
  const tally = new Tally(options.onRefused);
  const transact = dryRun ? rehearsing(deps.transact) : deps.transact;
  const roll = new Roll(deps.people, dryRun);
  const recorder = new Recorder({ ...deps, transact, roll, tally, asking });
  const run = new Run(recorder, tally, options);

  const found = await discover(paths);
  for (const file of found.unknown)
    tally.refuse(file, 0, refuse('unknown-file', 'this is no file of SIASN that is known', 'README'));
  await publishRuleSets(transact, { ...asking, commandId: uuidv7(), askedAt: Date.now() });
  for (const file of found.exports)
    await run.over(file, recordsOf(file), (record) => recorder.person(file, record));
  for (const file of found.units)
    await run.over(file, recorder.units(file), ([n, raw]) => recorder.unit(file, n, raw));
  for (const list of found.lists) await run.list(list);
  for (const file of found.exports)
    await run.over(file, recordsOf(file), (record) => recorder.fallback(file, record), false);
  return tally.report(dryRun);
}

/** One import under way: its progress, its end when aborted. */
class Run {
  constructor(
    private readonly recorder: Recorder,
    private readonly tally: Tally,
    private readonly options: ImportOptions,
  ) {}

  async list(file: ListFile): Promise<void> {
    const subjects = new Set<string>();
    await this.over(file.path, linesOf(file.path), (line) => this.recorder.history(file, line, subjects));
    if (this.recorder.people > 0)
      this.tally.of(file.path).peopleAbsent = Math.max(0, this.recorder.people - subjects.size);
  }

  /** Works on each thing of a file; a file that is not UTF-8 is refused before its first. */
  async over<T extends Pick<Line, 'line' | 'bytes'> | readonly [number, unknown]>(
    file: string,
    things: AsyncIterable<T>,
    task: (thing: T) => Promise<void>,
    counted = true,
  ): Promise<void> {
    const utf8 = await isUtf8(file).catch(() => undefined);
    if (!utf8) {
      const code = utf8 === undefined ? 'unreadable-file' : 'not-utf-8';
      if (counted) this.tally.refuse(file, 0, refuse(code, 'the file cannot be read as UTF-8', 'RFC 3629'));
      return;
    }
    const totalBytes = (await stat(file)).size;
    const { concurrency = CONCURRENCY, signal, progress } = this.options;
    const counts = this.tally.of(file);
    let lines = 0;
    const watched = async (thing: T): Promise<void> => {
      signal?.throwIfAborted();
      lines += 1;
      if (counted) counts.lines = 'line' in thing ? thing.line : lines;
      if (lines % PROGRESS_EVERY === 0)
        progress?.({ file, lines, bytes: 'bytes' in thing ? thing.bytes : totalBytes, totalBytes });
      await task(thing);
    };
    await crowd(things, concurrency, watched);
    progress?.({ file, lines, bytes: totalBytes, totalBytes });
  }
}
