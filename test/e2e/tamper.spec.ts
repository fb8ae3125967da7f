import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ATTACKS } from '../tamper/attacks/index.ts';
import { tried } from '../tamper/detect.ts';
import { Lab, type Prepared } from '../tamper/lab.ts';
import { prepare } from '../tamper/prepare.ts';

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
});
