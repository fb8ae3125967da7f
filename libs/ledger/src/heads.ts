import { CompactRange, type Hash, leafHash } from '@app/proof';

/** How far a stream has come: how many events it has, and the journal index of its last. */
export type Head = { readonly stream: string; readonly versions: bigint; readonly lastIndex: bigint };

/** The leaf of a stream's head (proof 3.17): `stream || 0x00 || u64be(versions) || u64be(lastIndex)`. */
export function headLeaf(stream: string, versions: bigint, lastIndex: bigint): Buffer {
  const numbers = Buffer.alloc(17);
  numbers.writeBigUInt64BE(versions, 1);
  numbers.writeBigUInt64BE(lastIndex, 9);
  return Buffer.concat([Buffer.from(stream), numbers]);
}

/**
 * The root over the heads of all streams (proof 3.17), and how many they are. They come in the order of the UTF-8
 * bytes of their streams, each once. Throws `RangeError` where they do not.
 */
export async function headsRoot(
  heads: AsyncIterable<Head> | Iterable<Head>,
): Promise<{ root: Hash; count: number }> {
  const range = new CompactRange();
  let before: Buffer | undefined;
  for await (const { stream, versions, lastIndex } of heads) {
    const name = Buffer.from(stream);
    if (before && Buffer.compare(before, name) >= 0)
      throw new RangeError(`the head of ${stream} does not come in the order of the streams`);
    before = name;
    range.append(leafHash(headLeaf(stream, versions, lastIndex)));
  }
  return { root: range.root(), count: Number(range.size) };
}
