import { describe, expect, it } from '@jest/globals';
import { addMonths } from './calendar.ts';
import { sanctionsOn } from './career.ts';
import { type Ask, cut, given, punished, registered, sk, when } from './given.ts';
import { imposeSanction, liftSanction } from './sanction.ts';

describe('a sanction of PP 94/2021', () => {
  it('lasts as long as its kind says, and until it is lifted', () => {
    expect(given(registered, punished).facts[1]).toMatchObject({
      data: { tingkat: 'sedang', until: '2024-09-26' },
    });
    expect(addMonths('2023-08-31', 6)).toBe('2024-02-29');
  });

  it('is served from its TMT to the day before its end, and no longer once it is lifted', () => {
    const imposed = given(registered, punished);
    const on = (day: string) => sanctionsOn(imposed, day).length;
    expect(['2024-03-25', '2024-03-26', '2024-09-25', '2024-09-26'].map(on)).toEqual([0, 1, 1, 0]);
    const lift: Ask = (s, c) =>
      liftSanction({ sanction: 'e1', tmt: '2024-05-01', sk, because: 'keberatan diterima' }, s, c);
    const lifted = given(registered, punished, lift);
    expect(['2024-04-30', '2024-05-01'].map((day) => sanctionsOn(lifted, day).length)).toEqual([1, 0]);
  });

  it('that has no time of its own can be cancelled on any later day, another only while it lasts', () => {
    const teguran: Ask = (s, c) => imposeSanction({ ...cut, jenis: 'teguran-tertulis' }, s, c);
    const lift: Ask = (s, c) =>
      liftSanction({ sanction: 'e1', tmt: '2025-01-01', sk, because: 'SK pembatalan' }, s, c);
    expect(when(lift, given(registered, teguran))).toMatchObject([{ type: 'SanctionLifted' }]);
    expect(when(lift, given(registered, punished))).toMatchObject({ refused: 'outside-the-sanction' });
  });
});
