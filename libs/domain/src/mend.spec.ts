import { describe, expect, it } from '@jest/globals';
import {
  ABOVE,
  AS,
  type Ask,
  context,
  cut,
  given,
  golongan,
  punished,
  registered,
  scored,
  sk,
  when,
} from './given.ts';
import { annul, correct } from './mend.ts';
import { liftSanction } from './sanction.ts';

describe('nothing is corrected in place', () => {
  it('lets a year be scored again once its score is annulled', () => {
    const servant = given(registered, scored(2024, AS, AS), (s) =>
      annul({ event: 'e1', because: 'salah orang' }, s),
    );
    expect(when(scored(2024, ABOVE, ABOVE), servant)).toMatchObject([{ data: { predikat: 'sangat-baik' } }]);
  });

  it('computes the predikat of a corrected score anew, and refuses to correct the same event again', () => {
    const fix =
      (hasil: typeof ABOVE, event: string): Ask =>
      (s, c) => {
        const [draft] = scored(2024, hasil, ABOVE)({ ...s, facts: s.facts.slice(0, 1) }, c) as never as [
          { data: never },
        ];
        return correct(
          { event, because: 'keberatan diterima', fact: { type: 'AppraisalScored', data: draft.data } },
          s,
          c,
        );
      };
    const servant = given(registered, scored(2024, AS, AS), fix(ABOVE, 'e1'));
    expect(servant.facts).toMatchObject([{}, { event: 'e2', data: { predikat: 'sangat-baik' } }]);
    expect(when(fix(ABOVE, 'e1'), servant)).toMatchObject({ refused: 'no-standing-event' });
    expect(when(fix(ABOVE, 'e2'), servant)).toEqual([]);
  });

  it('holds a corrected promotion to the rules of every promotion', () => {
    const servant = given(registered, golongan('III/a', '2015-03-01'), golongan('III/b', '2019-04-01'));
    const fact = {
      type: 'Promoted',
      data: { golongan: 'III/c', jenis: 'reguler', tmt: '2015-03-01', sk },
    } as const;
    expect(correct({ event: 'e1', because: 'salah ketik', fact }, servant, context(servant))).toMatchObject({
      refused: 'not-below-the-next',
    });
  });

  it('leaves a sanction as it is while a lifting names it', () => {
    const lift: Ask = (s, c) =>
      liftSanction({ sanction: 'e1', tmt: '2024-05-01', sk, because: 'keberatan diterima' }, s, c);
    const servant = given(registered, punished, lift);
    const fact = { type: 'SanctionImposed', data: { ...cut, tingkat: 'sedang', tmt: '2024-03-27' } } as const;
    expect(annul({ event: 'e1', because: 'salah' }, servant)).toMatchObject({ refused: 'others-rest-on-it' });
    expect(correct({ event: 'e1', because: 'salah', fact }, servant, context(servant))).toMatchObject({
      refused: 'others-rest-on-it',
    });
  });

  it('lets a registration be corrected only to what the rest of the record allows', () => {
    const servant = given(registered, golongan('III/a', '2015-03-01'));
    const to = (data: { kind: 'pns' | 'pppk'; tmt: string }) =>
      correct(
        { event: 'e0', because: 'salah ketik', fact: { type: 'Registered', data } },
        servant,
        context(servant),
      );
    expect(to({ kind: 'pns', tmt: '2015-04-01' })).toMatchObject({ refused: 'others-lie-before' });
    expect(to({ kind: 'pppk', tmt: '2015-01-01' })).toMatchObject({ refused: 'golongan-of-another-kind' });
    expect(to({ kind: 'pns', tmt: '2015-01-01' })).toMatchObject([{ type: 'Corrected' }]);
  });
});
