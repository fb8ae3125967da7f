import { join } from 'node:path';
import { OpenRecord } from '@app/record';
import { importSiasn } from '@app/siasn';
import { inventPeople } from '../invent/people.ts';
import { type Figures, inTemp, peakMiB } from './measure.ts';

/** Imports that many invented people from SIASN's shapes, and follows them into the views. */
export const importing = (people: number): Promise<Figures> =>
  inTemp(async (dir) => {
    await inventPeople(join(dir, 'siasn'), people);
    const record = await OpenRecord.open(join(dir, 'data'), () => '2026-03-01');
    const actor = await record.people.account('urn:jejak:bench', 'bench');
    const seconds = async (work: () => Promise<unknown>) => {
      const start = performance.now();
      await work();
      return (performance.now() - start) / 1000;
    };
    const asking = { actor, role: 'operator', correlationId: actor };
    const first = await seconds(() => importSiasn([join(dir, 'siasn')], record, asking, {}));
    const followed = await seconds(() => record.catchUp());
    const events = await record.journal.size();
    const again = await seconds(() => importSiasn([join(dir, 'siasn')], record, asking, {}));
    await record.catchUp();
    if ((await record.journal.size()) !== events) throw new Error('the second import wrote something');
    await record.close();
    return {
      people,
      events,
      'import, s': first,
      'import, events/s': events / first,
      'follow into journal and views, s': followed,
      'import again (writes nothing), s': again,
      'peak memory, MiB': peakMiB(),
    };
  });
