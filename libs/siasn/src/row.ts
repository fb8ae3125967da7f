import { createHash } from 'node:crypto';
import { isLegalDate, type LegalDate } from '@app/domain/calendar';
import type { Sk } from '@app/domain/civil-servant';
import { type Refusal, refuse } from '@app/domain/event';
import { canonical } from '@app/event-store';

const LONGEST_TEXT = 4_000;

/** What a cell says: no apostrophe that guarded it from a spreadsheet, and the text `null` is nothing (domain 10.6). */
export function clean(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return '';
  const text = value.trim().replace(/^'+/, '').trim();
  return text.toLowerCase() === 'null' ? '' : text;
}

/** A day as SIASN writes it (`dd-mm-yyyy`), or ISO; undefined: no such day. */
export function dayOf(text: string): LegalDate | undefined {
  const [, d = '', m = '', y = ''] = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4})$/.exec(text) ?? [];
  const date = y ? `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}` : text;
  return isLegalDate(date) ? date : undefined;
}

/** An id of SIASN in one notation: lower case, no hyphens; undefined: not 32 hexadecimal digits. */
export function idOf(text: string): string | undefined {
  const hex = text.toLowerCase().replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(hex) ? hex : undefined;
}

/**
 * A row of SIASN, read tolerantly: keys in any capitalisation, numbers as text, `null` as text. The first thing that
 * cannot be read is its `fault`; what is read after that means nothing.
 */
export class Row {
  readonly #cells = new Map<string, unknown>();
  #fault: Refusal | undefined;

  constructor(raw: object) {
    for (const [key, value] of Object.entries(raw)) {
      const name = key.toLowerCase();
      if (!clean(this.#cells.get(name))) this.#cells.set(name, value);
    }
  }

  get fault(): Refusal | undefined {
    return this.#fault;
  }

  blame(code: string, because: string, field: string, basis = 'SIASN'): void {
    this.#fault ??= refuse(code, because, basis, field);
  }

  /** The first of the cells that says something; empty: none does. */
  text(...names: readonly string[]): string {
    for (const name of names) {
      const text = clean(this.#cells.get(name.toLowerCase()));
      if (text) return text;
    }
    return '';
  }

  needText(name: string, ...others: readonly string[]): string {
    const text = this.text(name, ...others);
    if (!text) this.blame('missing', `${name} is empty`, name);
    return text;
  }

  date(name: string): LegalDate | undefined {
    const text = this.text(name);
    const date = text ? dayOf(text) : undefined;
    if (text && !date) this.blame('no-such-date', `${name} is not a day of the calendar`, name, 'ISO 8601');
    return date;
  }

  needDate(name: string, ...others: readonly string[]): LegalDate {
    const filled = [name, ...others].find((one) => this.text(one)) ?? name;
    this.needText(filled);
    return this.date(filled) ?? '0000-00-00';
  }

  /** A whole number: 2, "2" and "2.0" are the same; undefined: nothing is said. */
  number(name: string): number | undefined {
    const text = this.text(name).replace(',', '.');
    if (!text) return undefined;
    const number = /^-?\d{1,9}(\.0+)?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(number)) this.blame('not-a-number', `${name} is not a whole number`, name);
    return number;
  }

  needNumber(name: string): number {
    this.needText(name);
    return this.number(name) ?? Number.NaN;
  }

  /** The meaning of a code; `absent` where nothing is said. A code that nobody knows is a fault. */
  code<T>(name: string, table: Readonly<Record<string, T>>, absent?: T): T | undefined {
    const code = this.text(name);
    if (!code) return absent;
    if (!Object.hasOwn(table, code)) this.blame('unknown-code', `no code of ${name} is like this`, name);
    return table[code];
  }

  /** A SK, where both its number and its date are given. */
  sk(number: string, date: string): Sk | undefined {
    const day = this.date(date);
    const printed = this.text(number);
    return day && printed ? { number: printed, date: day } : undefined;
  }
}

/** Cells that identify a person, may do so (free text, paths of documents), or must not be hashed for that reason. */
const PERSONAL = /nip|nrp|pns|^nik$|^nama$|namapenilai|penilainama|penilainm|^path$|^keterangan$/;

/** SHA-256 over the canonical JSON of a row without its personal cells; or why there is none. */
export function digestOf(raw: object): string | Refusal {
  const cells = Object.entries(raw).filter(([key]) => !PERSONAL.test(key.toLowerCase()));
  for (const [key, value] of cells) {
    if (typeof value === 'object' && value !== null)
      return refuse('nested-value', `${short(key)} is not text or a number`, 'SIASN', short(key));
    if (typeof value === 'string' && value.length > LONGEST_TEXT)
      return refuse('text-too-long', `${short(key)} is longer than ${LONGEST_TEXT}`, 'SIASN', short(key));
  }
  try {
    return sha256Of(Object.fromEntries(cells));
  } catch {
    return refuse('not-storable', 'a number or a text of this row cannot be kept exactly', 'RFC 8785');
  }
}

const short = (key: string): string => key.slice(0, 60).toWellFormed();

/** SHA-256 of the canonical JSON of a value, in hex; throws `NotStorable`. */
export const sha256Of = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('hex');
