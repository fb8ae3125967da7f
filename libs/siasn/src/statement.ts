import type { LegalDate } from '@app/domain/calendar';
import { type CivilServant, type CivilServantEvent, type Context, evolve } from '@app/domain/civil-servant';
import { type Decision, type Draft, isRefusal, type Recorded } from '@app/domain/event';

export type Said = Readonly<Record<string, unknown>>;
export type Seen = CivilServant['sources'][number];
export type Decide = (servant: CivilServant, context: Context) => Decision<CivilServantEvent>;

/** What a source row says, as a question to the record. */
export type Statement = {
  /** The row's id in its list, and the digest of it. */
  readonly row: string;
  readonly sha256: string;
  /** Rows of a person are put on the record in the order of this date. */
  readonly date: LegalDate;
  /** What the row says, in the words of the events it makes; compared with what it said before. */
  readonly said: Said;
  readonly decide: Decide;
  /** What the row said before, where the events alone do not tell. */
  readonly before?: (servant: CivilServant, seen: Seen) => Said;
  /** Facts that a row adds later, besides those it made at first sight. */
  readonly later?: (seen: Seen) => Decide;
};

/** The record after drafts that are not stored yet, under the ids they will get. */
export function after(
  servant: CivilServant,
  drafts: readonly Draft<CivilServantEvent>[],
  id: Context['id'],
): CivilServant {
  return drafts.reduce((state, { source, ...event }, n) => {
    const metadata = { actor: '', role: '', commandId: '', correlationId: '', ...(source ? { source } : {}) };
    const stored = { ...event, id: id(n), stream: '', revision: 0, recordedAt: '', metadata };
    return evolve(state, stored as Recorded<CivilServantEvent>);
  }, servant);
}

/** Decisions one after the other on one record; one refusal refuses all. `id` counts on over all of them. */
export const inTurn =
  (...decisions: readonly Decide[]): Decide =>
  (servant, context) => {
    const drafts: Draft<CivilServantEvent>[] = [];
    let state = servant;
    for (const decide of decisions) {
      const base = drafts.length;
      const id = (n: number) => context.id(base + n);
      const decided = decide(state, { ...context, id });
      if (isRefusal(decided)) return decided;
      state = after(state, decided, id);
      drafts.push(...decided);
    }
    return drafts;
  };
