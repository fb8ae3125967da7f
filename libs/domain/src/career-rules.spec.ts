import { describe, expect, it } from '@jest/globals';
import { appoint } from './appoint.ts';
import { appraise } from './appraise.ts';
import { award } from './award.ts';
import { addMonths, isLegalDate } from './calendar.ts';
import { sanctionsOn } from './career.ts';
import { type CivilServant, type CivilServantEvent, type Context, evolve, NOBODY } from './civil-servant.ts';
import { completeTraining } from './complete-training.ts';
import { type Decision, isRefusal } from './event.ts';
import { annul, correct } from './mend.ts';
import { readNip } from './nip.ts';
import { place } from './place.ts';
import { PREDIKAT, predikatOf, RATINGS } from './predikat.ts';
import { promote } from './promote.ts';
import { register } from './register.ts';
import { imposeSanction, liftSanction } from './sanction.ts';

const SUBJECT = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
const context = (servant: CivilServant): Context => ({
  subject: SUBJECT,
  today: '2026-03-01',
  born: '1990-05-05',
  id: (n) => `e${servant.facts.length + servant.findings.length + n}`,
});
type Ask = (servant: CivilServant, context: Context) => Decision<CivilServantEvent>;

/** The record after commands that are all accepted. Event ids are `e0`, `e1`, … */
function given(...asks: Ask[]): CivilServant {
  let servant = NOBODY;
  let revision = 0;
  for (const ask of asks) {
    const decided = ask(servant, context(servant));
    if (isRefusal(decided)) throw new Error(decided.because);
    for (const draft of decided) {
      const metadata = { actor: 'a', role: 'bkpsdm', commandId: 'c', correlationId: 'c' };
      const recorded = {
        ...draft,
        id: `e${revision}`,
        stream: `civilServant-${SUBJECT}`,
        revision,
        metadata,
      };
      servant = evolve(servant, { ...recorded, recordedAt: '2026-03-01T00:00:00.000Z' } as never);
      revision++;
    }
  }
  return servant;
}
const when = (ask: Ask, servant: CivilServant) => ask(servant, context(servant));

const sk = { number: '823/1/2020', date: '2020-01-01' };
const registered: Ask = (s, c) => register({ kind: 'pns', tmt: '2015-03-01' }, s, c);
const golongan =
  (to: 'III/a' | 'III/b' | 'III/c' | 'IX', tmt: string): Ask =>
  (s, c) =>
    promote({ golongan: to, jenis: 'reguler', tmt, sk }, s, c);
const scored =
  (year: number, hasil: (typeof RATINGS)[number], perilaku: (typeof RATINGS)[number]): Ask =>
  (s, c) =>
    appraise(
      { period: { kind: 'tahunan', year }, hasil, perilaku, penilai: { asn: true, subject: 'boss' } },
      s,
      c,
    );
const [ABOVE, AS, BELOW] = RATINGS;
const course = {
  name: 'Pelayanan Publik Prima',
  form: 'bimbingan-teknis',
  organiser: 'LAN RI',
  certificate: '1/2024',
  from: '2024-02-01',
  to: '2024-02-03',
  year: 2024,
  jpClaimed: 20,
} as const;
const trained: Ask = (s, c) => completeTraining(course, s, c);
const cut = {
  jenis: 'potong-tukin-6-bulan',
  tmt: '2024-03-26',
  sk: { number: '862/1/2024', date: '2024-03-14' },
} as const;
const punished: Ask = (s, c) => imposeSanction(cut, s, c);
const inUnit: Ask = (s, c) => place({ unit: 'u1', tmt: '2020-01-01', sk }, s, c);
const asGuru: Ask = (s, c) =>
  appoint({ jabatan: 'Guru', jenis: 'fungsional', penugasan: 'definitif', tmt: '2020-01-01', sk }, s, c);
const awarded: Ask = (s, c) => award({ jenis: 'satyalancana-karya-satya-10', tmt: '2025-07-28', sk }, s, c);

describe('the predikat follows from both ratings (PermenPANRB 6/2022, lampiran p. 99)', () => {
  it.each([
    [ABOVE, ABOVE, 'sangat-baik'],
    [ABOVE, AS, 'baik'],
    [ABOVE, BELOW, 'kurang'],
    [AS, ABOVE, 'baik'],
    [AS, AS, 'baik'],
    [AS, BELOW, 'kurang'],
    [BELOW, ABOVE, 'butuh-perbaikan'],
    [BELOW, AS, 'butuh-perbaikan'],
    [BELOW, BELOW, 'sangat-kurang'],
  ] as const)('hasil %s and perilaku %s make %s', (hasil, perilaku, predikat) => {
    expect(predikatOf(hasil, perilaku)).toBe(predikat);
    expect(PREDIKAT).toContain(predikat);
  });

  it('records the predikat of the matrix and a finding where the source states another', () => {
    const servant = given(registered);
    const asked = {
      period: { kind: 'tahunan', year: 2024 },
      hasil: ABOVE,
      perilaku: BELOW,
      penilai: { asn: false },
    } as const;
    expect(appraise(asked, servant, context(servant), 'butuh-perbaikan')).toMatchObject([
      {
        type: 'AppraisalScored',
        data: { predikat: 'kurang', ruleSet: { id: 'predikat-kuadran', version: 1 } },
      },
      {
        type: 'FindingRecorded',
        data: { kind: 'matrix-anomaly', before: { predikat: 'butuh-perbaikan' }, about: 'e1' },
      },
    ]);
    expect(appraise(asked, servant, context(servant), 'kurang')).toHaveLength(1);
  });
});

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
});

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
});

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
