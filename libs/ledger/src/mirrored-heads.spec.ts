import type { Database } from '@app/journal';
import { rootOf } from '@app/proof';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeDialects, type Place } from '../../../test/engines/databases.ts';
import { GivenJournal } from '../../../test/ledger/journal.ts';
import { headsRoot } from './heads.ts';
import { MirrorBatch, mirrorTables } from './mirror-batch.ts';
import { headsAsOf } from './mirrored-heads.ts';
import { readLeaf } from './mirrored-leaf.ts';
import { openWitnessState } from './witness-state.ts';

describeDialects('the heads of a mirrored log', (aPlace) => {
  let place: Place;
  let database: Database;
  beforeEach(async () => {
    place = await aPlace();
    database = await openWitnessState(place.where);
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });

  async function mirror(log: GivenJournal, pages: number): Promise<void> {
    const leaves = log.leaves.map((leaf, index) => readLeaf(index, leaf));
    for (let at = 0; at < leaves.length; at += pages)
      await database.write(async (sql) => {
        const some = leaves.slice(at, at + pages);
        const batch = await MirrorBatch.of(sql, mirrorTables(database), some);
        for (const leaf of some) batch.add(leaf);
        await batch.flush();
      });
  }

  it('are, as of every size it had, those that it had then', async () => {
    const log = new GivenJournal();
    const then = [log.heads()];
    // Names whose order in UTF-16 is another one; some streams go on often, some once, some begin late.
    const names = ['\u{1f600}', '\uff5e', 'a', 'ä', 'z', 'unit-1', 'unit-10', 'unit-2'];
    for (let n = 0; n < 150; n++) {
      log.record(names[(n * n + (n >> 3)) % Math.min(names.length, 1 + (n >> 4))] as string);
      then.push(log.heads());
    }
    await mirror(log, 40);
    for (const { asOf, count, root } of then) {
      const heads = await headsRoot(headsAsOf(database.read, asOf));
      expect([asOf, heads.count, heads.root.toString('base64')]).toEqual([asOf, count, root]);
    }
  });

  it('are read page by page, of more streams than a page has', async () => {
    const log = new GivenJournal();
    for (let n = 0; n < 2_000; n++) log.record(`unit-${(n * 7) % 2_000}`);
    const committed = log.heads();
    for (let n = 0; n < 1_500; n++) log.record(`unit-${n}`);
    await mirror(log, 1_000);
    for (const { asOf, count, root } of [committed, log.heads()]) {
      const heads = await headsRoot(headsAsOf(database.read, asOf));
      expect([heads.count, heads.root.toString('base64')]).toEqual([count, root]);
    }
    expect(await headsRoot(headsAsOf(database.read, 0))).toEqual({ count: 0, root: rootOf([]) });
  });
});
