import { describe, expect, it } from '@jest/globals';
import { CATALOGUE, classOf, dataFor } from './catalogue.ts';
import { CLASSIFICATIONS, covers } from './classification.ts';
import type { DomainEvent } from './domain-event.ts';

const training = {
  type: 'TrainingCompleted',
  data: { name: 'Pelayanan publik', certificate: '12/PIM/2025', jpClaimed: 20 },
} as unknown as DomainEvent;
const sanction = {
  type: 'SanctionImposed',
  data: { jenis: 'teguran-lisan', tmt: '2025-01-01' },
} as unknown as DomainEvent;
const corrected = (replacement: DomainEvent) =>
  ({
    type: 'Corrected',
    data: { event: 'e1', because: 'salah ketik', replacement },
  }) as unknown as DomainEvent;

describe('the classes of events', () => {
  it('go from public to restricted', () => {
    expect(CLASSIFICATIONS.map((one) => covers('confidential', one))).toEqual([true, true, true, false]);
  });

  it('hold a correction as closely as what it says', () => {
    expect(classOf(corrected(training))).toBe('confidential');
    expect(classOf(corrected(sanction))).toBe('restricted');
  });

  it('hold back a field that is held closer than its event', () => {
    expect(dataFor(training, 'internal')).toEqual({ name: 'Pelayanan publik', jpClaimed: 20 });
    expect(dataFor(training, 'confidential')).toEqual(training.data);
  });

  it('hold back all of what is above the clearance', () => {
    expect(dataFor(sanction, 'confidential')).toBeUndefined();
    expect(dataFor(training, 'public')).toBeUndefined();
  });

  it('hold back the fields of what a correction says, too', () => {
    expect(dataFor(corrected(training), 'confidential')).toEqual({
      event: 'e1',
      replacement: { type: 'TrainingCompleted', data: training.data },
    });
    expect(dataFor(corrected(sanction), 'restricted')).toMatchObject({ because: 'salah ketik' });
  });

  it('name no field above the class that no reader would be cleared for', () => {
    for (const { class: own, fields = {} } of Object.values(CATALOGUE))
      for (const one of Object.values(fields)) expect(covers(own, one) && own !== one).toBe(false);
  });
});
