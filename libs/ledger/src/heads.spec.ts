import { EMPTY_ROOT, leafHash, nodeHash } from '@app/proof';
import { expect, it } from '@jest/globals';
import { headLeaf, headsRoot } from './heads.ts';

const head = (stream: string, versions: bigint, lastIndex: bigint) => ({ stream, versions, lastIndex });

it('writes a head as the stream, a zero, and two numbers of eight bytes', () => {
  expect(headLeaf('unit-é', 3n, 258n).toString('hex')).toBe(
    `${Buffer.from('unit-é').toString('hex')}00${'0000000000000003'}${'0000000000000102'}`,
  );
  expect(headLeaf('a', 2n ** 64n - 1n, 0n).toString('hex')).toBe(`6100${'f'.repeat(16)}${'0'.repeat(16)}`);
});

it('makes one root of all heads, and counts them', async () => {
  const [a, b, c] = [head('a', 1n, 0n), head('b', 2n, 3n), head('ä', 1n, 2n)] as const;
  const [ha, hb, hc] = [a, b, c].map((one) =>
    leafHash(headLeaf(one.stream, one.versions, one.lastIndex)),
  ) as [Buffer, Buffer, Buffer];
  expect(await headsRoot([])).toEqual({ root: EMPTY_ROOT, count: 0 });
  expect(await headsRoot([a])).toEqual({ root: ha, count: 1 });
  expect(await headsRoot([a, b, c])).toEqual({ root: nodeHash(nodeHash(ha, hb), hc), count: 3 });
  async function* later() {
    yield* [a, b, c];
  }
  expect(await headsRoot(later())).toEqual(await headsRoot([a, b, c]));
});

it('refuses heads that come in another order than that of their bytes, or twice', async () => {
  // As UTF-16 the second would come first.
  await headsRoot([head('\uff5e', 1n, 0n), head('\u{1f600}', 1n, 1n)]);
  for (const order of [
    ['b', 'a'],
    ['a', 'a'],
    ['\u{1f600}', '\uff5e'],
  ])
    await expect(headsRoot(order.map((name) => head(name, 1n, 0n)))).rejects.toThrow(RangeError);
});
