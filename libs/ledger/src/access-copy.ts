import type { Database } from '@app/journal';
import { AccessEntry } from './access-entry.ts';
import { AccessLog, insert } from './access-log.ts';

const PAGE = 1_000;

/**
 * Copies the access log to another database, entry by entry as it is: one that has none, or the beginning of this one.
 * Gives how many entries are there then. Throws, and copies nothing, where the other has entries of its own.
 */
export async function copyAccess(from: Database, to: Database): Promise<number> {
  const source = new AccessLog(from);
  const there = await new AccessLog(to).size();
  for (let at = 0; at < there; at += PAGE) {
    const [mine, theirs] = await Promise.all([
      source.leafHashes(at, Math.min(PAGE, there - at)),
      new AccessLog(to).leafHashes(at, Math.min(PAGE, there - at)),
    ]);
    const other = theirs.findIndex((hash, n) => hash !== mine[n]);
    if (other >= 0)
      throw new Error(
        `entry ${at + other} of the access log there is another than here; name a database without one`,
      );
  }
  return to.write(async (sql) => {
    let size = there;
    for (;;) {
      const page = await from.reader
        .getRepository(AccessEntry)
        .createQueryBuilder('it')
        .where('it.index >= :size', { size })
        .orderBy('it.index')
        .limit(PAGE)
        .getMany();
      await insert(sql, page);
      size += page.length;
      if (page.length < PAGE) return size;
    }
  });
}
