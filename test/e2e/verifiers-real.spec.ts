import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Verifier } from '../verify/answer.ts';
import { Chromium, hasChromium } from '../verify/chromium.ts';
import { hasPython, Python } from '../verify/python.ts';
import { jejak, told } from './jejak.ts';

type Bundled = { readonly entries: number; readonly complete: boolean };

(hasPython || hasChromium ? describe : describe.skip)('a bundle that jejak made of the sample', () => {
  let dir: string;
  let policy: string;
  const verifiers: Verifier[] = [];
  const bundles: { bytes: Buffer; said: Bundled }[] = [];
  const env = () => ({ DATA_DIR: join(dir, 'data') });
  const bundle = async (...asked: string[]): Promise<Buffer> => {
    const out = join(dir, `${bundles.length}.zip`);
    const said = await told<Bundled>(['bundle', ...asked, '--purpose', 'uji', '--out', out], env());
    bundles.push({ bytes: readFileSync(out), said });
    return readFileSync(out);
  };

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-real-'));
    if (hasPython) verifiers.push(new Python());
    if (hasChromium) verifiers.push(await Chromium.start());
    await jejak(['import', join(process.cwd(), 'test/sample/siasn')], env()).ended;
    const { stdout } = await jejak(['findings', '--purpose', 'uji'], env()).ended;
    const nips = [...new Set(stdout.match(/\b\d{18}\b/g))].slice(0, 3);
    let last: Buffer = Buffer.alloc(0);
    for (const nip of nips) last = await bundle(nip);
    const [, event = ''] =
      /"id":"([0-9a-f-]{36})","metadata":[^\n]*?"type":"AppraisalScored"/.exec(last.toString()) ?? [];
    await bundle('--decision', event);
    policy = (await told<{ policy: string }>(['seal'], env())).policy;
  });
  afterAll(async () => {
    for (const verifier of verifiers) await verifier.close();
    rmSync(dir, { recursive: true });
  });

  it('is sound for every verifier, and complete where it says so', async () => {
    expect(bundles.map(({ said }) => said.complete)).toEqual([true, true, true, false]);
    for (const { bytes, said } of bundles)
      for (const verifier of verifiers) {
        const { entries, complete } = said;
        expect(await verifier.verify(bytes, policy)).toMatchObject({ verdict: 'sound', entries, complete });
        expect(await verifier.verify(bytes)).toMatchObject({ verdict: 'undecided', reason: 'trust' });
      }
  });

  it('is sound for none with one bit changed', async () => {
    for (const { bytes } of bundles)
      for (let at = 7; at < bytes.length; at += 997) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at);
        for (const verifier of verifiers)
          expect(await verifier.verify(changed, policy)).toMatchObject({ verdict: 'tampered' });
      }
  });

  it('is not sound for a reader who believes another key', async () => {
    const other = (
      await told<{ vkey: string }>(['ledger-key', 'jejak.localhost/log', '--out', join(dir, 'key')])
    ).vkey;
    for (const verifier of verifiers)
      expect(await verifier.verify(bundles[0]?.bytes ?? Buffer.alloc(0), other)).toMatchObject({
        verdict: 'tampered',
        reason: 'signature',
      });
  });
});
