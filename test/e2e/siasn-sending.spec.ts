import { setTimeout as wait } from 'node:timers/promises';
import { readSettings } from '@app/config';
import { CIVIL_SERVANT, streamOf } from '@app/domain/civil-servant';
import { completeTraining } from '@app/domain/complete-training';
import { isRefusal, type Source } from '@app/domain/event';
import { uuidv7 } from '@app/event-store';
import { outbox, outboxRow } from '@app/projections';
import { BknService, enterSubmissions, SiasnService, submissionJobs } from '@app/siasn';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { background } from '../../apps/server/src/background.ts';
import { TODAY } from './server.ts';
import { AWARD, Office, SK, TRAINING } from './siasn-office.ts';

let office: Office;
beforeAll(async () => {
  office = await Office.open();
});
afterAll(() => office.close());
beforeEach(() => office.begin());
afterEach(() => office.double.stop());

describe('telling SIASN', () => {
  it('sends what was released once, and keeps the id of its row', async () => {
    const event = await office.recorded(await office.register(), 'trainings', TRAINING);
    expect(await enterSubmissions(office.server.record)).toBe(0);
    await office.decide(event, 'release');
    expect(await office.send(event)).toBe('done');
    expect(await office.send(event, undefined, 9)).toBeUndefined();
    expect(office.double.saved).toMatchObject([{ service: 'kursus/save', body: { nomorSertipikat: 'C-1' } }]);
    expect(await office.row(event)).toMatchObject({
      state: 'sent',
      siasnId: 'rw-1',
      attempts: 1,
      error: null,
    });
    expect(await office.decide(event, 'release')).toMatchObject({ status: 422 });
    expect(await office.decide(event, 'withdraw', { because: 'x' })).toMatchObject({ status: 422 });
  });

  it('corrects the row that was sent, and leaves the deleting of it to a person', async () => {
    const subject = await office.register();
    const event = await office.recorded(subject, 'trainings', TRAINING);
    await office.decide(event, 'release');
    await office.send(event);
    const fact = { type: 'TrainingCompleted', data: { ...TRAINING, jpClaimed: 30, jpRecognised: 30 } };
    const corrected = await office.recorded(subject, 'corrections', { event, because: 'JP salah', fact });
    expect(await office.row(event)).toMatchObject({ state: 'sent', undone: 'corrected' });
    await office.decide(corrected, 'release');
    await office.send(corrected);
    expect(office.double.saved[1]?.body).toMatchObject({ id: 'rw-1', jumlahJam: 30 });
    await office.recorded(subject, 'annulments', { event: corrected, because: 'salah orang', sk: SK });
    const shown = await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${corrected}`);
    expect(shown.body).toMatchObject({
      item: { state: 'to-delete' },
      task: { siasnId: 'rw-2', service: 'kursus/delete/rw-2' },
    });
    expect(await office.decide(corrected, 'withdraw', { because: 'sudah dihapus' })).toMatchObject({
      status: 201,
    });
    expect(await office.row(corrected)).toMatchObject({ state: 'withdrawn' });
    expect(office.double.saved).toHaveLength(2);
  });

  it('never sends back what came from SIASN, corrects its row, and has a person delete it', async () => {
    const subject = await office.register();
    const from = async (rowId: string, certificate: string) => {
      const source: Source = { system: 'siasn', list: 'rw-kursus', row: rowId, sha256: 'f'.repeat(64) };
      const commandId = uuidv7();
      const asking = { actor: 'import', role: 'operator', commandId, correlationId: commandId };
      const outcome = await office.server.record.transact(
        CIVIL_SERVANT,
        streamOf(subject),
        { ...asking, askedAt: Date.now() },
        (servant, id) => {
          const context = { subject, actor: 'import', today: TODAY, id };
          const decided = completeTraining({ ...TRAINING, certificate }, servant, context);
          return isRefusal(decided) ? decided : decided.map((draft) => ({ ...draft, source }));
        },
      );
      if (!('events' in outcome)) throw new Error(JSON.stringify(outcome));
      await office.server.record.catchUp();
      return outcome.events[0]?.id ?? '';
    };
    const [one, two] = [await from('siasn-7', 'C-7'), await from('siasn-8', 'C-8')];
    for (const event of [one, two]) expect(await outboxRow(office.server.record.database, event)).toBeNull();
    const data = { ...TRAINING, certificate: 'C-7', jpClaimed: 20, jpRecognised: 20 };
    const correction = { event: one, because: 'JP salah', fact: { type: 'TrainingCompleted', data } };
    const corrected = await office.recorded(subject, 'corrections', correction);
    const shown = await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${corrected}`);
    expect(shown.body.body).toMatchObject({ id: 'siasn-7', jumlahJam: 20 });
    await office.recorded(subject, 'annulments', { event: two, because: 'salah orang', sk: SK });
    const task = await office.server.ask('bkpsdm', 'GET', `/v1/siasn-outbox/${two}`);
    expect(task.body).toMatchObject({
      item: { kind: 'annulment', state: 'to-delete' },
      task: { siasnId: 'siasn-8', service: 'kursus/delete/siasn-8' },
    });
  });

  it('does not send what was withdrawn, corrected, or has changed since it was released', async () => {
    const subject = await office.register();
    const withdrawn = await office.recorded(subject, 'trainings', TRAINING);
    await office.decide(withdrawn, 'release');
    await office.decide(withdrawn, 'withdraw', { because: 'belum waktunya' });
    expect(await office.send(withdrawn)).toBeUndefined();
    const undone = await office.recorded(subject, 'trainings', { ...TRAINING, certificate: 'C-2' });
    await office.decide(undone, 'release');
    await enterSubmissions(office.server.record);
    await office.recorded(subject, 'annulments', { event: undone, because: 'salah', sk: SK });
    expect(await office.row(undone)).toMatchObject({ state: 'superseded' });
    expect(await office.send(undone)).toBe('done');
    const imposed = await office.recorded(subject, 'awards', AWARD);
    await office.decide(imposed, 'release');
    const changed = submissionJobs(office.server.record, new BknService(office.double.access), async () => ({
      codes: { hargaId: { [AWARD.jenis]: '999' } },
      penilai: {},
      events: {},
    }));
    await enterSubmissions(office.server.record);
    await office.server.record.jobs.run(
      `siasn-send:${(await office.row(imposed))?.release}`,
      changed,
      new AbortController().signal,
    );
    await office.server.record.catchUp();
    expect(await office.row(imposed)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('has changed'),
    });
    expect(office.double.asked.saves).toBe(0);
  });

  it('tries again what certainly did not come there, later', async () => {
    const event = await office.recorded(await office.register(), 'trainings', TRAINING);
    await office.decide(event, 'release');
    office.double.instead.push({ status: 503, json: { message: 'Runtime Error', description: 'SUSPENDED' } });
    expect(await office.send(event)).toBe('waiting');
    expect(await office.row(event)).toMatchObject({ state: 'released', mendedBy: 'BKN', attempts: 1 });
    expect(await office.send(event, undefined, 2)).toBe('done');
    expect(await office.row(event)).toMatchObject({ state: 'sent', attempts: 2, error: null });
    expect(office.double.saved).toHaveLength(1);
  });

  it('does not send again where nobody knows, until an official has looked', async () => {
    const event = await office.recorded(await office.register(), 'trainings', TRAINING);
    await office.decide(event, 'release');
    office.double.instead.push('taken, then hang up');
    expect(await office.send(event)).toBe('done');
    expect(await office.row(event)).toMatchObject({ state: 'uncertain', mendedBy: 'BKPSDM' });
    expect(await office.send(event, undefined, 9)).toBeUndefined();
    expect(await office.decide(event, 'confirm', { siasnId: 'rw-1' })).toMatchObject({ status: 201 });
    expect(await office.row(event)).toMatchObject({ state: 'sent', siasnId: 'rw-1' });
    expect(office.double.saved).toHaveLength(1);
  });

  it('does not send again after a death between sending and recording', async () => {
    const event = await office.recorded(await office.register(), 'trainings', TRAINING);
    await office.decide(event, 'release');
    class Dying extends SiasnService {
      async send(...asked: Parameters<BknService['send']>): Promise<never> {
        await new BknService(office.double.access).send(...asked);
        throw new Error('killed');
      }
    }
    expect(await office.send(event, new Dying())).toBe('waiting');
    expect(await office.row(event)).toMatchObject({ state: 'sending' });
    expect(await office.decide(event, 'release')).toMatchObject({ status: 422 });
    expect(await office.send(event, undefined, 2)).toBe('done');
    expect(await office.row(event)).toMatchObject({
      state: 'uncertain',
      error: expect.stringContaining('look in SIASN'),
    });
    expect(office.double.saved).toHaveLength(1);
    expect(await office.decide(event, 'release')).toMatchObject({ status: 201 });
    expect(await office.send(event)).toBe('done');
    expect(office.double.saved).toHaveLength(2);
  });

  it('is done by a follower and a courier that have the accounts', async () => {
    const event = await office.recorded(await office.register(), 'trainings', TRAINING);
    await office.decide(event, 'release');
    const { access } = office.double;
    const settings = readSettings({
      DATA_DIR: office.server.dir,
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
    const works = background(office.server.record, settings, { error: (_, cause) => failures.push(cause) });
    works.start();
    const isSent = async () => (await office.row(event))?.state === 'sent';
    for (let tries = 0; tries < 600 && !(await isSent()); tries++) await wait(50);
    await works.stop();
    expect(await office.row(event)).toMatchObject({ state: 'sent', attempts: 1 });
    expect(office.double.saved.filter(({ body }) => body.id === null)).not.toHaveLength(0);
    expect(failures).toEqual([]);
  });

  it('is the same list when it is built again from the first event', async () => {
    const before = await outbox(office.server.record.database, { limit: 10_000 });
    expect(before.length).toBeGreaterThan(10);
    await office.server.record.views.rebuild(['siasn-outbox']);
    expect(await outbox(office.server.record.database, { limit: 10_000 })).toEqual(before);
  });
});
