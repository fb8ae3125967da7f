import { ERASURE_RULES } from './erase.ts';
import { PREDIKAT_RULES } from './predikat.ts';
import type { RuleSet } from './rule-set.ts';
import { JP_RULES } from './training.ts';

/** The rule sets that decisions are made under now. */
export const APPLIED_RULE_SETS: readonly RuleSet[] = [PREDIKAT_RULES, JP_RULES, ERASURE_RULES];
