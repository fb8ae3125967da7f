import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from '@app/event-store';
import { outbox } from '@app/projections';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { registration } from './server.ts';
import { AWARD, Office, SK, TRAINING } from './siasn-office.ts';

let office: Office;
beforeAll(async () => {
  office = await Office.open();
});
afterAll(() => office.close());
beforeEach(() => office.begin());
afterEach(() => office.double.stop());

describe('what SIASN is to be told', () => {
  it('is looked at with a purpose by officials, and the access log has who was read of', async () => {
    const event = await office.recorded(await office.register(), 'trainings', TRAINING);
    const { status, body } = await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${event}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      item: { event, kind: 'kursus', state: 'prepared', attempts: 0 },
      service: 'kursus/save',
      body: { namaKursus: 'Pelatihan Dasar', tanggalKursus: '01-02-2025', instansiId: 'A5EB', id: null },
    });
    const entries = await office.server.record.access.read({ limit: 10, subject: body.subjects[0] });
    expect(entries).toMatchObject([
      { purpose: 'uji', what: 'GET /v1/siasn-outbox/:event', outcome: 'answered' },
    ]);
    const without = { headers: { 'x-purpose': '' } };
    expect(await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${event}`, without)).toMatchObject({
      status: 400,
    });
    for (const role of ['pegawai', 'pimpinan', 'integrator'])
      expect(await office.server.ask(role, 'GET', '/v1/siasn-outbox')).toMatchObject({ status: 403 });
    expect(
      await office.server.ask('inspektorat', 'POST', `/v1/siasn-outbox/${event}/release`, { body: {} }),
    ).toMatchObject({ status: 403 });
    expect(await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${uuidv7()}`)).toMatchObject({
      status: 404,
    });
  });

  it('says who rated as of the period’s end, and the access log has both', async () => {
    const [subject, rater] = [await office.register(), await office.register()];
    await office.server.unit('unit-a');
    await office.recorded(rater, 'promotions', {
      golongan: 'IV/b',
      jenis: 'reguler',
      tmt: '2019-04-01',
      sk: SK,
    });
    await office.recorded(rater, 'placements', { unit: 'unit-a', tmt: '2019-01-01', sk: SK });
    const head = { jenis: 'struktural', eselon: 'II.b', penugasan: 'definitif', sk: SK };
    await office.recorded(rater, 'appointments', { ...head, jabatan: 'Kepala Dinas', tmt: '2019-01-01' });
    await office.recorded(rater, 'appointments', {
      ...head,
      jabatan: 'Sekretaris Daerah',
      tmt: '2026-01-05',
    });
    const rated = {
      period: { kind: 'tahunan', year: 2025 },
      hasil: 'di-atas-ekspektasi',
      perilaku: 'sesuai-ekspektasi',
    };
    const event = await office.recorded(subject, 'appraisals', {
      ...rated,
      penilai: { subject: rater, asn: true },
    });
    const { body } = await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${event}`);
    expect(body).toMatchObject({
      service: 'skp22/save',
      subjects: [subject, rater],
      body: {
        hasilKinerjaNilai: 1,
        kuadranKinerjaNilai: 2,
        penilaiNama: `Orang Rekaan ${office.people}`,
        penilaiNipNrp: registration(office.people).person.nip,
        penilaiJabatan: 'Kepala Dinas',
        penilaiGolongan: '42',
        penilaiUnorNama: 'Unit unit-a',
      },
    });
    for (const one of [subject, rater])
      expect(await office.server.record.access.read({ limit: 10, subject: one })).toHaveLength(1);
    const outside = await office.recorded(await office.register(), 'appraisals', {
      ...rated,
      penilai: { jabatan: 'Wali Kota', asn: false },
    });
    const lacking = await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${outside}`);
    expect(lacking.body.lacks).toContainEqual({ field: 'penilaiNama', why: expect.any(String) });
    const penilai = { 'Wali Kota': { nama: 'WALI KOTA REKAAN', unorNama: 'PEMERINTAH KOTA' } };
    writeFileSync(join(office.codes, 'codes.json'), JSON.stringify({ penilai }));
    expect((await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${outside}`)).body.body).toMatchObject(
      {
        statusPenilai: 'NON ASN',
        penilaiNama: 'WALI KOTA REKAAN',
        penilaiNipNrp: null,
      },
    );
  });

  it('is listed page by page, by state and kind', async () => {
    const subject = await office.register();
    const events = [
      await office.recorded(subject, 'trainings', TRAINING),
      await office.recorded(subject, 'awards', AWARD),
    ];
    const all = await office.server.ask('bkpsdm', 'GET', '/v1/siasn-outbox?state=prepared&limit=200');
    expect(all.body.data.map(({ event }: { event: string }) => event)).toEqual(
      expect.arrayContaining(events),
    );
    const awards = await office.server.ask('bkpsdm', 'GET', '/v1/siasn-outbox?kind=penghargaan');
    expect(awards.body.data).toMatchObject([{ event: events[1], kind: 'penghargaan' }]);
    const first = await office.server.ask('bkpsdm', 'GET', '/v1/siasn-outbox?limit=1');
    const second = await office.server.ask(
      'bkpsdm',
      'GET',
      `/v1/siasn-outbox?limit=1&after=${first.body.next}`,
    );
    expect(second.body.data[0].index).toBeGreaterThan(first.body.data[0].index);
  });

  it('is not told of, in words, where the file of codes is not in order', async () => {
    const event = await office.recorded(await office.register(), 'trainings', TRAINING);
    writeFileSync(join(office.codes, 'codes.json'), '{');
    const answer = await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${event}`);
    writeFileSync(join(office.codes, 'codes.json'), '{}');
    expect(answer).toMatchObject({ status: 503, body: { detail: expect.stringContaining('is not JSON') } });
  });

  it('is released by another official than who recorded it, and never before it lacks nothing', async () => {
    const subject = await office.register();
    const event = await office.recorded(subject, 'trainings', TRAINING);
    expect(await office.decide(event, 'release', {}, 'bkpsdm')).toMatchObject({
      status: 422,
      body: {
        type: 'urn:jejak:refusal:same-official',
        basis: expect.stringContaining('docs/siasn-outbox.md'),
      },
    });
    expect(await office.decide(event, 'release')).toMatchObject({ status: 201 });
    expect(await office.decide(event, 'release')).toMatchObject({ status: 200, body: { events: [] } });
    expect(await office.row(event)).toMatchObject({ state: 'released', releasedAt: expect.any(String) });
    const diklat = { ...TRAINING, form: 'diklat-struktural', certificate: 'C-2' };
    const lacking = await office.recorded(subject, 'trainings', diklat);
    expect(await office.decide(lacking, 'release')).toMatchObject({
      status: 422,
      body: { type: 'urn:jejak:refusal:lacking', detail: expect.stringContaining('latihanStrukturalId') },
    });
    const filled = { events: { [lacking]: { latihanStrukturalId: '8' } } };
    writeFileSync(join(office.codes, 'codes.json'), JSON.stringify(filled));
    expect(await office.decide(lacking, 'release')).toMatchObject({ status: 201 });
    const unknown = await office.decide(uuidv7(), 'release');
    expect(unknown).toMatchObject({ status: 422, body: { type: 'urn:jejak:refusal:not-in-outbox' } });
  });

  it('holds nothing of anybody: neither the rows nor the events of it', async () => {
    const event = await office.recorded(await office.register(), 'trainings', TRAINING);
    await office.decide(event, 'release');
    office.double.instead.push({
      status: 200,
      json: {
        success: false,
        message: `PNS ORANG REKAAN ${office.people} (${registration(office.people).person.nip}) tidak aktif`,
      },
    });
    expect(await office.send(event)).toBe('done');
    expect(await office.row(event)).toMatchObject({
      state: 'failed',
      error: 'PNS … (…) tidak aktif',
      mendedBy: 'BKPSDM',
      attempts: 1,
    });
    const kept = JSON.stringify([
      await office.server.record.store.readAll(undefined, 1_000_000),
      await outbox(office.server.record.database, { limit: 1_000 }),
      await office.server.record.jobs.list('done', 1_000),
    ]);
    expect(kept).not.toMatch(/rekaan/i);
    expect(kept).not.toContain(registration(office.people).person.nip);
  });
});
