import type { Clearance, Subscription } from '@app/delivery';
import { type Classification, covers } from '@app/domain/classification';
import type { OpenRecord } from '@app/record';

/** The more open of two classes: what both allow. */
export const lower = (one: Classification, other: Classification): Classification =>
  covers(one, other) ? other : one;

/**
 * What a subscription may be told now: what it asked for, and no more than the key it was made by still allows;
 * undefined: that key is good for nothing any more.
 */
export const granting =
  ({ apiKeys }: Pick<OpenRecord, 'apiKeys'>) =>
  async ({
    key,
    sees,
    reads,
  }: Pick<Subscription, 'key' | 'sees' | 'reads'>): Promise<Clearance | undefined> => {
    if (key === null) return { sees, reads };
    const found = await apiKeys.find(key);
    const isGood = found && found.revokedAt === null && found.expires > new Date().toISOString();
    return isGood ? { sees: lower(sees, found.sees), reads: lower(reads, found.reads) } : undefined;
  };
