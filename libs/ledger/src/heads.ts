import { CompactRange, type Hash, leafHash } from '@app/proof';

/** A stream's head among all heads (proof 3.17): its name, how many events it has, and the journal index of the last. */
export type Head = { readonly stream: string; readonly versions: bigint; readonly lastIndex: bigint };

/** The leaf data of a head: `stream || 0x00 || u64be(versions) || u64be(lastIndex)`. */
export function headLeaf(stream: string, versions: bigint, lastIndex: bigint): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64BE(versions);
  numbers.writeBigUInt64BE(lastIndex, 8);
  return Buffer.concat([Buffer.from(`${stream}\0`), numbers]);
}

/** The root over heads in the order of their streams' bytes, and how many there are. */
export async function headsRoot(
  heads: AsyncIterable<Head> | Iterable<Head>,
): Promise<{ count: bigint; root: Hash }> {
  const range = new CompactRange();
  for await (const { stream, versions, lastIndex } of heads)
    range.append(leafHash(headLeaf(stream, versions, lastIndex)));
  return { count: range.size, root: range.root() };
}
