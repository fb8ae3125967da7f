import {
  type CivilServant,
  type CivilServantEvent,
  type Context,
  type FindingRecorded,
  rowKey,
  sourceOf,
} from '@app/domain/civil-servant';
import { type Draft, isRefusal, type Refusal, type Source, same } from '@app/domain/event';
import { after, type Said, type Seen, type Statement } from './statement.ts';

/** What one list says of one person: its readable rows, and the ids of all its rows. */
export type PersonList = {
  readonly list: string;
  /** The date of the pull; what is known from a later pull stands. */
  readonly pulled: string | undefined;
  readonly statements: readonly Statement[];
  /** Ids of all rows, readable or not; undefined: rows that are not there mean nothing. */
  readonly present: ReadonlySet<string> | undefined;
};

export type ListOutcome = {
  readonly drafts: readonly Draft<CivilServantEvent>[];
  readonly refused: readonly { readonly row: string; readonly refusal: Refusal }[];
  readonly unchanged: number;
};

/**
 * What a list of a person leads to: facts for new rows, findings for rows that changed, vanished or came back (domain
 * 10.5: SIASN's histories can be overwritten and deleted). Decided on the record as it grows, in the order of the dates.
 */
export function decideList(asked: PersonList, servant: CivilServant, context: Context): ListOutcome {
  const drafts: Draft<CivilServantEvent>[] = [];
  const refused: { row: string; refusal: Refusal }[] = [];
  let unchanged = 0;
  let state = servant;
  const put = (decided: readonly Draft<CivilServantEvent>[], row: string, sha256: string) => {
    const base = drafts.length;
    const sourced = decided.map((draft) => ({ ...draft, source: sourceFor(asked, row, sha256) }));
    state = after(state, sourced, (n) => context.id(base + n));
    drafts.push(...sourced);
  };
  for (const statement of [...asked.statements].sort(byDate)) {
    const base = drafts.length;
    const here = { ...context, id: (n: number) => context.id(base + n) };
    const decided = decideRow(asked, statement, state, here);
    if (isRefusal(decided)) refused.push({ row: statement.row, refusal: decided });
    else if (decided.length === 0) unchanged += 1;
    else put(decided, statement.row, statement.sha256);
  }
  for (const [row, seen] of vanished(asked, servant))
    put([finding('source-row-vanished', seen)], row, seen.sha256);
  return { drafts, refused, unchanged };
}

const byDate = (a: Statement, b: Statement): number =>
  a.date === b.date ? (a.row < b.row ? -1 : 1) : a.date < b.date ? -1 : 1;

const sourceFor = ({ list, pulled }: PersonList, row: string, sha256: string): Source => ({
  system: 'siasn',
  list,
  row,
  sha256,
  ...(pulled === undefined ? {} : { pulled }),
});

function decideRow(asked: PersonList, statement: Statement, servant: CivilServant, context: Context) {
  const seen = sourceOf(servant, rowKey({ list: asked.list, row: statement.row }));
  if (!seen) return statement.decide(servant, context);
  if (isOlder(asked, seen)) return [];
  const returned = seen.gone ? [finding('source-row-returned', seen)] : [];
  if (seen.sha256 === statement.sha256) return returned;
  const added = statement.later?.(seen)(servant, context) ?? [];
  if (isRefusal(added)) return added;
  const changed = differences(statement, seen, servant);
  if (added.length > 0 && changed.fields[0] === 'notation') return [...added, ...returned];
  return [...added, ...returned, finding('source-row-changed', seen, changed)];
}

/** Whether the record knows this row from a later pull than the one being read. */
const isOlder = ({ pulled }: PersonList, seen: Seen): boolean =>
  pulled !== undefined && seen.pulled !== undefined && pulled < seen.pulled;

type Differences = { readonly fields: readonly string[]; readonly before?: Said; readonly after?: Said };

const finding = (
  kind: FindingRecorded['data']['kind'],
  { event }: Seen,
  differences: Differences = { fields: [] },
): FindingRecorded => ({ type: 'FindingRecorded', data: { kind, about: event, ...differences } });

/** The fields whose meaning changed, before and after; `notation` where the row says the same in another way. */
function differences(statement: Statement, seen: Seen, servant: CivilServant): Differences {
  const before = statement.before?.(servant, seen) ?? seen.said;
  const fields = Object.keys(statement.said).filter((name) => !same(before[name], statement.said[name]));
  if (fields.length === 0) return { fields: ['notation'] };
  return { fields, before: pick(before, fields), after: pick(statement.said, fields) };
}

const pick = (said: Said, fields: readonly string[]): Said =>
  Object.fromEntries(fields.filter((name) => said[name] !== undefined).map((name) => [name, said[name]]));

/** Rows of this list that the record has and the source has no more. */
function vanished(asked: PersonList, { sources }: CivilServant): [row: string, Seen][] {
  const { present, list } = asked;
  if (!present) return [];
  return sources
    .filter((seen) => seen.key.startsWith(`${list}/`) && !seen.gone && !isOlder(asked, seen))
    .map((seen): [string, Seen] => [seen.key.slice(list.length + 1), seen])
    .filter(([row]) => !present.has(row));
}
