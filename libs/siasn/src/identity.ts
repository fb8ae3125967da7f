import type { LegalDate } from '@app/domain/calendar';
import type { NipParts } from '@app/domain/nip';
import type { Row } from './row.ts';

/**
 * What about a person's identity does not fit together: names of the pairs, never values. SIASN has wrong NIPs, which
 * BKN corrects (KONVERSI NIP); so this is found, not refused (domain 10.1, 10.3).
 */
export function doubtsAbout(row: Row, nip: NipParts, kind: 'pns' | 'pppk', born: LegalDate): string[] {
  const checks: readonly [string, boolean][] = [
    ['nip/birth', nip.born !== born],
    ['nip/tmt-cpns', differs(nip.appointed, row.date('TMT CPNS')?.slice(0, 7))],
    ['nip/sex', differs(nip.sex, sexOf(row))],
    ['nip/kind', nip.kind !== kind],
    ['nik/birth', differs(birthInNik(row.text('NIK')), born.slice(2))],
    ['nik/valid', /^(false|f|0|tidak)$/i.test(row.text('IS VALID NIK'))],
  ];
  return checks.filter(([, doubtful]) => doubtful).map(([name]) => name);
}

const differs = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b;

function sexOf(row: Row): string | undefined {
  const letter = row.text('JENIS KELAMIN').toUpperCase();
  if (letter === 'M' || letter === 'L') return 'pria';
  return letter === 'F' || letter === 'P' ? 'wanita' : undefined;
}

/** `YY-MM-DD` of a NIK: six digits of region, then the day (of a woman: + 40), month and year of birth. */
function birthInNik(nik: string): string | undefined {
  const [, day = '', month = '', year = ''] = /^\d{6}(\d{2})(\d{2})(\d{2})\d{4}$/.exec(nik) ?? [];
  if (!day) return nik ? 'none' : undefined;
  const of = Number(day) > 40 ? Number(day) - 40 : Number(day);
  return `${year}-${month}-${String(of).padStart(2, '0')}`;
}
