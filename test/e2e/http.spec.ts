import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registration, Server } from './server.ts';

const sk = { number: '800/1/2020', date: '2020-01-15' };
const promotion = { golongan: 'III/a', jenis: 'pengadaan', tmt: '2010-01-01', sk };
const training = {
  name: 'Pelatihan Dasar',
  form: 'kursus',
  organiser: 'LAN',
  certificate: 'C-1',
  from: '2025-02-01',
  to: '2025-02-03',
  year: 2025,
  jpClaimed: 24,
};
const sanction = {
  jenis: 'potong-tukin-6-bulan',
  tmt: '2023-01-01',
  sk: { number: '862/1', date: '2022-12-20' },
};
const appraisal = {
  period: { kind: 'tahunan', year: 2024 },
  hasil: 'sesuai-ekspektasi',
  perilaku: 'sesuai-ekspektasi',
  penilai: { asn: false, jabatan: 'Wali Kota' },
};

/** The commands that stand alone, each with a body that the rules allow. */
const COMMANDS: readonly [path: string, type: string, body: object][] = [
  ['promotions', 'Promoted', promotion],
  ['placements', 'Placed', { unit: 'dinkes', tmt: '2010-01-01', sk }],
  [
    'appointments',
    'Appointed',
    { jabatan: 'Analis', jenis: 'fungsional', penugasan: 'definitif', tmt: '2012-01-01', sk },
  ],
  ['appraisals', 'AppraisalScored', appraisal],
  ['trainings', 'TrainingCompleted', training],
  ['sanctions', 'SanctionImposed', sanction],
  ['awards', 'Awarded', { jenis: 'satyalancana-karya-satya-10', tmt: '2020-08-17', sk }],
  ['findings', 'FindingRecorded', { kind: 'identity-doubtful', fields: ['nip'] }],
];

let server: Server;
beforeAll(async () => {
  server = await Server.start();
  await server.unit('dinkes');
});
afterAll(() => server.stop());

describe('a command over HTTP', () => {
  it('registers a person once, and keeps the particulars out of the log', async () => {
    const first = await server.command('', registration(1));
    expect(first).toMatchObject({ status: 201, headers: { etag: '"0"' }, body: { revision: 0 } });
    expect(await server.command('', registration(1))).toMatchObject({ status: 200, body: { events: [] } });
    const log = JSON.stringify(await server.record.store.readAll(undefined, 1_000_000));
    expect(log).not.toMatch(/Rekaan|198501012010011001/);
  });

  it('enters no person whom the rules keep out', async () => {
    const early = { ...registration(99), tmt: '1980-01-01' };
    expect(await server.command('', early)).toMatchObject({
      status: 422,
      body: { type: 'urn:jejak:refusal:before-birth', errors: [{ pointer: '#/tmt' }] },
    });
    expect(await server.record.people.byNip(early.person.nip)).toBeNull();
  });

  it.each(COMMANDS)('to %s is written once, and asked again changes nothing', async (path, type, body) => {
    const subject = await server.register(2);
    const first = await server.command(`/${subject}/${path}`, body);
    expect(first).toMatchObject({ status: 201, body: { events: [{ type }] } });
    expect(first.headers.etag).toBe(`"${first.body.revision}"`);
    expect(await server.command(`/${subject}/${path}`, body)).toMatchObject({
      status: 200,
      body: { events: [], revision: first.body.revision },
    });
  });

  it('lifts a sanction, corrects and annuls, each once', async () => {
    const subject = await server.register(3);
    const imposed = await server.command(`/${subject}/sanctions`, sanction);
    const event = imposed.body.events[0].id;
    const lifting = { tmt: '2023-03-01', sk, because: 'banding dikabulkan' };
    const path = `/${subject}/sanctions/${event}/lifting`;
    expect(await server.command(path, lifting)).toMatchObject({ status: 201 });
    expect(await server.command(path, lifting)).toMatchObject({ status: 200 });
    const taught = (await server.command(`/${subject}/trainings`, training)).body.events[0].id;
    const fact = { type: 'TrainingCompleted', data: { ...training, jpRecognised: 12 } };
    const correction = { event: taught, because: 'JP dihitung ulang', fact };
    const corrected = await server.command(`/${subject}/corrections`, correction);
    expect(corrected).toMatchObject({ status: 201, body: { events: [{ type: 'Corrected' }] } });
    const annulment = { event: corrected.body.events[0].id, because: 'salah orang', sk };
    expect(await server.command(`/${subject}/annulments`, annulment)).toMatchObject({ status: 201 });
    expect(await server.command(`/${subject}/annulments`, annulment)).toMatchObject({
      status: 422,
      body: { type: 'urn:jejak:refusal:no-standing-event', errors: [{ pointer: '#/event' }] },
    });
  });

  it('says who, for whom, why and on which evidence beside the event, the actor from the token', async () => {
    const subject = await server.register(4);
    const id = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';
    const evidence = [await server.document()];
    const body = { ...training, onBehalfOf: id, causationId: id, evidence };
    await server.command(`/${subject}/trainings`, body, { 'x-correlation-id': id });
    const { body: trail } = await server.read(`/v1/civil-servants/${subject}/history`);
    const { metadata, data } = trail.data[1].entry;
    expect(metadata).toMatchObject({
      role: 'bkpsdm',
      correlationId: id,
      causationId: id,
      onBehalfOf: id,
      evidence,
    });
    expect(metadata.actor).toMatch(/^[0-9a-f-]{36}$/);
    expect(data).not.toHaveProperty('evidence');
  });
});

describe('If-Match and Idempotency-Key', () => {
  it('a command to a record names the revision that it was decided on', async () => {
    const subject = await server.register(10);
    const path = `/v1/civil-servants/${subject}/trainings`;
    const ask = (headers: Record<string, string>) =>
      server.ask('bkpsdm', 'POST', path, { body: training, headers });
    expect(await ask({})).toMatchObject({ status: 428 });
    expect(await ask({ 'if-match': '0' })).toMatchObject({ status: 400 });
    expect(await ask({ 'if-match': '"7"' })).toMatchObject({ status: 412, headers: { etag: '"0"' } });
    const profile = await server.read(`/v1/civil-servants/${subject}`);
    expect(await ask({ 'if-match': String(profile.headers.etag) })).toMatchObject({ status: 201 });
  });

  it('a key that comes again gives the first receipt, whatever the revision, and serves no other request', async () => {
    const subject = await server.register(11);
    const path = `/${subject}/trainings`;
    const headers = { 'idempotency-key': 'k-1', 'if-match': '"0"' };
    const first = await server.command(path, training, headers);
    const written = await server.written();
    expect(first.status).toBe(201);
    expect(await server.command(path, training, headers)).toMatchObject({ status: 201, body: first.body });
    expect(await server.command(path, { ...training, jpClaimed: 8 }, headers)).toMatchObject({
      status: 422,
      body: { type: 'urn:jejak:refusal:idempotency-key-reused' },
    });
    expect(await server.written()).toBe(written);
  });
});

describe('a question over HTTP', () => {
  it('is answered at the day and at the knowledge that it names', async () => {
    const subject = await server.register(20);
    const at = (query: string) => server.read(`/v1/civil-servants/${subject}?${query}`);
    await server.command(`/${subject}/promotions`, promotion);
    const before = (await at('')).body.knownAt;
    await server.command(`/${subject}/promotions`, {
      ...promotion,
      golongan: 'III/b',
      jenis: 'reguler',
      tmt: '2014-04-01',
    });
    const now = await at('');
    expect(now.body).toMatchObject({
      effectiveOn: '2026-03-01',
      profile: { promotion: { golongan: 'III/b' } },
    });
    expect((await at('effectiveOn=2013-01-01')).body.profile.promotion.golongan).toBe('III/a');
    expect((await at(`knownAt=${before}`)).body).toMatchObject({
      knownAt: before,
      profile: { promotion: { golongan: 'III/a' } },
    });
    expect(await at('knownAt=2001-01-01T00:00:00Z')).toMatchObject({ status: 404 });
    expect((await at('knownAt=999999')).body.knownAt).toBe(now.body.knownAt);
  });

  it('comes in pages that keep both times while the record moves on', async () => {
    const found: string[] = [];
    let url = '/v1/civil-servants?limit=2';
    for (let n = 0; url !== '' && n < 50; n++) {
      const { status, headers, body } = await server.read(url);
      expect(status).toBe(200);
      found.push(...body.data.map(({ subject }: { subject: string }) => subject));
      url = /^<(.*)>; rel="next"$/.exec(headers.link ?? '')?.[1] ?? '';
      expect(url === '').toBe(body.next === undefined);
      if (n === 0) await server.register(21);
    }
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual([...found].sort());
    expect(found.length).toBeGreaterThan(4);
  });

  it('finds people by what must not stand in an address', async () => {
    const subject = await server.register(22);
    const lookup = (body: object) => server.ask('inspektorat', 'POST', '/v1/civil-servants/lookup', { body });
    for (const body of [{ nip: registration(22).person.nip }, { name: 'rekaan 22' }])
      expect(await lookup(body)).toMatchObject({ status: 200, body: { data: [{ subject }] } });
    expect((await lookup({ name: 'rekaan', nip: '1' })).status).toBe(400);
    expect((await lookup({})).status).toBe(400);
  });

  it('tells of units, predikat, hours, findings and views', async () => {
    const subject = await server.register(23);
    for (const [path, , body] of COMMANDS) await server.command(`/${subject}/${path}`, body);
    const data = async (url: string) => (await server.read(url)).body.data;
    expect(await data('/v1/units?effectiveOn=2100-01-01')).toMatchObject([
      { unit: 'dinkes', name: 'Unit dinkes' },
    ]);
    expect(await data('/v1/predikat-distribution?period=2024&unit=dinkes')).toMatchObject([
      { unit: 'dinkes' },
    ]);
    expect(await data(`/v1/civil-servants/${subject}/training-hours`)).toMatchObject([{ jpClaimed: 24 }]);
    expect((await data('/v1/training-hours?year=2025')).length).toBeGreaterThan(1);
    expect(
      await data(`/v1/findings?kind=identity-doubtful&subject=${subject}&effectiveOn=2100-01-01`),
    ).toHaveLength(1);
    expect(await data('/v1/civil-servants?unit=dinkes')).not.toHaveLength(0);
    expect(await data('/v1/views')).toHaveLength(8);
  });

  it('tells the inspectorate what was recorded long after its TMT, in pages', async () => {
    const subject = await server.register(24);
    await server.command(`/${subject}/placements`, { unit: 'dinkes', tmt: '2010-01-01', sk });
    await server.record.catchUp();
    const asked = (query: string, as = 'inspektorat') => server.ask(as, 'GET', `/v1/backdated?${query}`);
    const all = await asked('limit=200&effectiveOn=2100-01-01');
    expect(all.status).toBe(200);
    const { data } = all.body;
    expect(
      data.find((row: { subject: string; type: string }) => row.subject === subject && row.type === 'Placed'),
    ).toMatchObject({ tmt: '2010-01-01', days: expect.any(Number), source: null });
    const first = await asked('limit=1&effectiveOn=2100-01-01');
    expect(first.body.data).toEqual(data.slice(0, 1));
    expect((await asked(`limit=1&cursor=${first.body.next}`)).body.data).toEqual(data.slice(1, 2));
    const longest = Math.max(...data.map(({ days }: { days: number }) => days));
    expect((await asked(`effectiveOn=2100-01-01&days=${longest}`)).body.data).toEqual([]);
    expect((await asked(`effectiveOn=2100-01-01&days=${longest - 1}`)).body.data).not.toEqual([]);
    expect((await asked('days=29')).status).toBe(400);
    expect((await asked('', 'bkpsdm')).status).toBe(403);
  });

  it('about nobody is answered 404', async () => {
    for (const part of ['', '/history', '/training-hours'])
      for (const id of ['0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01', 'x'])
        expect(await server.read(`/v1/civil-servants/${id}${part}`)).toMatchObject({ status: 404 });
  });
});

describe('the open doors', () => {
  it('tell that the server lives, and of what it is made that it is ready', async () => {
    expect(await server.ask(undefined, 'GET', '/livez')).toMatchObject({ status: 200 });
    expect((await server.ask(undefined, 'GET', '/readyz')).body.checks).toEqual(
      ['store', 'journal', 'views'].map((name) => ({ name, ok: true })),
    );
  });

  it('describe the API from this machine alone', async () => {
    const page = await server.ask(undefined, 'GET', '/docs');
    expect(page.body).not.toMatch(/(src|href)="https?:/);
    for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css', 'start.js'])
      expect(await server.ask(undefined, 'GET', `/docs/${file}`)).toMatchObject({ status: 200 });
  });
});

describe('a record that cannot be reached', () => {
  it('is answered 503 with when to try again, and the server says that it is not ready', async () => {
    const other = await Server.start();
    try {
      const subject = await other.register(1);
      await other.record.store.close();
      const reply = await other.command(`/${subject}/promotions`, promotion);
      expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
      expect(await other.ask(undefined, 'GET', '/readyz')).toMatchObject({
        status: 503,
        body: { checks: [{ name: 'store', ok: false }, { ok: true }, { ok: true }] },
      });
    } finally {
      await other.stop();
    }
  });
});
