import { describe, expect, it } from '@jest/globals';
import { appraise } from './appraise.ts';
import { award } from './award.ts';
import { completeTraining } from './complete-training.ts';
import { find } from './find.ts';
import {
  ABOVE,
  AS,
  type Ask,
  asGuru,
  awarded,
  course,
  cut,
  given,
  golongan,
  inUnit,
  punished,
  registered,
  SUBJECT,
  scored,
  sk,
  trained,
  when,
} from './given.ts';
import { annul } from './mend.ts';
import { place } from './place.ts';
import { promote } from './promote.ts';
import { register } from './register.ts';
import { imposeSanction, liftSanction } from './sanction.ts';

describe('a command asked twice', () => {
  it.each<[string, Ask[], Ask]>([
    ['a registration', [], registered],
    ['a promotion', [registered], golongan('III/a', '2015-03-01')],
    ['a placement', [registered], inUnit],
    ['an appointment', [registered], asGuru],
    ['an appraisal', [registered], scored(2024, AS, AS)],
    ['a training', [registered], trained],
    ['a sanction', [registered], punished],
    ['an award', [registered], awarded],
    [
      'a lifting',
      [registered, punished],
      (s, c) => liftSanction({ sanction: 'e1', tmt: '2024-05-01', sk, because: 'keberatan diterima' }, s, c),
    ],
  ])('writes nothing the second time: %s', (_, before, ask) => {
    const once = given(...before, ask);
    expect(once.facts.length).toBeGreaterThan(given(...before).facts.length);
    expect(when(ask, once)).toEqual([]);
  });
});

describe('what the record refuses', () => {
  it.each<[string, string, Ask[], Ask]>([
    ['a fact about somebody not registered', 'not-registered', [], trained],
    [
      'a finding about somebody not registered',
      'not-registered',
      [],
      (s) => find({ kind: 'identity-doubtful', fields: ['nip'] }, s),
    ],
    [
      'a second registration',
      'already-registered',
      [registered],
      (s, c) => register({ kind: 'pns', tmt: '2016-03-01' }, s, c),
    ],
    ['a TMT before birth', 'before-birth', [], (s, c) => register({ kind: 'pns', tmt: '1980-01-01' }, s, c)],
    ['a TMT before TMT CPNS', 'before-appointment', [registered], golongan('III/a', '2014-01-01')],
    ['a day that does not exist', 'no-such-date', [registered], golongan('III/a', '2020-02-30')],
    [
      'a golongan that does not exist',
      'no-such-golongan',
      [registered],
      (s, c) => promote({ golongan: 'IV/z' as never, jenis: 'reguler', tmt: '2020-01-01', sk }, s, c),
    ],
    [
      'a golongan of a PPPK for a PNS',
      'golongan-of-another-kind',
      [registered],
      golongan('IX', '2020-01-01'),
    ],
    [
      'a promotion to the same golongan',
      'same-golongan',
      [registered, golongan('III/a', '2015-03-01')],
      golongan('III/a', '2019-04-01'),
    ],
    [
      'a step down without a sanction',
      'steps-down-without-sanction',
      [registered, golongan('III/b', '2015-03-01')],
      golongan('III/a', '2019-04-01'),
    ],
    [
      'a late SK above what follows',
      'not-below-the-next',
      [registered, golongan('III/b', '2019-04-01')],
      golongan('III/c', '2016-04-01'),
    ],
    [
      'two promotions of one day',
      'tmt-already-taken',
      [registered, golongan('III/a', '2019-04-01')],
      golongan('III/b', '2019-04-01'),
    ],
    [
      'another score for a scored year',
      'period-already-scored',
      [registered, scored(2024, AS, AS)],
      scored(2024, ABOVE, AS),
    ],
    ['a score of a year before the kuadran', 'scheme-not-in-force', [registered], scored(2020, AS, AS)],
    ['a score of a year that is not over', 'period-not-over', [registered], scored(2026, AS, AS)],
    [
      'an appraisal of oneself',
      'rates-oneself',
      [registered],
      (s, c) =>
        appraise(
          {
            period: { kind: 'tahunan', year: 2024 },
            hasil: AS,
            perilaku: AS,
            penilai: { asn: true, subject: SUBJECT },
          },
          s,
          c,
        ),
    ],
    [
      'a certificate twice',
      'certificate-already-recorded',
      [registered, trained],
      (s, c) => completeTraining({ ...course, jpClaimed: 30 }, s, c),
    ],
    [
      'more JP recognised than claimed',
      'more-than-claimed',
      [registered],
      (s, c) => completeTraining({ ...course, jpRecognised: 21 }, s, c),
    ],
    [
      'a training that ends before it begins',
      'ends-before-it-begins',
      [registered],
      (s, c) => completeTraining({ ...course, to: '2024-01-01' }, s, c),
    ],
    [
      'a sanction of another length than the law gives',
      'wrong-end',
      [registered],
      (s, c) => imposeSanction({ ...cut, until: '2024-10-26' }, s, c),
    ],
    [
      'a sanction of PP 53/2010 decided after PP 94/2021',
      'kind-not-in-force',
      [registered],
      (s, c) => imposeSanction({ ...cut, jenis: 'penurunan-pangkat-1-tahun' }, s, c),
    ],
    [
      'a lifting of nothing',
      'no-such-sanction',
      [registered],
      (s, c) => liftSanction({ sanction: 'x', tmt: '2024-05-01', sk, because: 'y' }, s, c),
    ],
    [
      'a Satyalancana twice',
      'already-awarded',
      [registered, awarded],
      (s, c) =>
        award({ jenis: 'satyalancana-karya-satya-10', tmt: '2025-08-17', sk: { ...sk, number: 'x' } }, s, c),
    ],
    [
      'a placement in the unit one is in',
      'already-in-unit',
      [registered, inUnit],
      (s, c) => place({ unit: 'u1', tmt: '2021-01-01', sk }, s, c),
    ],
    [
      'an annulment of what never was',
      'no-standing-event',
      [registered],
      (s) => annul({ event: 'x', because: 'salah' }, s),
    ],
    [
      'an annulment of a registration others rest on',
      'others-rest-on-it',
      [registered, trained],
      (s) => annul({ event: 'e0', because: 'salah' }, s),
    ],
  ])('%s: %s', (_, code, before, ask) => {
    expect(when(ask, given(...before))).toMatchObject({ refused: code });
  });

  it('lets a penurunan pangkat of PP 53/2010 lead to a lower golongan on its TMT', () => {
    const demoted: Ask = (s, c) =>
      imposeSanction(
        { jenis: 'penurunan-pangkat-1-tahun', tmt: '2019-04-01', sk: { number: 'x', date: '2019-03-01' } },
        s,
        c,
      );
    const servant = given(registered, golongan('III/b', '2015-03-01'), demoted);
    expect(when(golongan('III/a', '2019-04-01'), servant)).toMatchObject([{ type: 'Promoted' }]);
  });
});
