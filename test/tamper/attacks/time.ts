import { daysAgo } from '../clock.ts';
import type { Attack } from '../detect.ts';
import { bundleOf } from '../forge.ts';
import type { Lab } from '../lab.ts';

const AWARD = { name: 'Satyalancana Karya Satya', year: 2025 };

/** Says that the last event was recorded so many ms from the one before it. */
const redate = (lab: Lab, ms: number) =>
  lab.log(`UPDATE event SET recorded_at = ${ms} + (SELECT recorded_at FROM event ORDER BY position DESC LIMIT 1 OFFSET 1)
    WHERE position = (SELECT max(position) FROM event)`);

const HOUR_MS = 3_600_000;

/** To when things were recorded, before anybody elsewhere sees them. */
export const TIME: readonly Attack[] = [
  {
    name: 'back-dated',
    words: { id: 'waktu pencatatan dimundurkan', en: 'recorded before the event before it, as the log says' },
    attack: async (lab) => {
      await lab.append('Awarded', AWARD);
      await redate(lab, -HOUR_MS);
    },
    expect: (lab) => ({ verify: `time ${lab.size}`, witness: 'nothing', 'semantic witness': 'nothing' }),
  },
  {
    name: 'back-dated-consistently',
    words: {
      id: 'dimundurkan ke sebelum checkpoint sebelumnya, urutannya tetap',
      en: 'recorded after the event before it, but before the checkpoint before it',
    },
    attack: async (lab) => {
      await lab.append('Awarded', AWARD);
      await daysAgo(-1, () => lab.seal());
      await daysAgo(-2, async () => {
        await lab.append('Awarded', { ...AWARD, year: 2015 });
        await redate(lab, HOUR_MS);
        lab.bundle = await bundleOf(lab);
      });
    },
    expect: (lab) => ({
      verify: `time ${lab.size + 1}`,
      'verify-bundle': `time ${lab.size + 1}`,
      'semantic witness': 'nothing',
    }),
  },
  {
    name: 'forward-dated',
    words: { id: 'waktu pencatatan dimajukan', en: 'recorded in a year from now' },
    attack: async (lab) => {
      await lab.append('Awarded', AWARD);
      await redate(lab, 365 * 24 * HOUR_MS);
      lab.bundle = await bundleOf(lab);
    },
    expect: (lab) => ({
      verify: `time ${lab.size}`,
      'semantic witness': `time-in-the-future ${lab.size}`,
      'verify-bundle': `time ${lab.size}`,
      witness: 'nothing',
    }),
  },
  {
    name: 'back-dated-after-it-was-sealed',
    words: { id: 'dimundurkan setelah disegel', en: 'back-dated after it was sealed, all rebuilt' },
    attack: async (lab) => {
      await lab.log(`UPDATE event SET recorded_at = recorded_at - 1 WHERE position > ${lab.sealed(0)}`);
      await lab.rebuildAll();
    },
    expect: (lab) => ({ verify: `checkpoint ${lab.sealed(0)}`, signer: 'refuses', witness: '422' }),
  },
];
