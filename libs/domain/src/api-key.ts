import { type Classification, covers } from './classification.ts';
import { type Decision, type Refusal, refuse, same } from './event.ts';
import type { ApiKeyChanged, KeyTerms } from './integration.ts';

/** The last word of the log on a key; undefined: nothing is said of it. */
export type KnownKey = ApiKeyChanged['data'] | undefined;

/** A key is good for at most so long after it was issued or prolonged. */
export const MOST_KEY_DAYS = 400;
const DAY_MS = 86_400_000;
const BASIS = 'docs/keys.md';

/** Issues a key, of which nothing was said before. `now` in ms. */
export function issueKey(terms: KeyTerms, now: number, known: KnownKey): Decision<ApiKeyChanged> {
  if (known) return refuse('key-exists', 'a key of this id was issued before', BASIS);
  return readsTooMuch(terms) ?? expiresAmiss(terms, now) ?? said('issued', terms);
}

/** Changes some of the terms; as they are already: nothing. `now` in ms. */
export function changeKey(change: Partial<KeyTerms>, now: number, known: KnownKey): Decision<ApiKeyChanged> {
  if (known?.change === 'revoked' || !known) return unusable(known);
  const before = termsOf(known);
  const terms = { ...before, ...change };
  if (same(terms, before)) return [];
  const amiss = terms.expires === before.expires ? undefined : expiresAmiss(terms, now);
  return readsTooMuch(terms) ?? amiss ?? said('changed', terms);
}

/** Says that the key gets a further secret. `now` in ms. */
export function rotateKey(now: number, known: KnownKey): Decision<ApiKeyChanged> {
  if (known?.change === 'revoked' || !known) return unusable(known);
  if (Date.parse(known.expires) <= now)
    return refuse('key-expired', 'the key has expired; prolong it first, or issue another', BASIS);
  return said('rotated', termsOf(known));
}

/** Ends a key for good; ended already: nothing. */
export function revokeKey(known: KnownKey): Decision<ApiKeyChanged> {
  if (!known) return unusable(known);
  return known.change === 'revoked' ? [] : said('revoked', termsOf(known));
}

/** What both terms allow: the lower classes and the earlier end, under the name and the purpose of the first. */
export const narrower = (one: KeyTerms, other: KeyTerms): KeyTerms => ({
  ...one,
  sees: lower(one.sees, other.sees),
  reads: lower(one.reads, other.reads),
  expires: Date.parse(one.expires) < Date.parse(other.expires) ? one.expires : other.expires,
});

const lower = (one: Classification, other: Classification): Classification =>
  covers(one, other) ? other : one;

export const termsOf = ({ name, sees, reads, purpose, expires }: KeyTerms): KeyTerms => ({
  name,
  sees,
  reads,
  purpose,
  expires,
});

const said = (change: ApiKeyChanged['data']['change'], terms: KeyTerms): ApiKeyChanged[] => [
  { type: 'ApiKeyChanged', data: { ...terms, change } },
];

const unusable = (known: KnownKey): Refusal =>
  known
    ? refuse('key-revoked', 'the key was revoked, which is for good; issue another', BASIS)
    : refuse('key-unknown', 'no such key was issued', BASIS);

/** Nobody reads the data of an event without being told that there is one. */
const readsTooMuch = ({ sees, reads }: KeyTerms): Refusal | undefined =>
  covers(sees, reads)
    ? undefined
    : refuse('reads-more-than-it-sees', `reads ${reads} is above sees ${sees}`, BASIS, 'reads');

function expiresAmiss({ expires }: KeyTerms, now: number): Refusal | undefined {
  const days = (Date.parse(expires) - now) / DAY_MS;
  if (days > 0 && days <= MOST_KEY_DAYS) return undefined;
  return refuse(
    'expiry-amiss',
    `a key ends within ${MOST_KEY_DAYS} days, and not before now`,
    BASIS,
    'expires',
  );
}
