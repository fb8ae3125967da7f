import type { LegalDate } from './calendar.ts';
import { type Decision, type Event, type Recorded, refuse, same, type Whole } from './event.ts';

/**
 * A versioned set of rules. An event names the one it was decided under, so that a replay never uses a newer one.
 * `verified: false` means: not yet checked against the official text; answers that rest on it must say so.
 */
export type RuleSet = {
  readonly id: string;
  readonly version: Whole;
  readonly basis: string;
  readonly from: LegalDate;
  readonly verified: boolean;
  /** The tables and numbers of the rules, as they are applied. */
  readonly terms: unknown;
};

/** What an event keeps of a rule set. */
export type RuleSetRef = Pick<RuleSet, 'id' | 'version'>;

export const refTo = ({ id, version }: RuleSet): RuleSetRef => ({ id, version });

/** A rule set as it is from now on applied: on the record before any decision that names it. */
export type RuleSetPublished = Event<'RuleSetPublished', RuleSet>;

export const ruleSetStream = (id: string): string => `policy-${id}`;

/** The versions of a rule set that were published, oldest first. */
type Published = readonly RuleSet[];

/** How a stream of this category is folded. */
export const RULE_SETS = {
  initial: [] as Published,
  evolve: (published: Published, { data }: Recorded<RuleSetPublished>): Published => [...published, data],
};

/** Publishes a version once; under its number it never says anything else. */
export function publishRuleSet(asked: RuleSet, published: Published): Decision<RuleSetPublished> {
  const before = published.find(({ version }) => version === asked.version);
  if (!before) return [{ type: 'RuleSetPublished', data: asked }];
  return same(before, asked)
    ? []
    : refuse(
        'rule-set-changed',
        `version ${asked.version} of ${asked.id} was published with other terms; give what changed a new version`,
        'docs/adr/0013',
      );
}
