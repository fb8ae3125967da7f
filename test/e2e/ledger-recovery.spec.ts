import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseSkey, signerOf, signNote } from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const SAMPLE = join(ROOT, 'test/sample/siasn');
const CLI = join(ROOT, 'apps/cli/jejak.mjs');

describe('a log that was put back to an older backup', () => {
  let dir: string;
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [CLI, ...args, '--data', join(dir, 'data')], { cwd: dir, encoding: 'utf8' });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-recovery-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is not sealed any more, until it goes on under another name, and that is on the record', () => {
    run('import', join(SAMPLE, 'asn-export.csv'), join(SAMPLE, 'ref-unor.json'));
    expect(run('seal', '--out', join(dir, 'early')).status).toBe(0);
    for (const name of ['events.db', 'jejak.db']) cpSync(join(dir, 'data', name), join(dir, name));
    run('import', SAMPLE);
    expect(run('seal', '--out', join(dir, 'late')).status).toBe(0);
    expect(run('verify', '--checkpoint', join(dir, 'early')).status).toBe(0);
    for (const name of ['events.db', 'jejak.db']) cpSync(join(dir, name), join(dir, 'data', name));

    const refused = run('seal');
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/entries, but \d+ were signed/),
    ]);
    const verified = run('verify', '--checkpoint', join(dir, 'late'));
    expect([verified.status, verified.stdout]).toEqual([1, expect.stringContaining('rollback')]);

    const old = parseSkey(readFileSync(join(dir, 'data/ledger/log.key'), 'utf8').trim());
    const recovered = run('ledger-recover', 'jejak.localhost/log/2', '--because', 'cadangan lama dipasang');
    expect([recovered.status, recovered.stdout]).toEqual([
      0,
      expect.stringMatching(/^jejak\.localhost\/log\/2\+/),
    ]);
    expect(existsSync(join(dir, `data/ledger/log.key.retired-${old.id}`))).toBe(true);
    const sealed = run('seal');
    expect([sealed.status, sealed.stdout]).toEqual([0, expect.stringMatching(/^jejak\.localhost\/log\/2\n/)]);
    expect(run('verify').status).toBe(0);
    const keys = JSON.parse(run('seal', '--json').stdout) as { policy: string };
    expect(keys.policy).toContain(recovered.stdout.trim());
    expect(keys.policy).toContain(old.verifier.vkey);
  });

  it('cannot be made to go on by a checkpoint that somebody else signed in the place of what was signed last', () => {
    run('import', join(SAMPLE, 'asn-export.csv'));
    run('seal');
    const another = signerOf('jejak.localhost/log', 1, Buffer.alloc(32, 9));
    const note = signNote('jejak.localhost/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n', [
      another,
    ]);
    spawnSync('sh', ['-c', `cat > ${join(dir, 'data/ledger/signed')}`], { input: note });
    run('import', SAMPLE);
    const refused = run('seal');
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining('is not a checkpoint that this log signed'),
    ]);
  });
});
