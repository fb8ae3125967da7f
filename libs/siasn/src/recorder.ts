import type { LegalDate } from '@app/domain/calendar';
import {
  CIVIL_SERVANT,
  type CivilServant,
  type CivilServantEvent,
  type Context,
  streamOf,
} from '@app/domain/civil-servant';
import { type Draft, isRefusal, type Refusal, refuse } from '@app/domain/event';
import { find } from '@app/domain/find';
import { recordUnit, UNIT, type UnitEvent, unitStream } from '@app/domain/unit';
import { type Asking, NotStorable, type Topic, type Transact, uuidv7 } from '@app/event-store';
import { readExportRow } from './asn-export.ts';
import { EXPORT } from './career-lists.ts';
import type { CsvRecord } from './csv.ts';
import type { ListFile } from './files.ts';
import type { Line } from './lines.ts';
import { statementOf } from './lists.ts';
import { decideList, type ListOutcome, type PersonList } from './person-list.ts';
import { type PullRow, readPullLine } from './pull-line.ts';
import { readUnit, unitRowsOf } from './ref-unor.ts';
import type { Tally } from './report.ts';
import type { Known, Roll } from './roll.ts';
import { sha256Of } from './row.ts';
import { after, type Statement } from './statement.ts';

type Tools = {
  readonly transact: Transact;
  readonly roll: Roll;
  readonly tally: Tally;
  readonly today: () => LegalDate;
  readonly unitIdOf?: (name: string) => string | undefined;
  readonly asking: Omit<Asking, 'commandId' | 'askedAt'>;
};

/** Puts what was read on the record, one command for what one file says of one person, and counts what came of it. */
export class Recorder {
  /** People that this import's exports name. */
  people = 0;
  /** Ids of the units of this import by name; null where two have the name. */
  readonly #units = new Map<string, string | null>();

  constructor(private readonly tools: Tools) {}

  /** A person of the export: the row of the person table, and that the career begins. */
  async person(file: string, { line, cells }: CsvRecord): Promise<void> {
    const { tally, roll, today } = this.tools;
    tally.of(file).rows += 1;
    const row = cells ? readExportRow(cells) : refuse('malformed-csv', 'this is no whole record', 'RFC 4180');
    if (isRefusal(row)) return tally.refuse(file, line, row);
    const known = await roll.enter(row.particulars, today());
    if (isRefusal(known)) return tally.refuse(file, line, known);
    this.people += 1;
    await this.#put(file, line, known, exported([row.registered]), row.doubts);
  }

  /** What the export says of a person about whom the histories said nothing. */
  async fallback(file: string, { line, cells }: CsvRecord): Promise<void> {
    const row = cells && readExportRow(cells);
    if (!row || isRefusal(row) || row.particulars.pnsId === null) return;
    const known = await this.tools.roll.byPnsId(row.particulars.pnsId);
    if (known) await this.#put(file, line, known, exported(row.fallback), [], false);
  }

  /** The units of a file, each with its place in it, counted from 1. */
  async *units(file: string): AsyncGenerator<readonly [number, unknown]> {
    const rows = await unitRowsOf(file);
    if (isRefusal(rows)) this.tools.tally.refuse(file, 0, rows);
    else for (const [n, row] of rows.entries()) yield [n + 1, row];
  }

  /** A unit, with its leader where that is a person of the record. */
  async unit(file: string, n: number, raw: unknown): Promise<void> {
    const { tally, roll } = this.tools;
    tally.of(file).rows += 1;
    const row = readUnit(raw);
    if (isRefusal(row)) return tally.refuse(file, n, row);
    const { id, sha256 } = row;
    this.#units.set(row.unit.name, this.#units.has(row.unit.name) ? null : id);
    const leader = row.leader && (await roll.byPnsId(row.leader))?.subject;
    const asked = { ...row.unit, ...(leader ? { leader } : {}) };
    const source = { system: 'siasn', list: 'ref-unor', row: id, sha256 } as const;
    let drafts: readonly Draft<UnitEvent>[] = [];
    const outcome = await this.#transact(UNIT, unitStream(id), (unit) => {
      const decided = recordUnit(id, asked, unit);
      if (isRefusal(decided)) return decided;
      drafts = decided.map((draft) => ({ ...draft, source }));
      return drafts;
    });
    if (outcome) return tally.refuse(file, n, outcome);
    if (drafts.length === 0) tally.of(file).unchanged += 1;
    tally.wrote(file, drafts);
  }

  /** A line of a history: all its rows, in one command. `subjects` are the people the file spoke of before. */
  async history(file: ListFile, { line, text }: Line, subjects: Set<string>): Promise<void> {
    const { tally, roll } = this.tools;
    if (text === '') return;
    const read =
      text === undefined ? refuse('line-too-long', 'the limit is 1 MiB', 'SIASN') : readPullLine(text);
    if (isRefusal(read)) return tally.refuse(file.path, line, read);
    tally.of(file.path).rows += read.rows.length;
    const known = await roll.byNip(read.nip);
    if (!known)
      return tally.refuse(
        file.path,
        line,
        refuse('unknown-nip', 'nobody on the record has this NIP', 'SIASN', 'nip'),
      );
    if (subjects.has(known.subject))
      return tally.refuse(
        file.path,
        line,
        refuse('person-twice-in-list', 'an earlier line is this person’s', 'SIASN'),
      );
    subjects.add(known.subject);
    const statements: Statement[] = [];
    for (const row of read.rows) {
      const statement = await this.#read(file, row, known);
      if (isRefusal(statement)) tally.refuse(file.path, line, statement, idIn(row));
      else statements.push(statement);
    }
    const present = new Set(read.rows.map(({ id }) => id));
    await this.#put(file.path, line, known, { list: file.list, pulled: file.pulled, statements, present });
  }

  async #read(
    { list }: ListFile,
    { id, raw, refusal }: PullRow,
    { pnsId }: Known,
  ): Promise<Statement | Refusal> {
    return (
      refusal ??
      statementOf(list, raw, id, pnsId, {
        subjectOf: (nip, of) => this.tools.roll.subjectOf(nip, of),
        unitIdOf: (name) => this.#units.get(name) ?? this.tools.unitIdOf?.(name),
      })
    );
  }

  async #put(
    file: string,
    line: number,
    known: Known,
    list: PersonList,
    doubts: readonly string[] = [],
    counted = true,
  ): Promise<void> {
    const { tally, today, asking } = this.tools;
    const { subject, born } = known;
    let came: ListOutcome = { drafts: [], refused: [], unchanged: 0 };
    const outcome = await this.#transact(CIVIL_SERVANT, streamOf(subject), (servant, id) => {
      const context: Context = { subject, actor: asking.actor, born, today: today(), id };
      came = decideList(list, servant, context);
      const found = doubts.length > 0 ? doubtful(doubts, after(servant, came.drafts, id)) : [];
      came = { ...came, drafts: [...came.drafts, ...found] };
      return came.drafts;
    });
    if (outcome) return tally.refuse(file, line, outcome);
    for (const { row, refusal } of came.refused) tally.refuse(file, line, refusal, row);
    if (counted) tally.of(file).unchanged += came.unchanged;
    tally.wrote(file, came.drafts);
  }

  /** Carries a command out; gives why it was not. */
  async #transact<S, E extends CivilServantEvent | UnitEvent>(
    topic: Topic<S, E>,
    stream: string,
    decide: (state: S, id: Context['id']) => readonly Draft<E>[] | Refusal,
  ): Promise<Refusal | undefined> {
    const asking = { ...this.tools.asking, commandId: uuidv7(), askedAt: Date.now() };
    try {
      const outcome = await this.tools.transact(topic, stream, asking, decide);
      return isRefusal(outcome) ? outcome : undefined;
    } catch (cause) {
      if (!(cause instanceof NotStorable)) throw cause;
      return refuse('not-storable', 'what this line says cannot be stored', 'docs/adr/0003');
    }
  }
}

const exported = (statements: readonly Statement[]): PersonList => ({
  list: EXPORT,
  pulled: undefined,
  statements,
  present: undefined,
});

/** The id of a row as far as it is fit to be shown. */
const idIn = ({ id }: PullRow): string | undefined => (/^[\w.-]{1,64}$/.test(id) ? id : undefined);

/** That a person's identity does not fit together, once for the same doubts. */
function doubtful(fields: readonly string[], servant: CivilServant): readonly Draft<CivilServantEvent>[] {
  const decided = find({ kind: 'identity-doubtful', fields }, servant);
  const source = { system: 'siasn', list: EXPORT, row: 'identity', sha256: sha256Of(fields) } as const;
  return isRefusal(decided) ? [] : decided.map((draft) => ({ ...draft, source }));
}
