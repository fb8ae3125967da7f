import { keysOf, type Subscription } from '@app/delivery';
import type { SubscriptionChanged } from '@app/domain/integration';

/** The event that says what became of a subscription; of its address only the host, the rest may hold a secret. */
export const changedTo = (
  {
    owner,
    key,
    url,
    ordering,
    filters,
  }: Pick<Subscription, 'owner' | 'key' | 'url' | 'ordering' | 'filters'>,
  change: SubscriptionChanged['data']['change'],
): SubscriptionChanged => ({
  type: 'SubscriptionChanged',
  data: { change, key: key ?? owner, host: new URL(url).host, ordering, filters: JSON.parse(filters) },
});

/** A subscription as it is told: without its secrets. */
export type SubscriptionTold = ReturnType<typeof subscriptionTold>;

export function subscriptionTold(subscription: Subscription, size: number, held: number) {
  const { id, name, url, filters, ordering, sees, reads, state, because, cursor, fails, secret } =
    subscription;
  const isPair = keysOf({ ...subscription, previousSecret: null }).keys.length > 0;
  return {
    id,
    name,
    url,
    filters: JSON.parse(filters) as unknown[],
    ordering,
    sees,
    reads,
    signature: isPair ? 'v1a' : 'v1',
    publicKey: isPair ? publicOf(secret) : null,
    state,
    because,
    after: cursor,
    behind: Math.max(0, size - 1 - cursor),
    held,
    fails,
    failingSince: timeOf(subscription.failingSince),
    restsUntil: timeOf(subscription.nextAt || null),
    previousSecretUntil: timeOf(subscription.previousUntil),
    createdAt: timeOf(subscription.createdAt) ?? '',
  };
}

const timeOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** The public half of `whsk_` (seed and public key): what the receiver verifies by. */
const publicOf = (secret: string): string =>
  `whpk_${Buffer.from(secret.slice('whsk_'.length), 'base64').subarray(32).toString('base64')}`;
