import { evidenceStream } from '@app/domain/evidence';
import { ruleSetStream } from '@app/domain/rule-set';
import { sha256 } from '@app/proof';
import type { MirroredEvent, MirroredStream } from './mirror-state.ts';
import type { MirroredLeaf } from './mirrored-leaf.ts';

/** What stands before an entry. */
export type Before = {
  /** Its stream; undefined: it begins here. */
  readonly stream?: MirroredStream;
  /** `recordedAt` of the entry before; empty: there is none. */
  readonly recordedAt: string;
  /** An earlier event of the same stream. */
  readonly event: (id: string) => MirroredEvent | undefined;
  readonly has: (fact: string) => boolean;
  /** The time from which on a `recordedAt` is in the future, ISO 8601. */
  readonly future: string;
};

/** A rule that an entry keeps, or breaks in words. */
type Rule = readonly [
  name: string,
  breaks: (leaf: MirroredLeaf, before: Before) => string | false | undefined,
];

/** A rule set that was published, or a document that was kept, by which later entries find it. */
const factOf = (...words: readonly unknown[]): string => sha256(JSON.stringify(words)).toString('base64');

const isRef = (value: unknown): value is { id: string; version: number } => {
  const { id, version } = (value ?? {}) as Record<string, unknown>;
  return typeof id === 'string' && Number.isSafeInteger(version);
};

/** Read in order; the first that is broken is the finding. */
const RULES: readonly Rule[] = [
  [
    'revision-gap',
    ({ revision, stream }, before) => {
      const next = (before.stream?.revision ?? -1) + 1;
      return revision !== next && `${stream} has its revision ${revision} where ${next} comes next`;
    },
  ],
  [
    'time-goes-back',
    ({ recordedAt }, before) =>
      recordedAt < before.recordedAt && `it was recorded at ${recordedAt}, before ${before.recordedAt}`,
  ],
  [
    'time-in-the-future',
    ({ recordedAt }, { future }) =>
      recordedAt > future && `it was recorded at ${recordedAt}, which is still to come`,
  ],
  ['id-twice', ({ id, stream }, { event }) => event(id) && `the id ${id} is in ${stream} already`],
  [
    'rule-set-unpublished',
    ({ data }, { has }) =>
      data.ruleSet !== undefined &&
      (!isRef(data.ruleSet)
        ? 'it names a rule set without its id and version'
        : !has(ruleSetFact(data.ruleSet)) &&
          `it names version ${data.ruleSet.version} of a rule set that was not published before`),
  ],
  [
    'evidence-unkept',
    ({ evidence }, { has }) => {
      const missing = evidence.find((one) => !has(evidenceFact(one)));
      return missing && `it names the document ${missing}, which was not kept before`;
    },
  ],
  [
    'proposal-unknown',
    ({ data: { proposal } }, { event }) =>
      typeof proposal === 'string' && !event(proposal) && 'it names a proposal that its stream does not have',
  ],
  [
    'approved-by-oneself',
    ({ actor, data: { proposal } }, { event }) =>
      typeof proposal === 'string' &&
      event(proposal)?.actor === actor &&
      `it is by who made the proposal ${proposal}`,
  ],
];

export const ruleSetFact = ({ id, version }: { id: string; version: number }): string =>
  factOf('rule-set', id, version);

export const evidenceFact = (hash: string): string => factOf('evidence', hash);

/** The first rule that an entry breaks, and how (proof 1, 3.16); undefined: it keeps them all. */
export function brokenRule(
  leaf: MirroredLeaf,
  before: Before,
): { rule: string; because: string } | undefined {
  for (const [rule, breaks] of RULES) {
    const because = breaks(leaf, before);
    if (because) return { rule, because };
  }
  return undefined;
}

/** What an entry publishes or keeps, for later entries to name; only where it stands in the stream for it. */
export function factIn({ type, stream, data }: MirroredLeaf): string | undefined {
  if (type === 'RuleSetPublished' && isRef(data) && stream === ruleSetStream(data.id))
    return ruleSetFact(data);
  const { sha256: hash } = data;
  const isKept = type === 'EvidenceKept' && typeof hash === 'string' && stream === evidenceStream(hash);
  return isKept ? evidenceFact(hash) : undefined;
}

/** What an entry needs to know whether it was published or kept. */
export const factsAsked = ({ data: { ruleSet }, evidence }: MirroredLeaf): string[] => [
  ...(isRef(ruleSet) ? [ruleSetFact(ruleSet)] : []),
  ...evidence.map(evidenceFact),
];
