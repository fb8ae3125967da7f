import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Instead, SiasnDouble } from '../../../test/siasn-double/index.ts';
import { BknService } from './bkn-service.ts';
import type { Payload } from './outbox-payload.ts';

const payload: Payload = {
  kind: 'penghargaan',
  service: 'penghargaan/save',
  body: { hargaId: '201', id: null },
};
const jabatan: Payload = { kind: 'unorjabatan', service: 'jabatan/unorjabatan/save', body: { unorId: 'u' } };
const never = new AbortController().signal;

describe('the web service of BKN', () => {
  let double: SiasnDouble;
  beforeEach(async () => {
    double = await SiasnDouble.start();
  });
  afterEach(() => double.stop());

  it('is sent a row with both tokens, which are asked for once', async () => {
    const service = new BknService(double.access);
    expect(await service.send(payload, never)).toEqual({ id: 'rw-1' });
    expect(await service.send(jabatan, never)).toEqual({ id: 'rw-2' });
    expect(double.saved.map(({ service: at, body }) => [at, body])).toEqual([
      ['penghargaan/save', payload.body],
      ['jabatan/unorjabatan/save', jabatan.body],
    ]);
    expect(double.asked).toEqual({ gateway: 1, sso: 1, saves: 2, elsewhere: 0 });
  });

  it('is asked for new tokens before the old ones end, and when it takes them no more', async () => {
    let now = 1_000_000;
    const service = new BknService(double.access, () => now);
    await service.send(payload, never);
    now += 3_580_000;
    await service.send(payload, never);
    expect(double.asked).toMatchObject({ gateway: 2, sso: 2, saves: 2 });
    double.endTokens();
    expect(await service.send(payload, never)).toEqual({ id: 'rw-3' });
    expect(double.asked).toMatchObject({ gateway: 3, sso: 3, saves: 4 });
  });

  it('is not asked over and over where it takes no token at all', async () => {
    const service = new BknService({ ...double.access, password: 'salah' });
    expect(await service.send(payload, never)).toMatchObject({ what: 'not-reached', mendedBy: 'operator' });
    expect(JSON.stringify(await service.send(payload, never))).not.toMatch(/salah|rahasia/);
    expect(double.asked.saves).toBe(0);
  });

  const MEANS: readonly [string, Instead, object][] = [
    [
      'a value that it does not know',
      { status: 200, json: { success: false, mapData: null, message: 'Unor tidak aktif' } },
      { what: 'refused', mendedBy: 'BKPSDM', error: 'Unor tidak aktif' },
    ],
    [
      'fields that are not there',
      { status: 400, json: { code: 0, data: null, message: '2 errors occurred:\n\t* UnorID is required' } },
      { what: 'refused', mendedBy: 'BKPSDM', error: '2 errors occurred:\n\t* UnorID is required' },
    ],
    [
      'a service that is suspended',
      { status: 503, json: { code: '303001', message: 'Runtime Error', description: 'endpoint SUSPENDED' } },
      { what: 'not-reached', mendedBy: 'BKN' },
    ],
    ['too many calls', { status: 429, json: { message: 'Message throttled out' } }, { what: 'not-reached' }],
    ['a failure inside', { status: 500, json: { message: 'Runtime Error' } }, { what: 'unknown' }],
    ['success without an id', { status: 200, json: { success: true, mapData: null } }, { what: 'unknown' }],
    ['no JSON', { status: 200, json: 'sukses' }, { what: 'unknown' }],
    ['a connection that ends', 'hang up', { what: 'unknown' }],
    ['a redirect, which is not followed', 'redirect', { what: 'not-reached', mendedBy: 'operator' }],
  ];
  it.each(MEANS)('answers with %s', async (_, instead, means) => {
    double.instead.push(instead);
    expect(await new BknService(double.access).send(payload, never)).toMatchObject(means);
    expect(double.asked).toMatchObject({ saves: 1, elsewhere: 0 });
  });

  it('is not waited for for ever, nor after a stop; then nobody knows', async () => {
    double.instead.push('late', 'late');
    const impatient = new BknService({ ...double.access, timeoutMs: 50 });
    expect(await impatient.send(payload, never)).toMatchObject({ what: 'unknown' });
    const service = new BknService(double.access);
    const stop = new AbortController();
    const sending = service.send(payload, stop.signal);
    while (double.asked.saves < 2) await new Promise((turn) => setTimeout(turn, 5));
    stop.abort();
    expect(await sending).toMatchObject({ what: 'unknown' });
  });

  it('was certainly not reached where nobody listens', async () => {
    const gone = await SiasnDouble.start();
    const { apiUrl } = gone.access;
    await gone.stop();
    const service = new BknService({ ...double.access, apiUrl });
    expect(await service.send(payload, never)).toMatchObject({ what: 'not-reached', mendedBy: 'BKN' });
  });
});
