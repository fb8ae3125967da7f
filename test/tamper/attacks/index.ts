import type { Attack } from '../detect.ts';
import { EVENTS } from './events.ts';

export const ATTACKS: readonly Attack[] = [...EVENTS];
