import { CreateJournal1764000000000, Database, JournalEntry } from '@app/journal';
import { isIncluded, leafHash } from '@app/proof';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeDialects, type Place } from '../../../test/engines/databases.ts';
import { headLeaf, headsRoot } from './heads.ts';
import { headProof, streamHeads } from './stream-heads.ts';

/** Streams in the order of the entries. */
const ENTRIES = [
  'unit-b',
  'civilServant-1',
  'unit-b',
  'unit-ä',
  'civilServant-2',
  'civilServant-1',
  'unit-Z',
];

describeDialects('the heads of all streams', (aPlace) => {
  let place: Place;
  let database: Database;
  beforeEach(async () => {
    place = await aPlace();
    database = await Database.open(place.where, {
      entities: [JournalEntry],
      migrations: [CreateJournal1764000000000],
    });
    await database.write(async (sql) => {
      for (const [index, stream] of ENTRIES.entries())
        await sql(`INSERT INTO journal VALUES (?, ?, ?, 0, 't', 'a', 'r', 1, 'l', 'h')`, [
          index,
          `e${index}`,
          stream,
        ]);
    });
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });
  const heads = async (asOf: number) => {
    const all: [string, bigint, bigint][] = [];
    for await (const { stream, versions, lastIndex } of streamHeads(database, asOf))
      all.push([stream, versions, lastIndex]);
    return all;
  };

  it('stand in the order of their bytes, as of a size', async () => {
    expect(await heads(7)).toEqual([
      ['civilServant-1', 2n, 5n],
      ['civilServant-2', 1n, 4n],
      ['unit-Z', 1n, 6n],
      ['unit-b', 2n, 2n],
      ['unit-ä', 1n, 3n],
    ]);
    expect(await heads(2)).toEqual([
      ['civilServant-1', 1n, 1n],
      ['unit-b', 1n, 0n],
    ]);
  });

  it('are each proven under one root', async () => {
    for (const asOf of [1, 2, 5, 7]) {
      const { root, count } = await headsRoot(streamHeads(database, asOf));
      for (const [stream, versions, lastIndex] of await heads(asOf)) {
        const found = await headProof(database, stream, asOf);
        expect(found?.head).toEqual({ stream, versions, lastIndex });
        expect(
          isIncluded({
            index: found?.position ?? -1n,
            size: BigInt(count),
            leafHash: leafHash(headLeaf(stream, versions, lastIndex)),
            proof: found?.proof ?? [],
            root,
          }),
        ).toBe(true);
      }
    }
  });

  it('have none for a stream that had no event then', async () => {
    expect(await headProof(database, 'unit-ä', 3)).toBeUndefined();
    expect(await headProof(database, 'zzz', 7)).toBeUndefined();
    expect(await headProof(database, 'unit-b', 0)).toBeUndefined();
  });

  it('are bound with their numbers: no other stream, count or index has the same leaf', () => {
    expect(headLeaf('unit-b', 2n, 2n).toString('hex')).toBe('756e69742d620000000000000000020000000000000002');
  });
});
