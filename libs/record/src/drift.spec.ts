import { recordUnit, UNIT, unitStream } from '@app/domain/unit';
import { uuidv7 } from '@app/event-store';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { aFile, describeDialects, type Place } from '../../../test/engines/databases.ts';
import { OpenRecord } from './index.ts';

describeDialects('the tables', (aPlace) => {
  let log: Place;
  let place: Place;
  let record: OpenRecord;
  beforeEach(async () => {
    log = await aFile();
    place = await aPlace();
    record = await OpenRecord.open({ log: log.where, database: place.where }, () => '2026-03-01');
  });
  afterEach(async () => {
    await record.close();
    await place.remove();
    await log.remove();
  });

  /** What would have to be changed for the tables to be as the entities say. */
  const drift = async () => {
    const { upQueries } = await record.database.reader.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  };

  it('are as the entities say, made by migrations or built by the runner, and built again', async () => {
    const commandId = uuidv7();
    const asking = { actor: 'a', role: 'r', commandId, correlationId: commandId, askedAt: Date.now() };
    await record.transact(UNIT, unitStream('u'), asking, (unit) => recordUnit('u', { name: 'Unit' }, unit));
    expect(await record.catchUp()).toBe(1);
    expect(await drift()).toEqual([]);
    await record.journal.rebuild();
    await record.views.rebuild(record.views.names);
    await record.views.rebuild(record.views.names);
    expect(await drift()).toEqual([]);
    await record.database.write((sql) => sql('ALTER TABLE unit ADD COLUMN stray text'));
    expect(await drift()).not.toEqual([]);
  });
});
