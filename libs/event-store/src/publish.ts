import { isRefusal } from '@app/domain/event';
import { publishRuleSet, RULE_SETS, ruleSetStream } from '@app/domain/rule-set';
import { APPLIED_RULE_SETS } from '@app/domain/rule-sets';
import type { Asking, Transact } from './transact.ts';

/**
 * Puts the rule sets on the record that decisions are made under from now on; those that are there write nothing.
 * Throws where one says under its number something else than it was published with.
 */
export async function publishRuleSets(transact: Transact, asking: Asking): Promise<void> {
  for (const ruleSet of APPLIED_RULE_SETS) {
    const outcome = await transact(RULE_SETS, ruleSetStream(ruleSet.id), asking, (published) =>
      publishRuleSet(ruleSet, published),
    );
    if (isRefusal(outcome)) throw new Error(outcome.because);
  }
}
