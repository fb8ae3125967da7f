import type { LegalDate } from './calendar.ts';

/**
 * A versioned set of rules. An event names the one it was decided under, so that a replay never uses a newer one.
 * `verified: false` means: not yet checked against the official text; answers that rest on it must say so.
 */
export type RuleSet = {
  readonly id: string;
  readonly version: number;
  readonly basis: string;
  readonly from: LegalDate;
  readonly verified: boolean;
};

/** What an event keeps of a rule set. */
export type RuleSetRef = Pick<RuleSet, 'id' | 'version'>;

export const refTo = ({ id, version }: RuleSet): RuleSetRef => ({ id, version });
