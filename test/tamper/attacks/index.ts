import type { Attack } from '../detect.ts';
import { ACCESS } from './access.ts';
import { BUNDLES } from './bundles.ts';
import { EVENTS } from './events.ts';
import { KEYS } from './keys.ts';
import { RULES } from './rules.ts';
import { TABLES } from './tables.ts';
import { TIME } from './time.ts';

export const ATTACKS: readonly Attack[] = [
  ...EVENTS,
  ...TABLES,
  ...KEYS,
  ...TIME,
  ...RULES,
  ...BUNDLES,
  ...ACCESS,
];
