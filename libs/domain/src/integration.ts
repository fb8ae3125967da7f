import type { Classification } from './classification.ts';
import type { Event } from './event.ts';

/** What an integrator's key is good for: which events it is told of, whose data it is given, what for, until when. */
export type KeyTerms = {
  readonly name: string;
  readonly sees: Classification;
  readonly reads: Classification;
  readonly purpose: string;
  /**
   * UTC, ISO 8601 with ms.
   * @format date-time
   */
  readonly expires: string;
};
/** A key of an integrator was issued, or its terms or secret changed, or it is good for nothing any more. */
export type ApiKeyChanged = Event<
  'ApiKeyChanged',
  KeyTerms & { readonly change: 'issued' | 'changed' | 'rotated' | 'revoked' }
>;

/** What is to be delivered where; of the address only the host, since the rest may hold a secret. */
export type SubscriptionChanged = Event<
  'SubscriptionChanged',
  {
    readonly change:
      | 'created'
      | 'changed'
      | 'paused'
      | 'resumed'
      | 'rotated'
      | 'disabled'
      | 'healed'
      | 'deleted';
    readonly key: string;
    readonly host: string;
    readonly ordering: 'none' | 'partition' | 'total';
    readonly filters: readonly unknown[];
  }
>;

export type IntegrationEvent = ApiKeyChanged | SubscriptionChanged;

export const apiKeyStream = (key: string): string => `apiKey-${key}`;
export const subscriptionStream = (subscription: string): string => `subscription-${subscription}`;

/** How these streams are folded: their last word. The rows beside the log say what is in force. */
export const API_KEY = {
  initial: undefined as ApiKeyChanged['data'] | undefined,
  evolve: (_: ApiKeyChanged['data'] | undefined, { data }: ApiKeyChanged) => data,
};
export const SUBSCRIPTION = {
  initial: undefined as SubscriptionChanged['data'] | undefined,
  evolve: (_: SubscriptionChanged['data'] | undefined, { data }: SubscriptionChanged) => data,
};
