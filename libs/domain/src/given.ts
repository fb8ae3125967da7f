import { appoint } from './appoint.ts';
import { appraise } from './appraise.ts';
import { award } from './award.ts';
import { type CivilServant, type CivilServantEvent, type Context, evolve, NOBODY } from './civil-servant.ts';
import { completeTraining } from './complete-training.ts';
import { type Decision, isRefusal } from './event.ts';
import { place } from './place.ts';
import { RATINGS } from './predikat.ts';
import { promote } from './promote.ts';
import { register } from './register.ts';
import { imposeSanction } from './sanction.ts';

/** A career for specs: given commands that are accepted, when another is asked. Everybody in it is invented. */
export const SUBJECT = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
export const context = (servant: CivilServant): Context => ({
  subject: SUBJECT,
  actor: 'a',
  today: '2026-03-01',
  born: '1990-05-05',
  id: (n) => `e${servant.facts.length + servant.findings.length + n}`,
});
export type Ask = (servant: CivilServant, context: Context) => Decision<CivilServantEvent>;

/** The record after commands that are all accepted. Event ids are `e0`, `e1`, … */
export function given(...asks: Ask[]): CivilServant {
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
export const when = (ask: Ask, servant: CivilServant) => ask(servant, context(servant));

export const sk = { number: '823/1/2020', date: '2020-01-01' };
export const registered: Ask = (s, c) => register({ kind: 'pns', tmt: '2015-03-01' }, s, c);
export const golongan =
  (to: 'III/a' | 'III/b' | 'III/c' | 'IX', tmt: string): Ask =>
  (s, c) =>
    promote({ golongan: to, jenis: 'reguler', tmt, sk }, s, c);
export const scored =
  (year: number, hasil: (typeof RATINGS)[number], perilaku: (typeof RATINGS)[number]): Ask =>
  (s, c) =>
    appraise(
      { period: { kind: 'tahunan', year }, hasil, perilaku, penilai: { asn: true, subject: 'boss' } },
      s,
      c,
    );
export const [ABOVE, AS, BELOW] = RATINGS;
export const course = {
  name: 'Pelayanan Publik Prima',
  form: 'bimbingan-teknis',
  organiser: 'LAN RI',
  certificate: '1/2024',
  from: '2024-02-01',
  to: '2024-02-03',
  year: 2024,
  jpClaimed: 20,
} as const;
export const trained: Ask = (s, c) => completeTraining(course, s, c);
export const cut = {
  jenis: 'potong-tukin-6-bulan',
  tmt: '2024-03-26',
  sk: { number: '862/1/2024', date: '2024-03-14' },
} as const;
export const punished: Ask = (s, c) => imposeSanction(cut, s, c);
export const inUnit: Ask = (s, c) => place({ unit: 'u1', tmt: '2020-01-01', sk }, s, c);
export const asGuru: Ask = (s, c) =>
  appoint({ jabatan: 'Guru', jenis: 'fungsional', penugasan: 'definitif', tmt: '2020-01-01', sk }, s, c);
export const awarded: Ask = (s, c) =>
  award({ jenis: 'satyalancana-karya-satya-10', tmt: '2025-07-28', sk }, s, c);
