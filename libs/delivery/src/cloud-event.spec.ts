import { canonical } from '@app/event-store';
import { describe, expect, it } from '@jest/globals';
import { type Clearance, cloudEvent, innerType, outerType } from './cloud-event.ts';

const STREAM = 'civilServant-9b2f7a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
const row = (type: string, data: object, metadata: object = {}) => ({
  index: 12,
  leafHash: 'TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=',
  leaf: canonical({
    v: 1,
    id: '019a0000-0000-7000-8000-000000000001',
    type,
    stream: STREAM,
    revision: 3,
    recordedAt: '2026-01-31T01:02:03.004Z',
    data,
    metadata: { actor: 'a1', role: 'bkpsdm', commandId: 'c', correlationId: 'c1', ...metadata },
  }),
});
const promoted = row('Promoted', { golongan: 'III/b', jenis: 'reguler', tmt: '2025-04-01' });
const sanction = row('SanctionImposed', { jenis: 'teguran-lisan', tmt: '2025-01-01' });
const tell = (of: typeof promoted, clearance: Clearance) => cloudEvent(of, clearance, 'https://jejak.test/');

describe('an event told outside', () => {
  it('says all that proof 3.20 asks for', () => {
    expect(tell(promoted, { sees: 'restricted', reads: 'internal' })).toEqual({
      specversion: '1.0',
      id: '019a0000-0000-7000-8000-000000000001',
      source: 'https://jejak.test/',
      type: 'id.jejak.Promoted.v1',
      subject: STREAM,
      time: '2025-04-01T00:00:00Z',
      recordedtime: '2026-01-31T01:02:03.004Z',
      sequence: '00000000000000000012',
      partitionkey: STREAM,
      correlationid: 'c1',
      authtype: 'user',
      authid: 'a1',
      dataclassification: 'internal',
      dataregulation: 'UUPDP',
      dataschema: 'https://jejak.test/v1/schemas/Promoted/1',
      dataref: 'https://jejak.test/v1/events/019a0000-0000-7000-8000-000000000001',
      leafhash: 'TszzRgjTG6xce-z2AG31kAXYKBgQVtCSCE40HmuwBb0',
      datacontenttype: 'application/json',
      data: { golongan: 'III/b', jenis: 'reguler', tmt: '2025-04-01' },
    });
  });

  it('goes without its data to who is not cleared for it, and not at all to who may not know of it', () => {
    const thin = tell(sanction, { sees: 'restricted', reads: 'internal' });
    expect(thin).toMatchObject({ type: 'id.jejak.SanctionImposed.v1', dataclassification: 'restricted' });
    expect(thin).not.toHaveProperty('data');
    expect(thin).not.toHaveProperty('datacontenttype');
    expect(tell(sanction, { sees: 'confidential', reads: 'confidential' })).toBeUndefined();
  });

  it('has attribute names that CloudEvents allows', () => {
    const names = Object.keys(tell(promoted, { sees: 'restricted', reads: 'restricted' }) ?? {});
    for (const name of names) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
  });

  it('tells who asked: a person, a program, or the house itself', () => {
    const by = (role: string) =>
      tell(row('Promoted', {}, { role }), { sees: 'internal', reads: 'internal' })?.authtype;
    expect([by('bkpsdm'), by('integrator'), by('operator')]).toEqual(['user', 'service_account', 'system']);
  });

  it('has a type that is found again, in either form', () => {
    expect(outerType('Promoted')).toBe('id.jejak.Promoted.v1');
    expect(innerType('id.jejak.Promoted.v1')).toBe('Promoted');
    expect(innerType('Promoted')).toBe('Promoted');
    expect(innerType('id.jejak.toString.v1')).toBeUndefined();
  });
});
