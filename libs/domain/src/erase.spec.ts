import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CivilServant } from './civil-servant.ts';
import {
  approveErasure,
  liftHold,
  type ProposeErasure,
  placeHold,
  proposeErasure,
  refuseErasure,
} from './erase.ts';
import { isRefusal } from './event.ts';
import { find } from './find.ts';
import { type Ask, context, given, golongan, inUnit, punished, registered, trained, when } from './given.ts';
import { annul, correct } from './mend.ts';

const asked: ProposeErasure = {
  basis: 'UU 27/2022 Pasal 44',
  jra: 'JRA Kepegawaian 2024, no. 3.1',
  retainedUntil: '2025-12-31',
  beritaAcara: { number: '045/12/BA/2026', date: '2026-02-02' },
  evidence: ['a'.repeat(64)],
};
const by =
  (actor: string, ask: Ask): Ask =>
  (s, c) =>
    ask(s, { ...c, actor });
const proposed =
  (some: Partial<ProposeErasure> = {}): Ask =>
  (s, c) =>
    proposeErasure({ ...asked, ...some }, s, c);
const approving =
  (proposal: string): Ask =>
  (s, c) =>
    approveErasure({ proposal }, s, c);
const declining =
  (proposal: string): Ask =>
  (s, c) =>
    refuseErasure({ proposal, because: 'masih diperlukan' }, s, c);
const approved = (proposal: string, actor = 'another') => by(actor, approving(proposal));
const declined = (proposal: string, actor = 'another') => by(actor, declining(proposal));
const held: Ask = (s, c) => placeHold({ basis: 'UU 27/2022 Pasal 44', because: 'perkara' }, s, c);
const lifted =
  (hold: string): Ask =>
  (s, c) =>
    liftHold({ hold, because: 'putusan tetap' }, s, c);

describe('an erasure', () => {
  it('is proposed by one official and approved by another; both say it twice and write it once', () => {
    const waiting = given(registered, proposed());
    expect(when(proposed(), waiting)).toEqual([]);
    expect(when(approved('e1'), waiting)).toEqual([{ type: 'ErasureApproved', data: { proposal: 'e1' } }]);
    const over = given(registered, proposed(), approved('e1'));
    expect(when(approved('e1'), over)).toEqual([]);
    expect(over.proposals).toMatchObject([{ event: 'e1', state: 'approved' }]);
  });

  it('names the rules it is proposed under, which are not verified', () => {
    expect(when(proposed(), given(registered))).toMatchObject([
      { data: { ...asked, ruleSet: { id: 'penyusutan-arsip', version: 1 } } },
    ]);
  });

  it('is proposed again once it was refused, and refused once', () => {
    const over = given(registered, proposed(), declined('e1'));
    expect(when(declined('e1'), over)).toEqual([]);
    expect(when(approved('e1'), over)).toMatchObject({ refused: 'no-such-proposal' });
    expect(when(proposed(), over)).toMatchObject([{ type: 'ErasureProposed' }]);
  });

  it('is possible again once the hold is lifted, which is lifted once', () => {
    const free = given(registered, proposed(), held, lifted('e2'));
    expect(when(lifted('e2'), free)).toEqual([]);
    expect(when(held, given(registered, held))).toEqual([]);
    expect(when(approved('e1'), free)).toMatchObject([{ type: 'ErasureApproved' }]);
    expect(when(held, free)).toMatchObject([{ type: 'LegalHoldPlaced' }]);
  });

  it('is possible for whose registration was annulled: the person is there all the same', () => {
    const annulled: Ask = (s) => annul({ event: 'e0', because: 'salah orang' }, s);
    expect(when(proposed(), given(registered, annulled))).toMatchObject([{ type: 'ErasureProposed' }]);
  });
});

describe('what stands against an erasure', () => {
  const nip = '19850101 201001 1 001';
  it.each<[string, string, Ask[], Ask]>([
    ['of nobody', 'not-registered', [], proposed()],
    ['a hold on nobody', 'not-registered', [], held],
    [
      'on the last day it is to be kept',
      'retention-not-over',
      [registered],
      proposed({ retainedUntil: '2026-03-01' }),
    ],
    ['a day that does not exist', 'no-such-date', [registered], proposed({ retainedUntil: '2025-02-30' })],
    [
      'a berita acara of tomorrow',
      'no-such-date',
      [registered],
      proposed({ beritaAcara: { number: '1', date: '2026-03-02' } }),
    ],
    [
      'a record that goes on after the last day',
      'record-goes-on',
      [registered, golongan('III/a', '2026-01-01')],
      proposed(),
    ],
    [
      'another proposal that waits',
      'proposal-waiting',
      [registered, proposed()],
      proposed({ jra: 'another' }),
    ],
    ['a NIP in the words', 'names-somebody', [registered], proposed({ jra: `berkas ${nip}` })],
    ['a PNS ID in the words', 'names-somebody', [registered], proposed({ basis: 'A1'.repeat(16) })],
    [
      'a NIK in the number',
      'names-somebody',
      [registered],
      proposed({ beritaAcara: { number: '1271010101850001', date: '2026-02-02' } }),
    ],
    [
      'a NIP in why it is held',
      'names-somebody',
      [registered],
      (s, c) => placeHold({ basis: 'x', because: nip.replaceAll(' ', '') }, s, c),
    ],
    ['the one who proposed it approves', 'same-official', [registered, proposed()], approved('e1', 'a')],
    ['the one who proposed it refuses', 'same-official', [registered, proposed()], declined('e1', 'a')],
    ['no proposal', 'no-such-proposal', [registered], approved('e1')],
    ['another event than a proposal', 'no-such-proposal', [registered, proposed()], approved('e0')],
    ['a hold, for who proposes', 'legal-hold', [registered, held], proposed()],
    ['a hold, for who approves', 'legal-hold', [registered, proposed(), held], approved('e1')],
    ['a second hold', 'legal-hold', [registered, held, lifted('e1'), held], proposed()],
    ['the lifting of no hold', 'no-such-hold', [registered], lifted('e0')],
  ])('%s: %s', (_, code, before, ask) => {
    expect(when(ask, given(...before))).toMatchObject({ refused: code });
  });

  it('does not keep anybody from refusing what is held', () => {
    expect(when(declined('e1'), given(registered, proposed(), held))).toMatchObject([
      { type: 'ErasureRefused' },
    ]);
  });
});

describe('an erased record', () => {
  const erased = given(registered, inUnit, proposed(), held, lifted('e3'), approved('e2'));
  const correction: Ask = (s, c) =>
    correct(
      { event: 'e0', because: 'x', fact: { type: 'Registered', data: { kind: 'pns', tmt: '2015-04-01' } } },
      s,
      c,
    );

  it.each<[string, Ask]>([
    ['fact', trained],
    ['finding', (s) => find({ kind: 'identity-doubtful', fields: ['nip'] }, s)],
    ['annulment', (s) => annul({ event: 'e1', because: 'x' }, s)],
    ['correction', correction],
    ['proposal', proposed({ jra: 'another' })],
    ['refusal', declined('e2')],
    ['hold', held],
    ['lifting', lifted('e9')],
  ])('takes no %s any more', (_, ask) => {
    expect(when(ask, erased)).toMatchObject({ refused: 'erased' });
  });
});

describe('the law of every sequence of commands', () => {
  type Step = { readonly actor: string; readonly ask: Ask };
  const id = fc.nat({ max: 4 }).map((n) => `e${n}`);
  const step: fc.Arbitrary<Step> = fc
    .tuple(
      fc.constantFrom('a', 'b'),
      fc.oneof(
        fc.constantFrom(inUnit, trained, punished, held),
        fc.constantFrom('x', 'y').map((jra) => proposed({ jra })),
        id.map(lifted),
        { arbitrary: id.map(approving), weight: 4 },
        id.map(declining),
      ),
    )
    .map(([actor, ask]) => ({ actor, ask: by(actor, ask) }));
  const isErased = ({ proposals }: CivilServant) => proposals.some(({ state }) => state === 'approved');
  const accepted = ({ ask }: Step, servant: CivilServant) => !isRefusal(ask(servant, context(servant)));

  /** One more accepted step keeps the law; gives the record then. */
  function lawful(done: readonly Ask[], { actor, ask }: Step): CivilServant {
    const [before, after] = [given(...done), given(...done, ask)];
    expect(given(...done, ask, ask)).toEqual(after);
    if (isErased(before)) expect(after).toEqual(before);
    else if (isErased(after)) {
      expect(before.holds.every((hold) => hold.lifted)).toBe(true);
      // Whoever is given proposes as `a`.
      expect(actor).not.toBe('a');
    }
    return after;
  }

  it('writes nothing the second time, nothing after an erasure, and erases by two and never what is held', () => {
    let erasures = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 15 }), (steps) => {
        let servant = given(registered);
        const done: Ask[] = [registered];
        for (const one of steps) {
          if (!accepted(one, servant)) continue;
          servant = lawful(done, one);
          done.push(one.ask);
        }
        erasures += isErased(servant) ? 1 : 0;
      }),
      { numRuns: 500, seed: 20260301 },
    );
    expect(erasures).toBeGreaterThan(20);
  });
});
