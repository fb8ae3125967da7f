import { isLegalDate, type LegalDate } from './calendar.ts';

/** What a NIP says of its owner (Perka BKN 22/2007): digits 1–8 birth, 9–14 TMT CPNS, 15 sex, 16–18 serial. */
export type NipParts = {
  readonly born: LegalDate;
  readonly kind: 'pns' | 'pppk';
  /** Month of TMT CPNS, `YYYY-MM`; undefined for a PPPK, whose digits 13–14 are no month. */
  readonly appointed?: string;
  readonly sex: 'pria' | 'wanita' | undefined;
};

export type NipFault = 'spreadsheet' | 'length' | 'birth-date';

/**
 * Reads a NIP of 18 digits. A spreadsheet keeps 15 significant digits and writes the rest away (`1.99005E+17`).
 * A NIP that disagrees with other data is an anomaly and not an error: BKN itself corrects them (KONVERSI NIP).
 */
export function readNip(text: string): NipParts | { fault: NipFault } {
  if (/^\d+[.,]?\d*E\+?\d+$/i.test(text)) return { fault: 'spreadsheet' };
  if (!/^\d{18}$/.test(text)) return { fault: 'length' };
  const born = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
  if (!isLegalDate(born)) return { fault: 'birth-date' };
  const month = Number(text.slice(12, 14));
  return {
    born,
    ...(month >= 13
      ? { kind: 'pppk' }
      : { kind: 'pns', appointed: `${text.slice(8, 12)}-${text.slice(12, 14)}` }),
    sex: ({ '1': 'pria', '2': 'wanita' } as const)[text.charAt(14) as '1' | '2'],
  };
}
