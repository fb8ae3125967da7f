import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@app/config';
import { embedded, OpenRecord } from '@app/record';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, Usage } from '../../apps/cli/src/command.ts';
import { key } from '../../apps/cli/src/key.command.ts';
import { jejak } from './jejak.ts';
import { TODAY } from './server.ts';

describe('keys by the command line', () => {
  let dir: string;
  let record: OpenRecord;
  let id: string;
  let secret: string;

  /** The command in this process; gives its exit code, what it says as JSON and as text, and its remarks. */
  const ask = async (...args: string[]) => {
    if (!('run' in key)) throw new Error('the command needs a record');
    const said = { value: undefined as unknown, text: '', remarks: '' };
    const say = {
      result: (value: unknown, text: () => string) => Object.assign(said, { value, text: text() }),
      remark: (text: string) => {
        said.remarks += text;
      },
    };
    const settings = readSettings({ DATA_DIR: dir });
    const places = { dataDir: dir, places: embedded(dir), evidence: settings.evidence };
    const code = await key.run({ ...parse(key, args), ...places, record, settings, say });
    return { code, ...said, value: said.value as { secret?: string; previousUntil: string } };
  };
  const holds = async (...some: string[]) =>
    (await Promise.all(some.map((one) => record.apiKeys.verify(one)))).map((one) => one?.id);

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-keys-'));
  });
  afterAll(async () => {
    await record.close();
    rmSync(dir, { recursive: true });
  });

  it('are issued: the secret alone on standard output', async () => {
    const asked = ['--name', 'payroll', '--purpose', 'penggajian', '--data', dir];
    const { status, stdout, stderr } = await jejak(['key', 'issue', ...asked]).ended;
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^jjk_[0-9a-v]{16}_[\w-]{43}\n$/)]);
    [id, secret] = [stdout.slice(4, 20), stdout.trim()];
    expect(stderr).toContain(id);
    expect(stderr).not.toContain(secret.slice(21));
    record = await OpenRecord.open(dir, () => TODAY);
    expect(await holds(secret)).toEqual([id]);
  });

  it('are changed, rotated, revoked, and listed without it', async () => {
    const changed = await ask('change', id, '--reads', 'confidential', '--days', '30');
    expect(changed).toMatchObject({ code: 0, value: { id, reads: 'confidential', name: 'payroll' } });
    const { value } = await ask('rotate', id, '--overlap', '7d');
    expect(Math.round((Date.parse(value.previousUntil) - Date.now()) / 86_400_000)).toBe(7);
    expect(await holds(secret, value.secret ?? '')).toEqual([id, id]);
    expect((await ask('list')).text).toMatch(/berlaku/);
    expect(await ask('revoke', id)).toMatchObject({ code: 0, value: { id, revokedAt: expect.any(String) } });
    expect(await holds(secret, value.secret ?? '')).toEqual([undefined, undefined]);
    const refused = { code: 1, text: '', remarks: expect.stringContaining('key-revoked') };
    expect(await ask('rotate', id)).toMatchObject(refused);
    const { text } = await ask('list');
    expect(text).toMatch(new RegExp(`${id} +payroll +restricted +confidential +penggajian .* dicabut`));
    expect(text).not.toContain(secret.slice(21));
  });

  it.each([
    [['issue', '--name', 'payroll']],
    [['issue', '--name', 'payroll', '--purpose', 'NIP 198501012010011001']],
    [['issue', '--name', 'payroll', '--purpose', 'x', '--days', '401']],
    [['change', '0000000000000000', '--sees', 'secret']],
    [['rotate', '0000000000000000', '--overlap', '31d']],
    [['rotate', '0000000000000000', '--overlap', '1']],
    [['revoke']],
    [['lend']],
  ])('are not touched where the command is not understood: %j', async (args) => {
    await expect(ask(...args)).rejects.toThrow(Usage);
  });
});
