import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readSettings } from '@app/config';
import { CIVIL_SERVANT, streamOf } from '@app/domain/civil-servant';
import { completeTraining } from '@app/domain/complete-training';
import { isRefusal, type Source } from '@app/domain/event';
import { uuidv7 } from '@app/event-store';
import { Jobs } from '@app/jobs';
import { outbox, outboxRow } from '@app/projections';
import { BknService, enterSubmissions, readSiasnCodes, SiasnService, submissionJobs } from '@app/siasn';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { background } from '../../apps/server/src/background.ts';
import { SiasnDouble } from '../siasn-double/index.ts';
import { jejak, told } from './jejak.ts';
import { registration, Server, TODAY } from './server.ts';

const training = {
  name: 'Pelatihan Dasar',
  form: 'kursus',
  organiser: 'LAN',
  certificate: 'C-1',
  from: '2025-02-01',
  to: '2025-02-03',
  year: 2025,
  jpClaimed: 24,
} as const;
const sk = { number: '800/1', date: '2020-08-17' };
const award = { jenis: 'satyalancana-karya-satya-10', tmt: '2020-08-17', sk };
const never = new AbortController().signal;

let server: Server;
let codes: string;
let double: SiasnDouble;
/** An official other than the one who records. */
let other: string;
let people = 0;

beforeAll(async () => {
  codes = mkdtempSync(join(tmpdir(), 'jejak-codes-'));
  writeFileSync(join(codes, 'codes.json'), '{"codes":{}}');
  const env = { SIASN_INSTANSI_ID: 'A5EB', SIASN_CODES_FILE: join(codes, 'codes.json') };
  server = await Server.start(undefined, { env });
  other = await server.token('bkpsdm', 'other');
});
afterAll(async () => {
  await server.stop();
  rmSync(codes, { recursive: true });
});
beforeEach(async () => {
  double = await SiasnDouble.start();
});
afterEach(() => double.stop());

/** A person with a PNS ID; gives the subject. */
async function register(): Promise<string> {
  const { person, ...rest } = registration(++people);
  const pnsId = String(people).padStart(32, 'a');
  const { body } = await server.command('', { ...rest, person: { ...person, pnsId } });
  return String(body.stream).slice('civilServant-'.length);
}

/** Puts a fact on somebody's record; gives its event. */
async function recorded(subject: string, path: string, body: object): Promise<string> {
  const answer = await server.command(`/${subject}/${path}`, body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  await server.record.catchUp();
  return answer.body.events[0].id;
}

async function decide(event: string, what: string, body: object = {}, as = other) {
  const answer = await server.ask(as, 'POST', `/v1/siasn-outbox/${event}/${what}`, { body });
  await server.record.catchUp();
  return answer;
}
const row = (event: string) => outboxRow(server.record.database, event);

/** Carries out what is due by a time after `hours`; gives what became of the job of an event's last release. */
async function send(event: string, service: SiasnService = new BknService(double.access), hours = 0) {
  const { record } = server;
  await enterSubmissions(record);
  const release = (await outboxRow(record.database, event))?.release;
  const kind = submissionJobs(record, service, () => readSiasnCodes(undefined, { instansiId: 'A5EB' }));
  const jobs = new Jobs(record.database, () => Date.now() + hours * 3_600_000);
  const state = await jobs.run(`siasn-send:${release}`, kind, never);
  await record.catchUp();
  return state;
}

describe('what SIASN is to be told', () => {
  it('is looked at with a purpose by officials, and the access log has who was read of', async () => {
    const event = await recorded(await register(), 'trainings', training);
    const { status, body } = await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${event}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      item: { event, kind: 'kursus', state: 'prepared', attempts: 0 },
      service: 'kursus/save',
      body: { namaKursus: 'Pelatihan Dasar', tanggalKursus: '01-02-2025', instansiId: 'A5EB', id: null },
    });
    const entries = await server.record.access.read({ limit: 10, subject: body.subjects[0] });
    expect(entries).toMatchObject([
      { purpose: 'uji', what: 'GET /v1/siasn-outbox/:event', outcome: 'answered' },
    ]);
    const without = { headers: { 'x-purpose': '' } };
    expect(await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${event}`, without)).toMatchObject({
      status: 400,
    });
    for (const role of ['pegawai', 'pimpinan', 'integrator'])
      expect(await server.ask(role, 'GET', '/v1/siasn-outbox')).toMatchObject({ status: 403 });
    expect(
      await server.ask('inspektorat', 'POST', `/v1/siasn-outbox/${event}/release`, { body: {} }),
    ).toMatchObject({ status: 403 });
    expect(await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${uuidv7()}`)).toMatchObject({ status: 404 });
  });

  it('says who rated as of the period’s end, and the access log has both', async () => {
    const [subject, rater] = [await register(), await register()];
    await server.unit('unit-a');
    await recorded(rater, 'promotions', { golongan: 'IV/b', jenis: 'reguler', tmt: '2019-04-01', sk });
    await recorded(rater, 'placements', { unit: 'unit-a', tmt: '2019-01-01', sk });
    const head = { jenis: 'struktural', eselon: 'II.b', penugasan: 'definitif', sk };
    await recorded(rater, 'appointments', { ...head, jabatan: 'Kepala Dinas', tmt: '2019-01-01' });
    await recorded(rater, 'appointments', { ...head, jabatan: 'Sekretaris Daerah', tmt: '2026-01-05' });
    const rated = {
      period: { kind: 'tahunan', year: 2025 },
      hasil: 'di-atas-ekspektasi',
      perilaku: 'sesuai-ekspektasi',
    };
    const event = await recorded(subject, 'appraisals', { ...rated, penilai: { subject: rater, asn: true } });
    const { body } = await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${event}`);
    expect(body).toMatchObject({
      service: 'skp22/save',
      subjects: [subject, rater],
      body: {
        hasilKinerjaNilai: 1,
        kuadranKinerjaNilai: 2,
        penilaiNama: `Orang Rekaan ${people}`,
        penilaiNipNrp: registration(people).person.nip,
        penilaiJabatan: 'Kepala Dinas',
        penilaiGolongan: '42',
        penilaiUnorNama: 'Unit unit-a',
      },
    });
    for (const one of [subject, rater])
      expect(await server.record.access.read({ limit: 10, subject: one })).toHaveLength(1);
    const outside = await recorded(await register(), 'appraisals', {
      ...rated,
      penilai: { jabatan: 'Wali Kota', asn: false },
    });
    const lacking = await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${outside}`);
    expect(lacking.body.lacks).toContainEqual({ field: 'penilaiNama', why: expect.any(String) });
    const penilai = { 'Wali Kota': { nama: 'WALI KOTA REKAAN', unorNama: 'PEMERINTAH KOTA' } };
    writeFileSync(join(codes, 'codes.json'), JSON.stringify({ penilai }));
    expect((await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${outside}`)).body.body).toMatchObject({
      statusPenilai: 'NON ASN',
      penilaiNama: 'WALI KOTA REKAAN',
      penilaiNipNrp: null,
    });
  });

  it('is listed page by page, by state and kind', async () => {
    const subject = await register();
    const events = [await recorded(subject, 'trainings', training), await recorded(subject, 'awards', award)];
    const all = await server.ask('bkpsdm', 'GET', '/v1/siasn-outbox?state=prepared&limit=200');
    expect(all.body.data.map(({ event }: { event: string }) => event)).toEqual(
      expect.arrayContaining(events),
    );
    const awards = await server.ask('bkpsdm', 'GET', '/v1/siasn-outbox?kind=penghargaan');
    expect(awards.body.data).toMatchObject([{ event: events[1], kind: 'penghargaan' }]);
    const first = await server.ask('bkpsdm', 'GET', '/v1/siasn-outbox?limit=1');
    const second = await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox?limit=1&after=${first.body.next}`);
    expect(second.body.data[0].index).toBeGreaterThan(first.body.data[0].index);
  });

  it('is not told of, in words, where the file of codes is not in order', async () => {
    const event = await recorded(await register(), 'trainings', training);
    writeFileSync(join(codes, 'codes.json'), '{');
    const answer = await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${event}`);
    writeFileSync(join(codes, 'codes.json'), '{}');
    expect(answer).toMatchObject({ status: 503, body: { detail: expect.stringContaining('is not JSON') } });
  });

  it('is released by another official than who recorded it, and never before it lacks nothing', async () => {
    const subject = await register();
    const event = await recorded(subject, 'trainings', training);
    expect(await decide(event, 'release', {}, 'bkpsdm')).toMatchObject({
      status: 422,
      body: {
        type: 'urn:jejak:refusal:same-official',
        basis: expect.stringContaining('docs/siasn-outbox.md'),
      },
    });
    expect(await decide(event, 'release')).toMatchObject({ status: 201 });
    expect(await decide(event, 'release')).toMatchObject({ status: 200, body: { events: [] } });
    expect(await row(event)).toMatchObject({ state: 'released', releasedAt: expect.any(String) });
    const diklat = { ...training, form: 'diklat-struktural', certificate: 'C-2' };
    const lacking = await recorded(subject, 'trainings', diklat);
    expect(await decide(lacking, 'release')).toMatchObject({
      status: 422,
      body: { type: 'urn:jejak:refusal:lacking', detail: expect.stringContaining('latihanStrukturalId') },
    });
    const filled = { events: { [lacking]: { latihanStrukturalId: '8' } } };
    writeFileSync(join(codes, 'codes.json'), JSON.stringify(filled));
    expect(await decide(lacking, 'release')).toMatchObject({ status: 201 });
    const unknown = await decide(uuidv7(), 'release');
    expect(unknown).toMatchObject({ status: 422, body: { type: 'urn:jejak:refusal:not-in-outbox' } });
  });

  it('holds nothing of anybody: neither the rows nor the events of it', async () => {
    const event = await recorded(await register(), 'trainings', training);
    await decide(event, 'release');
    double.instead.push({
      status: 200,
      json: {
        success: false,
        message: `PNS ORANG REKAAN ${people} (${registration(people).person.nip}) tidak aktif`,
      },
    });
    expect(await send(event)).toBe('done');
    expect(await row(event)).toMatchObject({
      state: 'failed',
      error: 'PNS … (…) tidak aktif',
      mendedBy: 'BKPSDM',
      attempts: 1,
    });
    const kept = JSON.stringify([
      await server.record.store.readAll(undefined, 1_000_000),
      await outbox(server.record.database, { limit: 1_000 }),
      await server.record.jobs.list('done', 1_000),
    ]);
    expect(kept).not.toMatch(/rekaan/i);
    expect(kept).not.toContain(registration(people).person.nip);
  });
});

describe('telling SIASN', () => {
  it('sends what was released once, and keeps the id of its row', async () => {
    const event = await recorded(await register(), 'trainings', training);
    expect(await enterSubmissions(server.record)).toBe(0);
    await decide(event, 'release');
    expect(await send(event)).toBe('done');
    expect(await send(event, undefined, 9)).toBeUndefined();
    expect(double.saved).toMatchObject([{ service: 'kursus/save', body: { nomorSertipikat: 'C-1' } }]);
    expect(await row(event)).toMatchObject({ state: 'sent', siasnId: 'rw-1', attempts: 1, error: null });
    expect(await decide(event, 'release')).toMatchObject({ status: 422 });
    expect(await decide(event, 'withdraw', { because: 'x' })).toMatchObject({ status: 422 });
  });

  it('corrects the row that was sent, and leaves the deleting of it to a person', async () => {
    const subject = await register();
    const event = await recorded(subject, 'trainings', training);
    await decide(event, 'release');
    await send(event);
    const fact = { type: 'TrainingCompleted', data: { ...training, jpClaimed: 30, jpRecognised: 30 } };
    const corrected = await recorded(subject, 'corrections', { event, because: 'JP salah', fact });
    expect(await row(event)).toMatchObject({ state: 'sent', undone: 'corrected' });
    await decide(corrected, 'release');
    await send(corrected);
    expect(double.saved[1]?.body).toMatchObject({ id: 'rw-1', jumlahJam: 30 });
    await recorded(subject, 'annulments', { event: corrected, because: 'salah orang', sk });
    const shown = await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${corrected}`);
    expect(shown.body).toMatchObject({
      item: { state: 'to-delete' },
      task: { siasnId: 'rw-2', service: 'kursus/delete/rw-2' },
    });
    expect(await decide(corrected, 'withdraw', { because: 'sudah dihapus' })).toMatchObject({ status: 201 });
    expect(await row(corrected)).toMatchObject({ state: 'withdrawn' });
    expect(double.saved).toHaveLength(2);
  });

  it('never sends back what came from SIASN, corrects its row, and has a person delete it', async () => {
    const subject = await register();
    const from = async (rowId: string, certificate: string) => {
      const source: Source = { system: 'siasn', list: 'rw-kursus', row: rowId, sha256: 'f'.repeat(64) };
      const commandId = uuidv7();
      const asking = { actor: 'import', role: 'operator', commandId, correlationId: commandId };
      const outcome = await server.record.transact(
        CIVIL_SERVANT,
        streamOf(subject),
        { ...asking, askedAt: Date.now() },
        (servant, id) => {
          const context = { subject, actor: 'import', today: TODAY, id };
          const decided = completeTraining({ ...training, certificate }, servant, context);
          return isRefusal(decided) ? decided : decided.map((draft) => ({ ...draft, source }));
        },
      );
      if (!('events' in outcome)) throw new Error(JSON.stringify(outcome));
      await server.record.catchUp();
      return outcome.events[0]?.id ?? '';
    };
    const [one, two] = [await from('siasn-7', 'C-7'), await from('siasn-8', 'C-8')];
    for (const event of [one, two]) expect(await outboxRow(server.record.database, event)).toBeNull();
    const data = { ...training, certificate: 'C-7', jpClaimed: 20, jpRecognised: 20 };
    const correction = { event: one, because: 'JP salah', fact: { type: 'TrainingCompleted', data } };
    const corrected = await recorded(subject, 'corrections', correction);
    const shown = await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${corrected}`);
    expect(shown.body.body).toMatchObject({ id: 'siasn-7', jumlahJam: 20 });
    await recorded(subject, 'annulments', { event: two, because: 'salah orang', sk });
    const task = await server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${two}`);
    expect(task.body).toMatchObject({
      item: { kind: 'annulment', state: 'to-delete' },
      task: { siasnId: 'siasn-8', service: 'kursus/delete/siasn-8' },
    });
  });

  it('does not send what was withdrawn, corrected, or has changed since it was released', async () => {
    const subject = await register();
    const withdrawn = await recorded(subject, 'trainings', training);
    await decide(withdrawn, 'release');
    await decide(withdrawn, 'withdraw', { because: 'belum waktunya' });
    expect(await send(withdrawn)).toBeUndefined();
    const undone = await recorded(subject, 'trainings', { ...training, certificate: 'C-2' });
    await decide(undone, 'release');
    await enterSubmissions(server.record);
    await recorded(subject, 'annulments', { event: undone, because: 'salah', sk });
    expect(await row(undone)).toMatchObject({ state: 'superseded' });
    expect(await send(undone)).toBe('done');
    const imposed = await recorded(subject, 'awards', award);
    await decide(imposed, 'release');
    const changed = submissionJobs(server.record, new BknService(double.access), async () => ({
      codes: { hargaId: { [award.jenis]: '999' } },
      penilai: {},
      events: {},
    }));
    await enterSubmissions(server.record);
    await server.record.jobs.run(`siasn-send:${(await row(imposed))?.release}`, changed, never);
    await server.record.catchUp();
    expect(await row(imposed)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('has changed'),
    });
    expect(double.asked.saves).toBe(0);
  });

  it('tries again what certainly did not come there, later', async () => {
    const event = await recorded(await register(), 'trainings', training);
    await decide(event, 'release');
    double.instead.push({ status: 503, json: { message: 'Runtime Error', description: 'SUSPENDED' } });
    expect(await send(event)).toBe('waiting');
    expect(await row(event)).toMatchObject({ state: 'released', mendedBy: 'BKN', attempts: 1 });
    expect(await send(event, undefined, 2)).toBe('done');
    expect(await row(event)).toMatchObject({ state: 'sent', attempts: 2, error: null });
    expect(double.saved).toHaveLength(1);
  });

  it('does not send again where nobody knows, until an official has looked', async () => {
    const event = await recorded(await register(), 'trainings', training);
    await decide(event, 'release');
    double.instead.push('taken, then hang up');
    expect(await send(event)).toBe('done');
    expect(await row(event)).toMatchObject({ state: 'uncertain', mendedBy: 'BKPSDM' });
    expect(await send(event, undefined, 9)).toBeUndefined();
    expect(await decide(event, 'confirm', { siasnId: 'rw-1' })).toMatchObject({ status: 201 });
    expect(await row(event)).toMatchObject({ state: 'sent', siasnId: 'rw-1' });
    expect(double.saved).toHaveLength(1);
  });

  it('does not send again after a death between sending and recording', async () => {
    const event = await recorded(await register(), 'trainings', training);
    await decide(event, 'release');
    class Dying extends SiasnService {
      async send(...asked: Parameters<BknService['send']>): Promise<never> {
        await new BknService(double.access).send(...asked);
        throw new Error('killed');
      }
    }
    expect(await send(event, new Dying())).toBe('waiting');
    expect(await row(event)).toMatchObject({ state: 'sending' });
    expect(await decide(event, 'release')).toMatchObject({ status: 422 });
    expect(await send(event, undefined, 2)).toBe('done');
    expect(await row(event)).toMatchObject({
      state: 'uncertain',
      error: expect.stringContaining('look in SIASN'),
    });
    expect(double.saved).toHaveLength(1);
    expect(await decide(event, 'release')).toMatchObject({ status: 201 });
    expect(await send(event)).toBe('done');
    expect(double.saved).toHaveLength(2);
  });

  it('is done by a follower and a courier that have the accounts', async () => {
    const event = await recorded(await register(), 'trainings', training);
    await decide(event, 'release');
    const { access } = double;
    const settings = readSettings({
      DATA_DIR: server.dir,
      NODE_ENV: 'test',
      ROLES: 'follower,courier',
      SIASN_INSTANSI_ID: 'A5EB',
      SIASN_CONSUMER_KEY: access.consumerKey,
      SIASN_CONSUMER_SECRET: access.consumerSecret,
      SIASN_CLIENT_ID: access.clientId,
      SIASN_USERNAME: access.username,
      SIASN_PASSWORD: access.password,
      SIASN_TOKEN_URL: access.tokenUrl,
      SIASN_SSO_URL: access.ssoUrl,
      SIASN_API_URL: access.apiUrl,
    });
    const failures: unknown[] = [];
    const works = background(server.record, settings, { error: (_, cause) => failures.push(cause) });
    works.start();
    const isSent = async () => (await row(event))?.state === 'sent';
    for (let tries = 0; tries < 600 && !(await isSent()); tries++) await wait(50);
    await works.stop();
    expect(await row(event)).toMatchObject({ state: 'sent', attempts: 1 });
    expect(double.saved.filter(({ body }) => body.id === null)).not.toHaveLength(0);
    expect(failures).toEqual([]);
  });

  it('is the same list when it is built again from the first event', async () => {
    const before = await outbox(server.record.database, { limit: 10_000 });
    expect(before.length).toBeGreaterThan(10);
    await server.record.views.rebuild(['siasn-outbox']);
    expect(await outbox(server.record.database, { limit: 10_000 })).toEqual(before);
  });
});

describe('jejak siasn outbox', () => {
  it('lists, shows, releases and writes files, and says what for', async () => {
    const subject = await register();
    const event = await recorded(subject, 'trainings', { ...training, name: '=Rumus, "Dasar"' });
    const env = { SIASN_INSTANSI_ID: 'A5EB' };
    const data = ['--data', server.dir];
    const ask = (...words: string[]) => jejak(['siasn', 'outbox', ...words, ...data], env).ended;
    expect(await ask('show', event)).toMatchObject({ status: 2, stdout: '' });
    const purpose = ['--purpose', 'uji kirim'];
    expect(await ask('show', event, ...purpose)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('POST /kursus/save'),
    });
    expect(await ask('release', event)).toMatchObject({ status: 0 });
    const directory = join(codes, 'out');
    const written = await told(
      ['siasn', 'outbox', 'export', directory, '--kind', 'kursus', ...purpose, ...data],
      env,
    );
    expect(written).toMatchObject({ directory, kinds: [{ kind: 'kursus' }] });
    expect(JSON.parse(readFileSync(join(directory, 'kursus', `${event}.json`), 'utf8'))).toMatchObject({
      namaKursus: '=Rumus, "Dasar"',
      pnsOrangId: String(people).padStart(32, 'a'),
    });
    const overview = readFileSync(join(directory, 'kursus.csv'), 'utf8').split('\r\n');
    const mine = overview.find((line) => line.startsWith(event));
    expect(mine).toContain(`,'${registration(people).person.nip},Orang Rekaan ${people},released,`);
    expect(readdirSync(join(directory, 'kursus'))).toContain(`${event}.json`);
    const reads = await server.record.access.read({ limit: 10_000 });
    expect(reads.map(({ what, purpose: why }) => [what, why])).toEqual(
      expect.arrayContaining([
        ['jejak siasn outbox show', 'uji kirim'],
        ['jejak siasn outbox export', 'uji kirim'],
      ]),
    );
  });
});
