import { describe, expect, it } from '@jest/globals';
import { isLegalDate } from './calendar.ts';
import { readNip } from './nip.ts';

describe('a NIP', () => {
  it('that a spreadsheet destroyed is told from one that is too short', () => {
    expect(readNip('1.97506E+17')).toEqual({ fault: 'spreadsheet' });
    expect(readNip('19921220201612190')).toEqual({ fault: 'length' });
    expect(readNip('199913322022011901')).toEqual({ fault: 'birth-date' });
    expect(readNip('196608011988031001')).toMatchObject({
      kind: 'pns',
      born: '1966-08-01',
      appointed: '1988-03',
      sex: 'pria',
    });
    expect(readNip('199001012022212001')).toMatchObject({ kind: 'pppk', sex: 'wanita' });
  });

  it('is made of days that exist', () => {
    expect(['2024-02-29', '2023-02-29', '2024-13-01', '24-01-01'].map(isLegalDate)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
