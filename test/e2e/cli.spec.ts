import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { APPLIED_RULE_SETS } from '@app/domain/rule-sets';
import type { Accessed } from '@app/ledger';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const CLI = join(ROOT, 'dist/apps/cli/src/main.js');
const SAMPLE = join(ROOT, 'test/sample/siasn');

describe('the command line', () => {
  let dir: string;
  const run = (args: readonly string[], env: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
      encoding: 'utf8',
      env: { ...process.env, DATA_DIR: join(dir, 'data'), ...env },
    });
    return { status, stdout, stderr };
  };
  const json = (...args: string[]) => JSON.parse(run([...args, '--json']).stdout);
  const FOR = ['--purpose', 'uji'];
  const jsonFor = (...args: string[]) => json(...args, ...FOR);

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-cli-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('rehearses an import without writing, and says the same as the import itself', () => {
    const rehearsed = JSON.parse(run(['import', SAMPLE, '--dry-run', '--json']).stdout);
    expect(json('status').entries).toBe(0);
    const { status, stdout } = run(['import', SAMPLE, '--json']);
    const imported = JSON.parse(stdout);
    expect(status).toBe(1);
    expect(imported).toMatchObject({ refusedTotal: 5, events: rehearsed.events });
    expect(rehearsed.refused).toEqual(imported.refused);
    expect(imported.refused[0]).toMatchObject({ line: 14, field: 'NIP BARU', mendedBy: 'BKPSDM' });
    expect(json('status').entries).toBe(imported.events + APPLIED_RULE_SETS.length);
  });

  it('imported twice writes nothing', () => {
    const before = json('status').entries;
    expect(json('import', SAMPLE)).toMatchObject({ events: 0 });
    expect(json('status').entries).toBe(before);
  });

  it('tells the profile and the trail of a NIP, at both times, as text and as JSON', () => {
    const [finding] = jsonFor('findings', '--kind', 'matrix-anomaly').findings;
    expect(finding).toMatchObject({ kind: 'matrix-anomaly', after: { predikat: 'kurang' } });
    const nip = run(['findings', '--kind', 'matrix-anomaly', ...FOR]).stdout.match(/\d{18}/)?.[0] ?? '';
    expect(jsonFor('profile', nip).profile.predikat.length).toBeGreaterThan(0);
    expect(jsonFor('profile', nip, '--on', '2015-01-01').profile.predikat).toEqual([]);
    expect(
      jsonFor('profile', nip, '--known', String(finding.index - 2)).profile.predikat.length,
    ).toBeLessThan(jsonFor('profile', nip).profile.predikat.length);
    expect(
      jsonFor('history', nip).steps.some(
        (step: { entry: { id: string } }) => step.entry.id === finding.event,
      ),
    ).toBe(true);
    expect(run(['history', nip, ...FOR])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('matrix-anomaly'),
    });
    const [late] = jsonFor('backdated', '--days', '365', '--limit', '1');
    expect(late).toMatchObject({ tmt: expect.any(String), source: expect.any(Object) });
    expect(late.days).toBeGreaterThan(365);
    expect(run(['backdated', ...FOR])).toMatchObject({ status: 0, stdout: expect.stringMatching(/\d{18}/) });
    expect(json('units')).toHaveLength(6);
    expect(run(['distribution', '--year', '2025'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Sangat Baik'),
    });
  });

  it('rebuilds the views and the journal to what they were', () => {
    const before = jsonFor('findings');
    expect(run(['rebuild']).status).toBe(0);
    expect(run(['rebuild', 'journal']).status).toBe(0);
    expect(run(['rebuild', 'findings']).status).toBe(0);
    expect(jsonFor('findings')).toEqual(before);
    expect(json('status').views.every(({ behind }: { behind: number }) => behind === 0)).toBe(true);
  });

  it('keeps a document by its content, once, and gives it back', () => {
    const file = join(dir, 'sk.pdf');
    writeFileSync(file, '%PDF-1.7 SK rekaan');
    const put = ['evidence', 'put', file, '--type', 'application/pdf'];
    const kept = json(...put);
    expect(kept).toMatchObject({
      size: 18,
      mediaType: 'application/pdf',
      events: [{ type: 'EvidenceKept' }],
    });
    expect(json(...put)).toMatchObject({ sha256: kept.sha256, events: [] });
    const out = join(dir, 'again.pdf');
    const get = ['evidence', 'get', kept.sha256, '--purpose', 'uji', '--out', out];
    expect(run(get).status).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe('%PDF-1.7 SK rekaan');
    expect(statSync(out).mode & 0o077).toBe(0);
    expect(run(get)).toMatchObject({ status: 1, stderr: expect.stringContaining('EEXIST') });
    const name = join(dir, 'data', 'evidence', kept.sha256.slice(0, 2), kept.sha256);
    writeFileSync(name, '%PDF-1.7 SK lain!!');
    expect(run([...get.slice(0, -1), join(dir, 'altered.pdf')])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is no longer what was kept'),
    });
    rmSync(name);
    writeFileSync(file, 'GIF89a');
    expect(run(put)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('evidence-of-another-type'),
    });
  });

  it('enters in the access log who read whose data here, for what, and tells nobody’s without', () => {
    const nip = run(['findings', ...FOR]).stdout.match(/\d{18}/)?.[0] ?? '';
    const { subject } = json('history', nip, '--purpose', 'usul satyalancana');
    run(['profile', '000000000000000000', '--purpose', 'salah ketik']);
    const after = String(json('access').at(-1).index - 1);
    const told = ({ role, purpose, what, subject: of }: Accessed) => [role, purpose, what, of];
    expect(json('access', '--after', after).map(told)).toEqual([
      ['operator', 'salah ketik', 'jejak profile', null],
      ['operator', 'memeriksa log akses', 'jejak access', null],
    ]);
    const own = json('access', '--nip', nip, '--limit', '1000');
    expect(own.map(told)).toContainEqual(['operator', 'usul satyalancana', 'jejak history', subject]);
    expect(json('access', '--subject', subject, '--actor', own[0].actor).length).toBe(own.length + 1);
    const all = run(['access', '--json']).stdout;
    expect(all).not.toMatch(/\d{18}/);
    const entries: Accessed[] = JSON.parse(all);
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, n) => n));
    const moved = json('copy-people', '--from', join(dir, 'data', 'jejak.db'), '--to', join(dir, 'moved.db'));
    expect(moved.accesses).toBe(entries.length + 1);
  });

  it.each([
    [2, ['frobnicate'], 'jejak import'],
    [2, ['profile'], 'one NIP is needed'],
    [2, ['profile', '1', '--frob'], '--frob'],
    [2, ['distribution'], '--year'],
    [2, ['rebuild', 'nothing'], 'rebuild takes one of'],
    [2, ['profile', '000000000000000000'], '--purpose'],
    [2, ['history', '000000000000000000'], '--purpose'],
    [2, ['findings'], '--purpose'],
    [2, ['backdated'], '--purpose'],
    [2, ['backdated', '--days', '29', '--purpose', 'uji'], '--days'],
    [2, ['findings', '--purpose', 'NIP 198501012010011001'], 'without anybody’s NIP'],
    [2, ['findings', '--purpose', 'uji', '--on', '2025-02-30'], 'is not a day'],
    [2, ['access', '--actor', 'x'], '--actor is an id'],
    [1, ['access', '--nip', '000000000000000000'], 'is not on the record'],
    [1, ['profile', '000000000000000000', '--purpose', 'uji'], 'is not on the record'],
    [2, ['evidence', 'put', 'x'], '--type is one of'],
    [2, ['evidence', 'get', 'a'.repeat(64)], '--out FILE'],
    [2, ['evidence', 'get', 'a'.repeat(64), '--out', '/no/such/place'], '--purpose'],
    [1, ['evidence', 'get', 'a'.repeat(64), '--out', '/no/such/place', '--purpose', 'uji'], 'was never kept'],
    [1, ['import', '/no/such/place'], '/no/such/place'],
    [0, ['--help'], ''],
    [0, ['import', '--help'], ''],
  ] as const)('ends with %i and says why on standard error: %j', (status, args, words) => {
    const result = run(args);
    expect(result).toMatchObject({ status });
    expect(result.stderr).toContain(words);
  });

  it('says so where the data directory cannot be', () => {
    writeFileSync(join(dir, 'file'), '');
    const { status, stderr } = run(['status', '--data', join(dir, 'file', 'data')]);
    expect(status).toBe(1);
    expect(stderr).toContain(join(dir, 'file', 'data'));
    expect(stderr).not.toContain('    at ');
  });

  it('keeps the record for its owner alone, and makes no local token in production', () => {
    expect(statSync(join(dir, 'data')).mode & 0o077).toBe(0);
    expect(statSync(join(dir, 'data', 'events.db')).mode & 0o077).toBe(0);
    expect(run(['token', '--role', 'bkpsdm']).stdout.trim().split('.')).toHaveLength(3);
    expect(statSync(join(dir, 'data', 'local-issuer.json')).mode & 0o077).toBe(0);
    const oidc = {
      AUTH: 'oidc',
      OIDC_ISSUER: 'https://x.go.id',
      OIDC_AUDIENCE: 'j',
      OIDC_JWKS_URL: 'https://x.go.id/k',
    };
    expect(run(['token', '--role', 'bkpsdm'], { NODE_ENV: 'production', ...oidc })).toMatchObject({
      status: 1,
      stdout: '',
    });
  });

  it('tours an invented sample from nothing, and leaves the record beside it alone', () => {
    const before = json('status').entries;
    const { status, stdout } = run(['demo', '--no-server']);
    expect(status).toBe(0);
    expect(stdout).toContain('2024 Butuh Perbaikan');
    expect(stdout).toContain('Corrected');
    expect(existsSync(join(dir, 'data', 'demo', 'events.db'))).toBe(true);
    expect(json('status').entries).toBe(before);
  });
});
