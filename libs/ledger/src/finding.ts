import type { Sql } from '@app/journal';

/** Why a log is not cosigned: the first entry that is wrong, which rule it breaks, and how. */
export class Wrong extends Error {
  constructor(
    readonly index: number,
    readonly rule: string,
    because: string,
  ) {
    super(because);
  }
}

/** A finding as it is told. `index`: of the entry; `size`: of the checkpoint that was refused, in decimal; `foundAt`: UTC. */
export type Finding = {
  readonly index: number;
  readonly rule: string;
  readonly because: string;
  readonly size: string;
  readonly foundAt: string;
};

const MOST_TOLD = 1_000;

/** Remembers what was found; what was found before stays as it is. */
export async function keepFinding(sql: Sql, { index, rule, because, size, foundAt }: Finding): Promise<void> {
  await sql(
    `INSERT INTO mirror_finding (idx, rule, because, size, found_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
    [index, rule, because, size, foundAt],
  );
}

/** What was found, by index; at most 1,000. */
export const findingsIn = (sql: Sql): Promise<Finding[]> =>
  sql<Finding>(
    `SELECT idx AS "index", rule, because, size, found_at AS "foundAt" FROM mirror_finding
     ORDER BY idx, rule LIMIT ${MOST_TOLD}`,
  );
