import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenRecord } from '@app/record';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jejak, told } from './jejak.ts';
import { TODAY } from './server.ts';

type Told = { id: string; secret?: string; reads: string; expires: string; previousUntil: string | null };

describe('keys by the command line', () => {
  let dir: string;
  let id: string;
  let secret: string;
  const key = (...args: string[]) => told<Told>(['key', ...args, '--data', dir]);
  const plain = (...args: string[]) => jejak(['key', ...args, '--data', dir]).ended;
  const holds = async (...some: string[]) => {
    const record = await OpenRecord.open(dir, () => TODAY);
    const held = await Promise.all(some.map((one) => record.apiKeys.verify(one)));
    await record.close();
    return held.map((one) => one?.id);
  };
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-keys-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('are issued: the secret alone on standard output', async () => {
    const { status, stdout, stderr } = await plain('issue', '--name', 'payroll', '--purpose', 'penggajian');
    secret = stdout.trim();
    id = secret.slice(4, 20);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^jjk_[0-9a-v]{16}_[\w-]{43}\n$/)]);
    expect(stderr).toContain(id);
    expect(stderr).not.toContain(secret.slice(21));
    expect(await holds(secret)).toEqual([id]);
  });

  it('are changed, rotated, revoked, and listed without it', async () => {
    const changed = await key('change', id, '--reads', 'confidential', '--days', '30');
    expect(changed).toMatchObject({ id, reads: 'confidential' });
    const rotated = await key('rotate', id, '--overlap', '7d');
    const overlap = Date.parse(rotated.previousUntil ?? '') - Date.now();
    expect(Math.round(overlap / 86_400_000)).toBe(7);
    expect(await holds(secret, rotated.secret ?? '')).toEqual([id, id]);
    expect(await key('revoke', id)).toMatchObject({ id, revokedAt: expect.any(String) });
    expect(await holds(secret, rotated.secret ?? '')).toEqual([undefined, undefined]);
    const again = await plain('rotate', id);
    expect([again.status, again.stdout]).toEqual([1, '']);
    expect(again.stderr).toContain('key-revoked');
    const { stdout } = await plain('list');
    expect(stdout).toMatch(new RegExp(`${id} +payroll +restricted +confidential +penggajian .* dicabut`));
    expect(stdout).not.toContain(secret.slice(21));
  });

  it.each([
    [['issue', '--name', 'payroll', '--purpose', 'NIP 198501012010011001']],
    [['rotate', '0000000000000000', '--overlap', '31d']],
  ])('are not touched where the command is not understood: %j', async (args) => {
    const { status, stdout, stderr } = await plain(...args);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(/--help/)]);
  });
});
