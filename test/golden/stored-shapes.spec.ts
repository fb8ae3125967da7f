import { readFileSync } from 'node:fs';
import { CIVIL_SERVANT } from '@app/domain/civil-servant';
import { EVIDENCE } from '@app/domain/evidence';
import { API_KEY, SUBSCRIPTION } from '@app/domain/integration';
import { LEDGER } from '@app/domain/ledger';
import { RULE_SETS } from '@app/domain/rule-set';
import { SIASN_SUBMISSION } from '@app/domain/siasn-submission';
import { UNIT } from '@app/domain/unit';
import {
  canonical,
  type DomainEvent,
  decode,
  STORED_TYPES,
  type Topic,
  UnknownShape,
} from '@app/event-store';
import { describe, expect, it } from '@jest/globals';

type Sample = { readonly stored: { readonly type: string; readonly data: object }; readonly means: object };

/** Every shape ever written, with what it means today. Samples are added, never changed. */
const SAMPLES = JSON.parse(
  readFileSync(new URL('./stored-shapes.json', import.meta.url), 'utf8'),
) as readonly Sample[];

/** The streams that are not a person's, and how each is folded. */
const OTHERS: Readonly<Record<string, readonly [stream: string, topic: object]>> = {
  UnitRecorded: ['unit-u1', UNIT],
  EvidenceKept: ['evidence-e1', EVIDENCE],
  EvidenceErased: ['evidence-e1', EVIDENCE],
  RuleSetPublished: ['policy-p1', RULE_SETS],
  HeadsCommitted: ['ledger-heads', LEDGER],
  AccessAnchored: ['ledger-access', LEDGER],
  BundleIssued: ['ledger-bundles', LEDGER],
  LogKeyChanged: ['ledger-keys', LEDGER],
  LogRecovered: ['ledger-keys', LEDGER],
  ApiKeyChanged: ['apiKey-k1', API_KEY],
  SubscriptionChanged: ['subscription-s1', SUBSCRIPTION],
  SiasnSubmission: ['siasnOutbox-o1', SIASN_SUBMISSION],
};
const placeOf = (type: string) =>
  OTHERS[type] ?? ['civilServant-9b2f7a52-6a53-4f6e-9d0e-3c2c5d8f9a01', CIVIL_SERVANT];

const read = ({ type, data }: Sample['stored']) =>
  decode({
    id: '019a0000-0000-7000-8000-000000000001',
    type,
    stream: placeOf(type)[0],
    revision: 0,
    recordedAt: '2026-01-31T00:00:00.000Z',
    data: canonical(data),
    metadata: canonical({ actor: 'a', role: 'operator', commandId: 'c', correlationId: 'c' }),
  });

describe('every stored shape ever written', () => {
  it('has a sample', () => {
    expect(new Set(SAMPLES.map(({ stored }) => stored.type))).toEqual(new Set(STORED_TYPES));
  });

  it.each(SAMPLES.map((sample, n) => [`${n} ${sample.stored.type}`, sample] as const))(
    'still reads, and folds: %s',
    (_, { stored, means }) => {
      const event = read(stored);
      expect(event.data).toEqual(means);
      const { initial, evolve } = placeOf(stored.type)[1] as Topic<unknown, DomainEvent>;
      expect(() => evolve(initial, event)).not.toThrow();
    },
  );

  it('is told from a shape that a newer version wrote', () => {
    expect(() => read({ type: 'Promoted.v9', data: {} })).toThrow(UnknownShape);
    expect(() => read({ type: 'toString', data: {} })).toThrow(UnknownShape);
  });
});
