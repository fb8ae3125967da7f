import type { LegalDate } from './calendar.ts';

/** From so many days between TMT and recording, an entry is "dicatat mundur" (proof 3.16). */
export const BACKDATED_DAYS = 30;
const DAY_MS = 86_400_000;

/** How many whole days after its TMT an event was recorded (UTC), where these are more than `BACKDATED_DAYS`. */
export function daysLate(tmt: LegalDate, recordedAt: string): number | undefined {
  const days = Math.floor((Date.parse(recordedAt) - Date.parse(tmt)) / DAY_MS);
  return days > BACKDATED_DAYS ? days : undefined;
}
