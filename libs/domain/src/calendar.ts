/**
 * A legal date, ISO `YYYY-MM-DD`. Dates of SKs and TMTs are days, never instants; they compare as text.
 * @format date
 */
export type LegalDate = string;

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Days of a month; `month` counts from 1. */
export function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Whether the text is a day that exists, between 1900 and 2199. */
export function isLegalDate(text: string): boolean {
  const parts = SHAPE.exec(text);
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return year >= 1900 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

const two = (n: number) => String(n).padStart(2, '0');

/** The same day `months` later; the last day of the month where that day does not exist. */
export function addMonths(date: LegalDate, months: number): LegalDate {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const total = year * 12 + (month - 1) + months;
  const [y, m] = [Math.floor(total / 12), (total % 12) + 1];
  return `${y}-${two(m)}-${two(Math.min(day, daysIn(y, m)))}`;
}

export const yearOf = (date: LegalDate): number => Number(date.slice(0, 4));
export const firstDay = (year: number, month: number): LegalDate => `${year}-${two(month)}-01`;
export const lastDay = (year: number, month: number): LegalDate =>
  `${year}-${two(month)}-${two(daysIn(year, month))}`;
