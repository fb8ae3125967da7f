import { LOG_KEY, type Signer, sha256, timeOf } from '@app/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Known, Verifier } from '../verify/answer.ts';
import { bundleOf, contentOf, filesOf, issuedOf } from '../verify/bundle.ts';
import { Chromium, hasChromium } from '../verify/chromium.ts';
import { atTime, decisionPlan, type Plan, POLICY, plan } from '../verify/make.ts';
import { hasPython, Python } from '../verify/python.ts';
import { zipOf } from '../verify/zip.ts';

/** Files in which nothing but the manifest's hash is checked; and the policy of the issuer, which has URLs and words. */
const FREE = ['prov.json', 'timeline.html', 'BACA-SAYA.txt', 'policy.txt'];
/** The manifest speaks of others, and is spelled anew with each change of theirs. */
const MANIFEST = 'MANIFEST.json';
/** What the signers of the plan signed since it was last asked for. */
const signed: Known[] = [];
const small = (): Plan => ({
  ...plan(),
  older: [2],
  signers: (size) => atTime()(size).map(remembering),
});
const SMALL = small();
const CONTENT = contentOf(SMALL);
const FILES = filesOf(SMALL);

function remembering(signer: Signer): Signer {
  const sign = (text: string) => {
    const made = signer.sign(text);
    const isLog = signer.type === LOG_KEY;
    const message = isLog ? text : `cosignature/v1\ntime ${timeOf(made)}\n${text}`;
    const bytes = [signer.verifier.publicKey, Buffer.from(message), isLog ? made : made.subarray(8)];
    signed.push(bytes.map((one) => one.toString('base64')) as unknown as Known);
    return made;
  };
  return { ...signer, sign };
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
  return changed;
}

const batches = <T>(all: readonly T[], size = 200): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));

/** The bundle with one byte of one file changed, the manifest made of that, and the bundle issued like that. */
function reissued(name: string, at: number): Buffer {
  const content = flipped(FILES.get(name) ?? Buffer.alloc(0), at);
  return zipOf(
    name.startsWith('ISSUE.')
      ? new Map(FILES).set(name, content)
      : issuedOf(SMALL, new Map(CONTENT).set(name, content)),
  );
}

/** Every byte of every file that says something; of the checkpoint that stands in all proofs, in one of them. */
const BYTES = [...FILES]
  .filter(([name]) => name !== MANIFEST && !FREE.includes(name))
  .flatMap(([name, bytes]) => {
    const isCopy = /^(entries|policies|heads).*proof$/.test(name) && name !== 'entries/1.tlog-proof';
    const length = isCopy ? bytes.indexOf('\n\n') + 2 : bytes.length;
    return Array.from({ length }, (_, at) => [name, at] as const);
  });

function describeVerifier(name: string, isHere: boolean, start: () => Promise<Verifier>): void {
  (isHere ? describe : describe.skip)(name, () => {
    let verifier: Verifier;
    beforeAll(async () => {
      verifier = await start();
    });
    afterAll(() => verifier?.close());
    const verdictsOf = (bundles: readonly Buffer[]) => verifier.verdicts(bundles, POLICY, signed.splice(0));
    const verdictOf = async (bundle: Buffer, policy = POLICY) =>
      (await verifier.verify(bundle, policy, signed.splice(0))).verdict;

    it.each([0x01, 0x80])('finds every byte that was changed by XOR %i', async (mask) => {
      for (const made of [SMALL, decisionPlan()]) {
        const bundle = bundleOf(made);
        expect(await verifier.flip(bundle, POLICY, mask)).toEqual(Array(bundle.length).fill('tampered'));
      }
    });

    it('finds every byte that the issuer changed, with the manifest and the issue made of it', async () => {
      expect(await verdictOf(bundleOf(SMALL))).toBe('sound');
      const passed: string[] = [];
      for (const some of batches(BYTES)) {
        const verdicts = await verdictsOf(some.map(([file, at]) => reissued(file, at)));
        passed.push(...some.filter((_, n) => verdicts[n] !== 'tampered').map(String));
      }
      expect(passed).toEqual([]);
    }, 600_000);

    it('finds a manifest of which any byte was changed', async () => {
      const bytes = FILES.get(MANIFEST) ?? Buffer.alloc(0);
      for (const some of batches([...bytes.keys()])) {
        const bundles = some.map((at) => zipOf(new Map(FILES).set(MANIFEST, flipped(bytes, at))));
        expect(await verdictsOf(bundles)).toEqual(Array(some.length).fill('tampered'));
      }
    });

    it('finds every truncation, and never fails on one', async () => {
      const bundle = bundleOf(SMALL);
      const lengths = fc.integer({ min: 0, max: bundle.length - 1 });
      await fc.assert(
        fc.asyncProperty(lengths, async (length) => {
          expect(await verdictOf(bundle.subarray(0, length))).toBe('tampered');
          expect(await verdictOf(bundle.subarray(length + 1))).toBe('tampered');
        }),
      );
    });

    it('never fails on garbage, whole or in any file', async () => {
      const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
      const text = fc.string({ unit: 'binary', maxLength: 200 }).map((made) => Buffer.from(made));
      const lines = fc
        .array(fc.constantFrom(...LINES), { maxLength: 12 })
        .map((made) => Buffer.from(made.join('\n')));
      const json = fc.jsonValue().map((made) => Buffer.from(JSON.stringify(made)));
      const garbage = fc.oneof(bytes, text, lines, json);
      const names = fc.constantFrom(...filesOf(SMALL).keys());
      await fc.assert(
        fc.asyncProperty(names, garbage, async (name, content) => {
          // What is made at random may once be what stands there.
          fc.pre(!content.equals(FILES.get(name) ?? Buffer.alloc(0)));
          const put = (files: Map<string, Buffer>) => files.set(name, content);
          const isFree = FREE.includes(name) || /^(ISSUE|MANIFEST)/.test(name);
          expect(await verdictOf(content)).toBe('tampered');
          expect(await verdictOf(bundleOf(SMALL, { all: put }))).toBe('tampered');
          expect(['tampered', ...(isFree ? ['sound'] : [])]).toContain(
            await verdictOf(bundleOf(SMALL, { files: put })),
          );
        }),
        { numRuns: 300 },
      );
    });

    it('never fails on a leaf, a head or a request with any value anywhere', async () => {
      const changes = fc.record({
        of: fc.constantFrom('entry', 'policy', 'commitment', 'head', 'issue', 'manifest'),
        member: fc.constantFrom(...MEMBERS),
        value: fc.oneof(fc.jsonValue(), fc.constantFrom(...VALUES)),
      });
      await fc.assert(
        fc.asyncProperty(changes, async ({ of, member, value }) => {
          await verdictOf(changed(of, member, value));
        }),
        { numRuns: 500 },
      );
    });

    it('never fails on a policy, whatever the reader gives', async () => {
      const bundle = bundleOf(SMALL);
      const words = fc.constantFrom(...POLICY.split(/[ \n]/), 'any', '0', '2', 'none', '#', '__proto__');
      const lines = fc.array(fc.array(words, { maxLength: 5 }), { maxLength: 8 });
      const policies = fc.oneof(
        fc.string({ unit: 'binary' }),
        lines.map((all) => all.map((line) => line.join(' ')).join('\n')),
      );
      await fc.assert(
        fc.asyncProperty(policies, async (policy) => {
          await verdictOf(bundle, policy);
          await verdictOf(bundleOf({ ...SMALL, policy: policy.toWellFormed() }));
        }),
        { numRuns: 300 },
      );
    });
  });
}

const LINES = [
  'c2sp.org/tlog-proof@v1',
  'extra AAAA',
  'index 0',
  'index 99999999999999999999',
  sha256('x').toString('base64'),
  '',
  'sibolga.go.id/log',
  '7',
  '99999999999999999999',
  `— saksi-1.example ${'A'.repeat(100)}`,
  'quorum none',
];
const MEMBERS = [
  ...['data', 'id', 'metadata', 'recordedAt', 'revision', 'stream', 'type', 'v', '__proto__'],
  ...[
    'ruleSet',
    'version',
    'evidence',
    'asOf',
    'count',
    'root',
    'position',
    'proof',
    'versions',
    'lastIndex',
  ],
  ...['complete', 'files', 'format', 'missing', 'origin', 'request', 'tmt', 'manifest', 'scope', 'purpose'],
];
const VALUES = [
  ...[null, true, false, -1, 0, 1, 0.5, 2 ** 53 - 1, '', '0', [], {}, [[]], [{}], [null]],
  ...[{ id: null }, { id: 'a', version: -1 }, { id: 'a', version: 0.5 }, { id: '../a', version: 1 }],
  ...[[{ sha256: 'x', size: 1 }], [{ sha256: 'a'.repeat(64), size: -1 }], { kind: 'person' }],
];

/** A bundle in which a member of something is another, or there is one more. */
function changed(of: string, member: string, value: unknown): Buffer {
  const made = small();
  const entry = made.leaves[2];
  const into = new Map<string, object | undefined>([
    [
      'entry',
      ['ruleSet', 'tmt'].includes(member) ? entry?.data : member === 'evidence' ? entry?.metadata : entry,
    ],
    ['policy', ['id', 'version'].includes(member) ? made.leaves[0]?.data : made.leaves[0]],
    ['commitment', ['asOf', 'count', 'root'].includes(member) ? made.leaves[5]?.data : made.leaves[5]],
    ['head', made.head],
  ]).get(of);
  const put = (target: object) =>
    Object.defineProperty(target, member, {
      value: JSON.parse(JSON.stringify(value)),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  if (into) put(into);
  return bundleOf(made, {
    manifest: (manifest) => of === 'manifest' && member !== 'request' && put(manifest),
    issued: ({ data }) => of === 'issue' && put(data),
  });
}

describeVerifier('verify.py', hasPython, async () => new Python());
describeVerifier('verify.html', hasChromium, () => Chromium.start());
