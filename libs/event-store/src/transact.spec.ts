import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Decision, refuse } from '@app/domain/event';
import type { UnitEvent } from '@app/domain/unit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encode } from './codec.ts';
import { NotStorable, StoreUnavailable } from './event-store.ts';
import { commandIdOf } from './ids.ts';
import { SqliteEventStore } from './sqlite.ts';
import { type Asking, type Receipt, type Topic, transactor } from './transact.ts';

const STREAM = 'unit-dinas-kesehatan';
const ASKED_AT = Date.UTC(2025, 0, 2);

/** The names a unit has had. */
const names: Topic<readonly string[], UnitEvent> = {
  initial: [],
  evolve: (had, { data }) => [...had, data.name],
};
const recorded = (name: string) => ({ type: 'UnitRecorded' as const, data: { name } });
/** A name is given once; giving it again changes nothing. */
const give =
  (name: string) =>
  (had: readonly string[]): Decision<UnitEvent> =>
    had.includes(name) ? [] : [recorded(name)];

const asking = (commandId: string, more: Partial<Asking> = {}): Asking => ({
  actor: 'a-1',
  role: 'bkpsdm',
  commandId,
  correlationId: commandId,
  askedAt: ASKED_AT,
  ...more,
});

describe('a command', () => {
  let directory: string;
  let store: SqliteEventStore;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-transact-'));
    store = new SqliteEventStore(join(directory, 'events.db'));
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  const namesKept = async () =>
    (await store.read(STREAM)).map(({ data }) => (JSON.parse(data) as { name: string }).name);

  it('is decided on all that was recorded before, and what was decided is recorded with who asked', async () => {
    const transact = transactor(store);
    await transact(names, STREAM, asking('c-1'), give('Dinas Kesehatan'));
    const seen: (readonly string[])[] = [];
    const receipt = await transact(names, STREAM, asking('c-2', { actor: 'a-2' }), (had) => {
      seen.push(had);
      return [recorded('Dinkes'), recorded('Dinas Kesehatan Kota')];
    });
    const kept = await store.read(STREAM);
    expect(seen).toEqual([['Dinas Kesehatan']]);
    expect(await namesKept()).toEqual(['Dinas Kesehatan', 'Dinkes', 'Dinas Kesehatan Kota']);
    expect(JSON.parse(kept[1]?.metadata ?? '')).toEqual({
      actor: 'a-2',
      role: 'bkpsdm',
      commandId: 'c-2',
      correlationId: 'c-2',
    });
    expect(receipt).toEqual({
      stream: STREAM,
      revision: 2,
      events: kept.slice(1).map(({ id, type }) => ({ id, type })),
    });
  });

  it('knows the ids its events will have before they are recorded', async () => {
    const given: string[] = [];
    await transactor(store)(names, STREAM, asking('c-1'), (_, id) => {
      given.push(id(0), id(1));
      return [recorded('Dinkes'), recorded('Dinas Kesehatan')];
    });
    expect((await store.read(STREAM)).map(({ id }) => id)).toEqual(given);
  });

  it('asked twice writes nothing the second time, and says where the stream stands', async () => {
    const transact = transactor(store);
    await transact(names, STREAM, asking('c-1'), give('Dinkes'));
    const again = await transact(names, STREAM, asking('c-2'), give('Dinkes'));
    expect(again).toEqual({ stream: STREAM, revision: 0, events: [] });
    expect(await namesKept()).toEqual(['Dinkes']);
  });

  it('that is refused writes nothing, and the refusal is passed on as it is', async () => {
    const refusal = refuse('unit-closed', 'the unit was closed in 2024', 'Perwali', 'unit');
    expect(await transactor(store)(names, STREAM, asking('c-1'), () => refusal)).toEqual(refusal);
    expect(await store.read(STREAM)).toEqual([]);
  });

  describe('when others write to the same stream at the same time', () => {
    it('is decided again on what they wrote', async () => {
      const [mine, theirs] = [transactor(store), transactor(store)];
      const seen: (readonly string[])[] = [];
      const receipt = await mine(names, STREAM, asking('c-1'), async (had) => {
        seen.push(had);
        if (had.length < 2)
          await theirs(names, STREAM, asking(`c-${had.length + 2}`), give(`Bagian ${had.length}`));
        return [recorded('Dinkes')];
      });
      expect(seen).toEqual([[], ['Bagian 0'], ['Bagian 0', 'Bagian 1']]);
      expect(receipt).toMatchObject({ revision: 2 });
      expect(await namesKept()).toEqual(['Bagian 0', 'Bagian 1', 'Dinkes']);
    });

    it('is carried out once each, whoever wins', async () => {
      const transacts = [transactor(store), transactor(store), transactor(store)];
      const given = Array.from({ length: 30 }, (_, n) => `Bagian ${n % 15}`);
      const receipts = await Promise.all(
        given.map((name, n) => transacts[n % 3]?.(names, STREAM, asking(`c-${n}`), give(name))),
      );
      expect((await namesKept()).sort()).toEqual([...new Set(given)].sort());
      expect(receipts.flatMap((receipt) => (receipt as Receipt).events)).toHaveLength(15);
    });

    it('is given up when they never stop, and asked to come again', async () => {
      const [mine, theirs] = [transactor(store), transactor(store)];
      let asked = 0;
      const answer = await mine(names, STREAM, asking('c-mine'), async () => {
        await theirs(names, STREAM, asking(`c-${asked}`), give(`Bagian ${asked++}`));
        return [recorded('Dinkes')];
      });
      expect(answer).toMatchObject({ refused: 'too-busy' });
      expect(await namesKept()).not.toContain('Dinkes');
    });

    it('is decided on what they wrote since it last looked', async () => {
      const [mine, theirs] = [transactor(store), transactor(store)];
      await mine(names, STREAM, asking('c-1'), give('Bagian 1'));
      await theirs(names, STREAM, asking('c-2'), give('Bagian 2'));
      await store.append(STREAM, 1, [
        encode('0190f0a0-0000-7000-8000-000000000001', recorded('Bagian 3'), asking('c-3')),
      ]);
      const seen: (readonly string[])[] = [];
      await mine(names, STREAM, asking('c-4'), (had) => {
        seen.push(had);
        return [];
      });
      expect(seen).toEqual([['Bagian 1', 'Bagian 2', 'Bagian 3']]);
    });
  });

  it('is decided on all of its stream, however many streams are remembered or events are in it', async () => {
    const transact = transactor(store, 1);
    for (let n = 0; n < 25; n++)
      await transact(names, STREAM, asking(`c-${n}`), () =>
        Array.from({ length: 100 }, (_, m) => recorded(`Bagian ${n * 100 + m}`)),
      );
    await transact(names, 'unit-other', asking('c-other'), give('Bagian 7'));
    const seen: number[] = [];
    for (const any of [transact, transactor(store)])
      await any(names, STREAM, asking('c-last'), (had) => {
        seen.push(had.length);
        return [];
      });
    expect(seen).toEqual([2_500, 2_500]);
  });

  describe('that names the revision it was made on', () => {
    it.each([
      ['no events', -1],
      ['an earlier revision', 0],
      ['a later revision', 2],
    ])('writes nothing where it names %s and the stream is at another', async (_, ifRevision) => {
      const transact = transactor(store);
      await transact(names, STREAM, asking('c-1'), () => [recorded('Bagian 1'), recorded('Bagian 2')]);
      const moved = await transact(names, STREAM, asking('c-2', { ifRevision }), give('Dinkes'));
      expect(moved).toEqual({ moved: true, actual: 1 });
      expect(await namesKept()).toEqual(['Bagian 1', 'Bagian 2']);
    });

    it('is carried out where the stream is at that revision', async () => {
      const transact = transactor(store);
      await transact(names, STREAM, asking('c-1', { ifRevision: -1 }), give('Bagian 1'));
      await transact(names, STREAM, asking('c-2', { ifRevision: 0 }), give('Bagian 2'));
      expect(await namesKept()).toEqual(['Bagian 1', 'Bagian 2']);
    });

    it('writes nothing where the stream moves on while it is decided', async () => {
      const moved = await transactor(store)(names, STREAM, asking('c-1', { ifRevision: -1 }), async () => {
        await transactor(store)(names, STREAM, asking('c-2'), give('Bagian 1'));
        return [recorded('Dinkes')];
      });
      expect(moved).toEqual({ moved: true, actual: 0 });
      expect(await namesKept()).toEqual(['Bagian 1']);
    });
  });

  describe('that comes with an idempotency key', () => {
    const commandId = commandIdOf('a-1', 'key-1');
    const keyed = (more: Partial<Asking> = {}) =>
      asking(commandId, { keyed: true, fingerprint: 'f-1', ...more });
    const always = (): Decision<UnitEvent> => [recorded('Bagian 1'), recorded('Bagian 2')];

    it('is carried out once; sent again, later and after others wrote, it has the same receipt', async () => {
      const first = await transactor(store)(names, STREAM, keyed(), always);
      await transactor(store)(names, STREAM, asking('c-2'), give('Bagian 3'));
      const again = await transactor(store)(names, STREAM, keyed({ askedAt: ASKED_AT + 60_000 }), always);
      expect(again).toEqual(first);
      expect(await namesKept()).toEqual(['Bagian 1', 'Bagian 2', 'Bagian 3']);
    });

    it('has its receipt again even where it named a revision that the stream has left', async () => {
      const first = await transactor(store)(names, STREAM, keyed({ ifRevision: -1 }), always);
      expect(await transactor(store)(names, STREAM, keyed({ ifRevision: -1 }), always)).toEqual(first);
    });

    it('that wrote more than one page of events is answered with all of them', async () => {
      const transact = transactor(store);
      const many = () => Array.from({ length: 1_200 }, (_, n) => recorded(`Unit ${n}`));
      const keyed = asking(commandIdOf('a-1', 'many'), { keyed: true });
      const first = (await transact(names, STREAM, keyed, many)) as Receipt;
      expect(first.events).toHaveLength(1_200);
      expect(await transact(names, STREAM, keyed, many)).toEqual(first);
    });

    it('is refused where the key came with another request before', async () => {
      await transactor(store)(names, STREAM, keyed(), always);
      const other = await transactor(store)(names, STREAM, keyed({ fingerprint: 'f-2' }), give('Dinkes'));
      expect(other).toMatchObject({ refused: 'idempotency-key-reused' });
      expect(await namesKept()).toEqual(['Bagian 1', 'Bagian 2']);
    });

    it('is carried out once where it is sent twice at the same time', async () => {
      const later = keyed({ askedAt: ASKED_AT + 5 });
      const receipts = await Promise.all([
        transactor(store)(names, STREAM, keyed(), always),
        transactor(store)(names, STREAM, later, always),
      ]);
      expect(await namesKept()).toEqual(['Bagian 1', 'Bagian 2']);
      expect(receipts[0]).toEqual(receipts[1]);
    });
  });

  it('fails, and is not taken for refused, where it cannot be stored or the log is not available', async () => {
    const transact = transactor(store);
    const huge = transact(names, STREAM, asking('c-1'), give('x'.repeat(70_000)));
    await expect(huge).rejects.toThrow(NotStorable);
    expect(await store.read(STREAM)).toEqual([]);
    await store.close();
    await expect(transact(names, STREAM, asking('c-2'), give('Dinkes'))).rejects.toThrow(StoreUnavailable);
  });
});
