import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Jobs } from '@app/jobs';
import { outboxRow } from '@app/projections';
import { BknService, enterSubmissions, readSiasnCodes, type SiasnService, submissionJobs } from '@app/siasn';
import { SiasnDouble } from '../siasn-double/index.ts';
import { registration, Server } from './server.ts';

export const TRAINING = {
  name: 'Pelatihan Dasar',
  form: 'kursus',
  organiser: 'LAN',
  certificate: 'C-1',
  from: '2025-02-01',
  to: '2025-02-03',
  year: 2025,
  jpClaimed: 24,
} as const;
export const SK = { number: '800/1', date: '2020-08-17' };
export const AWARD = { jenis: 'satyalancana-karya-satya-10', tmt: '2020-08-17', sk: SK };
const never = new AbortController().signal;

/** A server, people with PNS IDs on it, and a SIASN that can be told of them. */
export class Office {
  /** How many people were registered; the last has this number. */
  people = 0;
  double: SiasnDouble;

  private constructor(
    readonly server: Server,
    /** An official other than the one who records. */
    readonly other: string,
    /** A directory with the file of codes. */
    readonly codes: string,
  ) {}

  static async open(): Promise<Office> {
    const codes = mkdtempSync(join(tmpdir(), 'jejak-codes-'));
    writeFileSync(join(codes, 'codes.json'), '{"codes":{}}');
    const env = { SIASN_INSTANSI_ID: 'A5EB', SIASN_CODES_FILE: join(codes, 'codes.json') };
    const server = await Server.start(undefined, { env });
    return new Office(server, await server.token('bkpsdm', 'other'), codes);
  }

  async close(): Promise<void> {
    await this.server.stop();
    rmSync(this.codes, { recursive: true });
  }

  /** Another SIASN, that nothing was told yet. */
  async begin(): Promise<void> {
    this.double = await SiasnDouble.start();
  }

  /** A person with a PNS ID; gives the subject. */
  async register(): Promise<string> {
    const { person, ...rest } = registration(++this.people);
    const pnsId = String(this.people).padStart(32, 'a');
    const { body } = await this.server.command('', { ...rest, person: { ...person, pnsId } });
    return String(body.stream).slice('civilServant-'.length);
  }

  /** Puts a fact on somebody's record; gives its event. */
  async recorded(subject: string, path: string, body: object): Promise<string> {
    const answer = await this.server.command(`/${subject}/${path}`, body);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    await this.server.record.catchUp();
    return answer.body.events[0].id;
  }

  async decide(event: string, what: string, body: object = {}, as = this.other) {
    const answer = await this.server.ask(as, 'POST', `/v1/siasn-outbox/${event}/${what}`, { body });
    await this.server.record.catchUp();
    return answer;
  }

  row(event: string) {
    return outboxRow(this.server.record.database, event);
  }

  /** Carries out what is due by a time after `hours`; gives what became of the job of an event's last release. */
  async send(event: string, service: SiasnService = new BknService(this.double.access), hours = 0) {
    const { record } = this.server;
    await enterSubmissions(record);
    const release = (await this.row(event))?.release;
    const kind = submissionJobs(record, service, () => readSiasnCodes(undefined, { instansiId: 'A5EB' }));
    const jobs = new Jobs(record.database, () => Date.now() + hours * 3_600_000);
    const state = await jobs.run(`siasn-send:${release}`, kind, never);
    await record.catchUp();
    return state;
  }
}
