import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jejak, told } from './jejak.ts';
import { registration } from './server.ts';
import { Office, TRAINING } from './siasn-office.ts';

let office: Office;
beforeAll(async () => {
  office = await Office.open();
});
afterAll(() => office.close());
beforeEach(() => office.begin());
afterEach(() => office.double.stop());

describe('jejak siasn outbox', () => {
  it('lists, shows, releases and writes files, and says what for', async () => {
    const subject = await office.register();
    const event = await office.recorded(subject, 'trainings', { ...TRAINING, name: '=Rumus, "Dasar"' });
    const env = { SIASN_INSTANSI_ID: 'A5EB' };
    const data = ['--data', office.server.dir];
    const ask = (...words: string[]) => jejak(['siasn', 'outbox', ...words, ...data], env).ended;
    expect(await ask('show', event)).toMatchObject({ status: 2, stdout: '' });
    const purpose = ['--purpose', 'uji kirim'];
    expect(await ask('show', event, ...purpose)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('POST /kursus/save'),
    });
    expect(await ask('release', event)).toMatchObject({ status: 0 });
    const directory = join(office.codes, 'out');
    const written = await told(
      ['siasn', 'outbox', 'export', directory, '--kind', 'kursus', ...purpose, ...data],
      env,
    );
    expect(written).toMatchObject({ directory, kinds: [{ kind: 'kursus' }] });
    expect(JSON.parse(readFileSync(join(directory, 'kursus', `${event}.json`), 'utf8'))).toMatchObject({
      namaKursus: '=Rumus, "Dasar"',
      pnsOrangId: String(office.people).padStart(32, 'a'),
    });
    const overview = readFileSync(join(directory, 'kursus.csv'), 'utf8').split('\r\n');
    const mine = overview.find((line) => line.startsWith(event));
    expect(mine).toContain(
      `,'${registration(office.people).person.nip},Orang Rekaan ${office.people},released,`,
    );
    expect(readdirSync(join(directory, 'kursus'))).toContain(`${event}.json`);
    const reads = await office.server.record.access.read({ limit: 10_000 });
    expect(reads.map(({ what, purpose: why }) => [what, why])).toEqual(
      expect.arrayContaining([
        ['jejak siasn outbox show', 'uji kirim'],
        ['jejak siasn outbox export', 'uji kirim'],
      ]),
    );
  });
});
