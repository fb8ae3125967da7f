import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleOf } from '../verify/bundle.ts';
import { Chromium, hasChromium, VERIFY_HTML } from '../verify/chromium.ts';
import { decisionPlan, LOG_VKEY, type Plan, POLICY, plan } from '../verify/make.ts';
import { edit } from '../verify/spoiled.ts';

describe('the file verify.html', () => {
  const html = readFileSync(VERIFY_HTML, 'utf8');
  const directives = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]?.split('; ') ?? [];

  it.each(['script', 'style'])('lets run no other %s than its own', (kind) => {
    const own = [...html.matchAll(new RegExp(`<${kind}>(.*?)</${kind}>`, 'gs'))];
    expect(own).toHaveLength(1);
    const hash = createHash('sha256')
      .update(own[0]?.[1] ?? '')
      .digest('base64');
    // Whoever changes it puts the hash that is expected here into its policy.
    expect(directives).toContain(`${kind}-src 'sha256-${hash}'`);
  });

  it('loads nothing, and makes no markup of what it reads', () => {
    expect(directives).toContain("default-src 'none'");
    expect(html).not.toMatch(
      /\b(src|href)=|@import|url\(|import\(|fetch\(|XMLHttpRequest|WebSocket|sendBeacon/,
    );
    expect(html).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
  });

  it('can be read: no line is longer than a screen is wide', () => {
    const long = html
      .split('\n')
      .filter((line) => line.length > 210 && !line.includes('Content-Security-Policy'));
    expect(long).toEqual([]);
  });
});

(hasChromium ? describe : describe.skip)('verify.html in a browser', () => {
  let page: Chromium;
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-page-'));
    page = await Chromium.start();
  });
  afterEach(() => page.open());
  afterAll(async () => {
    await page?.close();
    rmSync(dir, { recursive: true });
  });

  /** Chooses the bundle and the policy as people do, and waits for the answer. */
  async function verify(made: Buffer, policy: { text?: string; file?: string } = {}): Promise<void> {
    writeFileSync(join(dir, 'bundle.zip'), made);
    await page.choose('#bundle', join(dir, 'bundle.zip'));
    if (policy.file !== undefined) {
      writeFileSync(join(dir, 'policy.txt'), policy.file);
      await page.choose('#policy-file', join(dir, 'policy.txt'));
      await until(`document.querySelector('#policy').value !== ''`);
    }
    if (policy.text !== undefined)
      await page.evaluate(`document.querySelector('#policy').value = ${JSON.stringify(policy.text)}`);
    await page.evaluate(`document.querySelector('button').click()`);
    await answered();
  }
  /** Waits until something holds in the page. */
  const until = (holds: string): Promise<void> =>
    page.evaluate(`(async () => {
      while (!(${holds})) await new Promise((settle) => setTimeout(settle, 5));
    })()`);
  const answered = (): Promise<void> => until(`document.querySelector('#verdict')`);
  const read = (selector: string): Promise<string> =>
    page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`);
  /** The facts below the verdict, by their English names. */
  const facts = (): Promise<Record<string, string>> =>
    page.evaluate(`Object.fromEntries([...document.querySelectorAll('#answer dt')].map((term) =>
      [term.textContent.split(' / ')[1], term.nextSibling.textContent]))`);
  /** The rows of the table whose caption begins like this. */
  const cells = (caption: string): Promise<string[][]> =>
    page.evaluate(`[...document.querySelectorAll('table')]
      .filter((table) => table.caption.textContent.startsWith(${JSON.stringify(caption)}))
      .flatMap((table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)))`);

  it('shows a sound bundle: the verdict, completeness, keys, times, entries, the answer as JSON', async () => {
    await verify(bundleOf(plan(6)), { text: POLICY });
    expect(await read('#verdict')).toBe('✔ UTUH / SOUND');
    expect((await facts()).completeness).toBe('LENGKAP per ukuran 10 / COMPLETE as of size 10');
    expect(await cells('Yang tidak ada')).toEqual([
      [expect.stringMatching(/^evidence\//), 'tidak dibuka / withheld'],
    ]);
    expect(await cells('Kunci')).toContainEqual([
      LOG_VKEY.split('+').slice(0, 2).join('+'),
      'log',
      'ya / yes',
    ]);
    expect(await cells('Waktu')).toContainEqual(['10', '2026-01-05T02:09:05Z', 'inspektorat']);
    const entries = await cells('Entri');
    expect(entries).toHaveLength(6);
    expect(entries[0]).toEqual(['1', 'Registered', '2026-01-05T02:01:00.000Z', '2017-04-01']);
    expect(JSON.parse(await read('#result'))).toMatchObject({ verdict: 'sound', entries: 6 });
  });

  it('shows what is wrong with a tampered one, and where', async () => {
    const spoil = { files: edit('entries/2.leaf.json', (text) => text.replace('baik', 'kurang')) };
    await verify(bundleOf(plan(), spoil), { file: POLICY });
    expect(await read('#verdict')).toBe('✘ DIUBAH / TAMPERED');
    expect(await facts()).toMatchObject({
      reason: 'inclusion',
      'first bad index': '2',
      file: 'entries/2.leaf.json',
    });
    expect(await read('#answer')).not.toContain('COMPLETE');
    expect(JSON.parse(await read('#result'))).toMatchObject({ verdict: 'tampered', index: 2 });
  });

  it('marks the entry that is wrong', async () => {
    const made: Plan = plan();
    Object.assign(made.leaves[2] ?? {}, { recordedAt: '2026-01-05T01:00:00.000Z' });
    await verify(bundleOf(made), { text: POLICY });
    expect(await read('tr.bad td')).toBe('2');
  });

  it('is undecided without a policy, and shows the keys to be asked for', async () => {
    await verify(bundleOf(plan()));
    expect(await read('#verdict')).toBe('? BELUM DAPAT DIPUTUSKAN / UNDECIDED');
    expect((await cells('Kunci')).map(([, , vouched]) => vouched)).toEqual(
      Array(3).fill('belum dijamin / not vouched for'),
    );
  });

  it('says that a decision is not said to be complete', async () => {
    await verify(bundleOf(decisionPlan()), { text: LOG_VKEY });
    expect(await read('#verdict')).toBe('✔ UTUH / SOUND');
    expect((await facts()).completeness).toContain('not said to be complete');
  });

  it('takes a bundle that is dropped on it', async () => {
    await page.evaluate(`{
      const bytes = Uint8Array.from(atob('${bundleOf(plan()).toString('base64')}'), (one) => one.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], 'bundle.zip'));
      document.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
    }`);
    await answered();
    expect(await read('#verdict')).toContain('UNDECIDED');
  });

  it('shows as text, and does not run, what a bundle says', async () => {
    const made = plan();
    const evil =
      '<img src="https://example.com/x" onerror="document.title = \'run\'"><script>document.title = "run"</script>';
    Object.assign(made.leaves[1]?.data ?? {}, { tmt: evil });
    Object.assign(made.leaves[2] ?? {}, { type: evil });
    await verify(bundleOf(made), { text: POLICY });
    const entries = await cells('Entri');
    expect([entries[0]?.[3], entries[1]?.[1]]).toEqual([evil, evil]);
    expect(await page.evaluate(`document.title === 'run' || document.querySelector('img') !== null`)).toBe(
      false,
    );
  });

  it('gives every field a label, puts the verdict before the reader, and works by keyboard', async () => {
    const unlabelled = await page.evaluate(
      `[...document.querySelectorAll('input, textarea')].filter((one) => one.labels.length === 0).length`,
    );
    expect(unlabelled).toBe(0);
    await verify(bundleOf(plan()), { text: POLICY });
    const roles = await page.evaluate(`[
      document.activeElement.id,
      document.querySelector('#answer').getAttribute('role'),
      document.documentElement.lang,
    ]`);
    expect(roles).toEqual(['verdict', 'status', 'id']);
  });

  it('is undecided in a browser without Ed25519, or without any cryptography', async () => {
    const bundle = bundleOf(plan());
    const undecided = { verdict: 'undecided', reason: null };
    await page.evaluate(
      `void (crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError')))`,
    );
    expect(await page.verify(bundle, POLICY)).toMatchObject(undecided);
    await page.evaluate(`void Object.defineProperty(globalThis, 'crypto', { value: undefined })`);
    expect(await page.verify(bundle, POLICY)).toMatchObject(undecided);
  });

  it('is undecided, in words, where the file cannot be read', async () => {
    await verify(bundleOf(plan()), { text: POLICY });
    await page.evaluate(`{
      document.querySelector('#verdict').remove();
      File.prototype.arrayBuffer = () => Promise.reject(new Error('gone'));
      document.querySelector('button').click();
    }`);
    await answered();
    expect(await read('#verdict')).toContain('UNDECIDED');
    expect(await read('#answer')).toContain('gone');
  });

  it('asked for nothing but itself all the while, and broke no rule of its own', () => {
    expect([...new Set(page.requests)]).toEqual([pathToFileURL(VERIFY_HTML).href]);
    expect(page.complaints).toEqual([]);
  });
});
