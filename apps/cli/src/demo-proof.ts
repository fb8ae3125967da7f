import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { contentOf, EvidenceStore, makeBundle, verifyBundle } from '@app/ledger';
import { parsePolicy } from '@app/proof';
import type { Call } from './command.ts';
import { askingHere } from './operator.ts';
import { sealedHere } from './sealed.ts';
import { table } from './words.ts';

/** The verifiers that stand apart from the program, from `dist/apps/cli/src`. */
const VERIFIERS = new URL('../../../../apps/verify/', import.meta.url);
const PAGE = fileURLToPath(new URL('verify.html', VERIFIERS));
const SCRIPT = fileURLToPath(new URL('verify.py', VERIFIERS));

type Verdict = { readonly verdict: string; readonly reason: string | null };
type Verifier = (file: string, policyFile: string) => Promise<Verdict>;

/** A bundle of one person, verified by all three verifiers; then with one bit changed, and refused by all three. */
export async function tellProof(call: Call, subject: string, line: (text: string) => void): Promise<void> {
  const { record, settings, dataDir, evidence } = call;
  const { covered, policy } = await sealedHere(record, settings);
  const documents = new EvidenceStore(evidence.directory);
  const { bytes, manifest, entries } = await makeBundle(
    { scope: { kind: 'person', subject }, purpose: 'contoh / demo' },
    { ...record, covered, policy: policy.text, evidence: (hash) => contentOf(record.store, documents, hash) },
    await askingHere(record),
  );
  const [file, spoilt, policyFile] = ['bukti.zip', 'bukti-diubah.zip', 'kebijakan.txt'].map((name) =>
    join(dataDir, name),
  ) as [string, string, string];
  writeFileSync(file, bytes);
  writeFileSync(policyFile, policy.text);
  const changed = Buffer.from(bytes);
  const middle = Math.floor(bytes.length / 2);
  changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle);
  writeFileSync(spoilt, changed);
  line(
    `\n5. Bundel bukti / evidence bundle: ${file} — ${entries} catatan / entries, LENGKAP sampai / COMPLETE as of ${manifest.asOf}`,
  );
  const rows: string[][] = [];
  for (const [name, verify] of Object.entries(ALL))
    rows.push([name, told(await verify(file, policyFile)), told(await verify(spoilt, policyFile))]);
  line(table(['pemeriksa / verifier', 'bundel / bundle', 'satu bit diubah / one bit changed'], rows));
}

const told = ({ verdict, reason }: Verdict): string => (reason === null ? verdict : `${verdict} (${reason})`);

const ALL: Readonly<Record<string, Verifier>> = {
  'jejak verify-bundle': async (file, policyFile) =>
    verifyBundle(readFileSync(file), parsePolicy(readFileSync(policyFile, 'utf8'))),
  'verify.py': async (file, policyFile) => {
    const { stdout } = spawnSync('python3', [SCRIPT, file, '--policy', policyFile, '--json'], {
      encoding: 'utf8',
    });
    return stdout
      ? (JSON.parse(stdout) as Verdict)
      : { verdict: 'undecided', reason: 'python3 tidak ada / is missing' };
  },
  'verify.html (naskahnya / its script)': async (file, policyFile) => {
    const { verifyBundle: verify } = pageScript();
    return verify(new Uint8Array(readFileSync(file)), readFileSync(policyFile, 'utf8'));
  },
};

type Page = { verifyBundle: (bytes: Uint8Array, policy: string) => Promise<Verdict> };

/** The script of the page, with nothing to show anything on: what it says is the same as in a browser. */
function pageScript(): Page {
  const nothing: object = new Proxy(() => undefined, {
    get: (_, name) => (name === Symbol.toPrimitive ? () => '' : nothing),
    set: () => true,
    apply: () => nothing,
  });
  const window = {} as Page;
  const script = /<script>([\s\S]*?)<\/script>/.exec(readFileSync(PAGE, 'utf8'))?.[1] ?? '';
  runInContext(
    script,
    createContext({ window, document: nothing, crypto, TextDecoder, TextEncoder, atob, btoa }),
  );
  return window;
}
