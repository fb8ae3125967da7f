import type { Database } from '@app/journal';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeDialects } from '../../../test/engines/databases.ts';
import { at, BOSS, by, good, heads, PERSON, UNIT } from '../../../test/ledger/good-journal.ts';
import { BEGUN, GivenJournal, uuid } from '../../../test/ledger/journal.ts';
import { checkpointOf, Mirroring } from '../../../test/ledger/mirroring.ts';
import { LogUnreachable } from './log-source.ts';
import { SemanticWitness } from './semantic.ts';

const MINUTE = 60_000;
let mirroring: Mirroring;

describeDialects('a semantic witness', (aPlace) => {
  beforeEach(async () => {
    mirroring = await Mirroring.begin(aPlace);
  });
  afterEach(() => mirroring.end());

  it('cosigns a log that keeps every rule, as it grows by any steps', async () => {
    const { log, proposal } = good();
    log.record(PERSON, by(BOSS, { type: 'Awarded', data: { proposal } }));
    log.record('unit-new', { id: uuid(3) });
    heads(log, {});
    for (const sizes of [[log.leaves.length], [1, 2, 5, 7, 7, 11, 12, log.leaves.length]]) {
      const witness = await mirroring.witness(log);
      for (const size of sizes) expect(await witness.mayCosign(checkpointOf(log, size))).toBeUndefined();
      expect(await mirroring.size()).toBe(log.leaves.length);
      expect(await witness.findings()).toEqual([]);
      await mirroring.database.write(async (sql) => {
        for (const table of ['mirror', 'mirrored_stream', 'mirrored_event', 'mirrored_fact'])
          await sql(`DELETE FROM ${table}`);
      });
    }
  });

  it('goes in large steps through a long log, and finds what is wrong beyond the first', async () => {
    const log = new GivenJournal();
    const streams = Array.from({ length: 1_500 }, (_, n) => `unit-${uuid(n)}`);
    for (let n = 0; n < 5_000; n++) {
      if (n === 4_000) heads(log, {});
      log.record(streams[(n * 7) % streams.length] as string);
    }
    const committed = log.heads();
    for (let n = 0; n < 600; n++) log.record(streams[n] as string);
    log.record('ledger-heads', { type: 'HeadsCommitted', data: committed });
    const size = log.leaves.length;
    log.record(streams[0] as string, { revision: 0 });
    mirroring.now = BEGUN + size * 1_000;
    const witness = await mirroring.witness(log);
    expect(await witness.mayCosign(checkpointOf(log, size + 1))).toContain(`entry ${size}: `);
    expect(await mirroring.size()).toBe(4_096);
    expect(await witness.mayCosign(checkpointOf(log, size))).toBeUndefined();
  });

  it('forgives what is no longer to come', async () => {
    const { log } = good();
    log.record(UNIT, at(mirroring.now + 5 * MINUTE));
    log.record(UNIT, at(mirroring.now + 5 * MINUTE + 1));
    const witness = await mirroring.witness(log);
    expect(await witness.mayCosign(checkpointOf(log))).toContain('time-in-the-future');
    mirroring.now += 1;
    expect(await witness.mayCosign(checkpointOf(log))).toBeUndefined();
    expect(await witness.findings()).toHaveLength(1);
  });

  it('goes on after it was stopped between two steps, without reading again what it has', async () => {
    const log = new GivenJournal();
    for (let n = 0; n < 5_000; n++) log.record(`unit-${n % 10}`);
    mirroring.now = BEGUN + 5_000_000;
    const broken = await mirroring.tiles(log, (path, bytes) =>
      path.startsWith('tile/entries/018') ? undefined : bytes,
    );
    await expect((await mirroring.witness(log, broken)).mayCosign(checkpointOf(log))).rejects.toThrow(
      LogUnreachable,
    );
    expect(await mirroring.size()).toBe(4_096);
    await mirroring.restart();
    const whole = await mirroring.tiles(log);
    expect(await (await mirroring.witness(log, whole)).mayCosign(checkpointOf(log))).toBeUndefined();
    expect(whole.asked.sort()).toEqual(
      ['016', '017', '018', '019.p/136'].map((tile) => `/tile/entries/${tile}`),
    );
  });

  it('takes entries and how far it is together, or neither', async () => {
    const { log } = good();
    const failing = Object.create(mirroring.database) as Database;
    failing.write = (work) =>
      mirroring.database.write(async (sql, pen) => {
        await work(sql, pen);
        throw new Error('killed before the commit');
      });
    const { url } = await mirroring.tiles(log);
    const killed = await SemanticWitness.open(failing, {
      origin: log.origin,
      url,
      clock: () => mirroring.now,
    });
    await expect(killed.mayCosign(checkpointOf(log))).rejects.toThrow('killed');
    expect(await mirroring.database.read('SELECT * FROM mirrored_event')).toEqual([]);
    const witness = await mirroring.witness(log);
    expect(await witness.mayCosign(checkpointOf(log))).toBeUndefined();
    expect(await mirroring.database.read('SELECT * FROM mirrored_event')).toHaveLength(log.leaves.length);
  });

  it('lets two processes on one state follow the log at once', async () => {
    const log = new GivenJournal();
    for (let n = 0; n < 3_000; n++) log.record(`unit-${n % 10}`);
    mirroring.now = BEGUN + 3_000_000;
    const both = [await mirroring.witness(log), await mirroring.witness(log)];
    expect(await Promise.all(both.map((one) => one.mayCosign(checkpointOf(log))))).toEqual([
      undefined,
      undefined,
    ]);
    expect(await mirroring.size()).toBe(3_000);
  });
});
