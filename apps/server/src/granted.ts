import type { Clearance, Subscription } from '@app/delivery';
import { type Classification, covers } from '@app/domain/classification';
import type { OpenRecord } from '@app/record';

const KNOWN_MS = 5_000;

/** The more closely held of two. */
export const lower = (one: Classification, other: Classification): Classification =>
  covers(one, other) ? other : one;

/**
 * What a subscription may be told now: what it asked for, and no more than the key it was made by still allows;
 * undefined: that key is good for nothing any more. Looked up again after five seconds.
 */
export function granting({ apiKeys }: OpenRecord) {
  const known = new Map<string, { readonly at: number; readonly clearance: Clearance | undefined }>();
  const clearanceOf = async (key: string): Promise<Clearance | undefined> => {
    const kept = known.get(key);
    if (kept && Date.now() - kept.at < KNOWN_MS) return kept.clearance;
    const found = await apiKeys.find(key);
    const isGood = found && found.revokedAt === null && found.expires > new Date().toISOString();
    const clearance = isGood ? { sees: found.sees, reads: found.reads } : undefined;
    known.set(key, { at: Date.now(), clearance });
    return clearance;
  };
  return async ({ key, sees, reads }: Pick<Subscription, 'key' | 'sees' | 'reads'>) => {
    if (key === null) return { sees, reads };
    const allowed = await clearanceOf(key);
    return allowed && { sees: lower(sees, allowed.sees), reads: lower(reads, allowed.reads) };
  };
}
