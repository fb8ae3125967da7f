import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aSchema, hasPostgres } from '../engines/databases.ts';
import { ATTACKS } from '../tamper/attacks/index.ts';
import { tried } from '../tamper/detect.ts';
import { Lab, type Prepared } from '../tamper/lab.ts';
import { ON_POSTGRES, triedOnPostgres } from '../tamper/postgres.ts';
import { prepare } from '../tamper/prepare.ts';
import { jejak } from './jejak.ts';

describe('an attack by somebody with all rights on the files and tables', () => {
  let prepared: Prepared;
  beforeAll(async () => {
    process.setMaxListeners(0);
    prepared = await prepare();
  }, 120_000);
  afterAll(() => rmSync(prepared.directory, { recursive: true }));

  it.each(ATTACKS.map((attack) => [attack.name, attack] as const))(
    '%s',
    async (_, attack) => {
      const { said, wrong } = await tried(attack, new Lab(prepared));
      expect({ wrong, said }).toMatchObject({ wrong: [] });
    },
    60_000,
  );

  it('is named by jejak verify also where the journal cannot follow the log any more', async () => {
    const lab = new Lab(prepared);
    try {
      await ATTACKS.find(({ name }) => name === 'insert')?.attack(lab);
      const { status, stdout, stderr } = await jejak(['verify', '--data', lab.directory, '--json']).ended;
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringContaining('cannot follow the log'),
      });
      const { faults } = JSON.parse(stdout) as { faults: object[] };
      expect(faults[0]).toMatchObject({ kind: 'store', index: prepared.attacked.index });
    } finally {
      lab.remove();
    }
  });
});

(hasPostgres ? describe : describe.skip)('the main ones on PostgreSQL', () => {
  it.each(Object.keys(ON_POSTGRES))(
    '%s',
    async (name) => {
      const { said, must } = await triedOnPostgres(name, await aSchema());
      expect(said).toEqual(must);
    },
    60_000,
  );
});
