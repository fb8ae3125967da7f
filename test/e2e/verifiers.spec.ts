import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Verifier } from '../verify/answer.ts';
import { bundleOf } from '../verify/bundle.ts';
import { Chromium, hasChromium } from '../verify/chromium.ts';
import {
  atTime,
  decisionPlan,
  LOG_VKEY,
  ORIGIN,
  POLICY,
  plan,
  recordedAt,
  secondsOf,
  witness,
} from '../verify/make.ts';
import { hasPython, Python } from '../verify/python.ts';
import { SPOILED_FORM } from '../verify/spoiled-form.ts';
import { SPOILED_LEAVES } from '../verify/spoiled-leaves.ts';
import { SPOILED_REST } from '../verify/spoiled-rest.ts';
import { NESTED, SPOILED_TRUST, WEAKER } from '../verify/spoiled-trust.ts';

const ALL = [...SPOILED_FORM, ...SPOILED_TRUST, ...SPOILED_LEAVES, ...SPOILED_REST];
const REASONS = 'zip manifest signature quorum issue inclusion gap rule evidence consistency time'.split(' ');

function describeVerifier(name: string, isHere: boolean, start: () => Promise<Verifier>): void {
  (isHere ? describe : describe.skip)(name, () => {
    let verifier: Verifier;
    const verify = (bundle: Buffer, policy?: string): Promise<Answer> => verifier.verify(bundle, policy);
    beforeAll(async () => {
      verifier = await start();
    });
    afterAll(() => verifier?.close());

    it('finds sound a bundle of any number of entries, and knows it to be complete', async () => {
      for (const entries of Array.from({ length: 20 }, (_, n) => n + 1)) {
        const made = plan(entries);
        expect(await verify(bundleOf(made), POLICY)).toEqual({
          verdict: 'sound',
          reason: null,
          index: null,
          file: null,
          words: { en: expect.any(String), id: expect.any(String) },
          origin: ORIGIN,
          size: made.size,
          asOf: made.asOf,
          complete: true,
          missing: made.missing,
          entries,
        });
      }
    });

    it('finds sound a bundle of one decision, and one that does not claim to be complete', async () => {
      const partial = { ...plan(), complete: false, head: undefined, commitment: undefined };
      const sound = { verdict: 'sound', complete: false };
      expect(await verify(bundleOf(decisionPlan()), POLICY)).toMatchObject({ ...sound, entries: 2 });
      expect(await verify(bundleOf(partial), POLICY)).toMatchObject({ ...sound, entries: 3 });
    });

    it('finds sound what the format allows', async () => {
      const allowed = [
        // The time of a witness may be off by 300 seconds.
        { signers: atTime((size) => (size === 2 ? recordedAt(1) / 1_000 - 300 : secondsOf(size))) },
        { signers: atTime((size) => (size === 1 ? recordedAt(1) / 1_000 + 298 : secondsOf(size))) },
        // Older checkpoints need no witness, or there are none of them, or they begin with nothing.
        { signers: (size: number) => atTime()(size).slice(0, size < 7 ? 1 : 3) },
        { older: [] },
        { older: [0, 3] },
        // Witnesses of the issuer that the reader does not know.
        {
          policy: `witness baru ${witness(3).verifier.vkey}\n${POLICY}`,
          signers: (size: number) => [...atTime()(size), witness(3)],
        },
        // Comments, white space, URLs, no end of the last line.
        { policy: `# kebijakan\n\n \t${POLICY.replaceAll(' ', ' \t ').trimEnd()}` },
      ];
      for (const change of allowed)
        expect(await verify(bundleOf({ ...plan(), ...change }), POLICY)).toMatchObject({ verdict: 'sound' });
    });

    it.each(['erased', 'withheld', 'not-kept', 'lost', 'altered'])(
      'finds sound a bundle that misses a document and says why: %s',
      async (why) => {
        const made = plan();
        const missing = [...made.documents.keys()].map((sha) => ({ what: `evidence/${sha}`, why }));
        expect(missing).toHaveLength(1);
        expect(await verify(bundleOf({ ...made, documents: new Map(), missing }), POLICY)).toMatchObject({
          verdict: 'sound',
          missing,
        });
      },
    );

    it('knows numbers as RFC 8785 spells them', async () => {
      const made = plan();
      const numbers = [0.1, -0.5, 87.25, 1e-6, 1.5e-7, -2.5e-9, 123456789.125, 4.35, 5e-324, 0.000001234, -0];
      Object.assign(made.leaves[2]?.data ?? {}, {
        numbers,
        text: '"\\\b\f\n\r\t\u0001\u007f\u2028é😀',
        nothing: null,
      });
      expect(await verify(bundleOf(made), POLICY)).toMatchObject({ verdict: 'sound' });
    });

    it.each([
      ['the policy with its quorum', POLICY],
      ['a policy of groups of groups', NESTED],
      ['one of two witnesses', WEAKER],
      ['the log alone', `log ${LOG_VKEY}\nquorum none\n`],
      ['one key', `${LOG_VKEY}\n`],
    ])('believes %s', async (_, policy) => {
      expect(await verify(bundleOf(plan()), policy)).toMatchObject({ verdict: 'sound' });
    });

    it('is undecided where nobody vouches for the keys, and tells their ids', async () => {
      const answer = await verify(bundleOf(plan()));
      expect(answer).toMatchObject({ verdict: 'undecided', reason: 'trust', complete: true, entries: 3 });
      for (const key of [LOG_VKEY, witness(1).verifier.vkey, witness(2).verifier.vkey]) {
        const id = key.split('+').slice(0, 2).join('+');
        expect(answer.words.en).toContain(id);
        expect(answer.words.id).toContain(id);
      }
    });

    it.each([
      ['names no log', 'quorum none\n'],
      ['is empty', ''],
      ['is no policy', 'percaya saja\n'],
      ['is a wrong key', LOG_VKEY.slice(0, -1)],
    ])('is undecided under a policy that %s', async (_, policy) => {
      const undecided = { verdict: 'undecided', reason: 'trust', size: null };
      expect(await verify(bundleOf(plan()), policy)).toMatchObject(undecided);
    });

    it('finds tampered, without any policy, what contradicts itself', async () => {
      for (const reason of REASONS.filter((one) => one !== 'quorum')) {
        const spoiled = ALL.find((one) => one.reason === reason && one.policy === POLICY);
        expect(await verify(spoiled?.bundle ?? Buffer.alloc(0))).toMatchObject({
          verdict: 'tampered',
          reason,
        });
      }
    });

    describe.each(REASONS)('for the reason %s', (reason) => {
      const cases = ALL.filter((one) => one.reason === reason);
      it.each(cases.map((one) => [one.what, one] as const))(
        '%s',
        async (_, { bundle, policy, index, file }) => {
          const answer = await verify(bundle, policy);
          expect(answer).toMatchObject({ verdict: 'tampered', reason, index, file });
          expect(answer.words.en).not.toBe(answer.words.id);
        },
      );
    });
  });
}

describeVerifier('verify.py', hasPython, async () => new Python());
describeVerifier('verify.html', hasChromium, () => Chromium.start());
