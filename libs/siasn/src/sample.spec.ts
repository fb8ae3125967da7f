import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CivilServant, evolve, factsOf, NOBODY, streamOf } from '@app/domain/civil-servant';
import { profileOn } from '@app/domain/profile';
import { decode, SqliteEventStore, type Transact, transactor } from '@app/event-store';
import { Database } from '@app/journal';
import { Account, CreatePeople1764000000002, Nip, People, Person } from '@app/people';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { importSiasn, type RefusedRow } from './index.ts';

const SAMPLE = join(import.meta.dirname, '../../../test/sample/siasn');
const ASKING = { actor: 'test', role: 'bkpsdm', correlationId: 'sample' };
const TODAY = '2026-03-01';

let directory: string;
let store: SqliteEventStore;
let database: Database;
let deps: { transact: Transact; people: People; today: () => string };

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'jejak-sample-'));
  store = new SqliteEventStore(join(directory, 'events.db'));
  database = await Database.open(join(directory, 'jejak.db'), {
    entities: [Person, Nip, Account],
    migrations: [CreatePeople1764000000002],
  });
  deps = { transact: transactor(store), people: new People(database), today: () => TODAY };
});

afterEach(async () => {
  await database.close();
  await store.close();
  rmSync(directory, { recursive: true });
});

const run = (paths: string[], dryRun = false) => importSiasn(paths, deps, ASKING, { dryRun });
const inSample = (...names: string[]) => names.map((name) => join(SAMPLE, name));

async function servantOf(nip: string): Promise<CivilServant> {
  const person = await deps.people.byNip(nip);
  const events = await store.read(streamOf(person?.subject ?? ''), { limit: 1000 });
  return events.reduce((servant, stored) => evolve(servant, decode(stored)), NOBODY);
}

const kindsOf = ({ findings }: CivilServant) => findings.map(({ data }) => data.kind);

const ENAM = '198801302014041955';
const TUJUH = '199009122015012956';
const SEPULUH = '199511112020121959';
const SEBELAS = '198207042009041960';

describe('the sample', () => {
  it('is taken whole, but for five lines that name who mends them', async () => {
    const refused: RefusedRow[] = [];
    const report = await importSiasn([SAMPLE], deps, ASKING, { onRefused: (row) => refused.push(row) });
    expect(report.refused.map(({ line, code }) => [line, code])).toEqual([
      [14, 'nip-destroyed-by-spreadsheet'],
      [15, 'same-nip-other-pns-id'],
      [16, 'nip-length'],
      [17, 'nip-birth-date'],
      [18, 'no-such-golongan'],
    ]);
    expect(refused).toHaveLength(5);
    expect(await deps.people.byName('contoh', 100)).toHaveLength(12);
    expect((await run([SAMPLE])).events).toBe(0);
  });

  it('shows the anomaly, the changed row, the vanished row, the late SK and the hukuman disiplin', async () => {
    await run([SAMPLE]);
    expect(kindsOf(await servantOf(ENAM))).toEqual(['matrix-anomaly']);
    expect((await servantOf(TUJUH)).findings.map(({ data }) => data)).toMatchObject([
      {
        kind: 'source-row-changed',
        fields: ['hasil', 'predikat', 'kuadran'],
        after: { kuadran: 'butuh-perbaikan' },
      },
    ]);
    const sepuluh = await servantOf(SEPULUH);
    expect(kindsOf(sepuluh)).toEqual(['source-row-vanished']);
    expect(profileOn(sepuluh, TODAY).serving).toMatchObject([{ jenis: 'potong-tukin-6-bulan' }]);
    const late = factsOf(await servantOf(SEBELAS), 'Promoted').map(({ data }) => data.golongan);
    expect(late).toEqual(['III/a', 'III/c', 'III/b']);
  });

  it('says in a rehearsal what it would write, and writes nothing', async () => {
    const rehearsed = await run([SAMPLE], true);
    expect(await store.readAll(undefined, 10)).toEqual([]);
    expect(await run([SAMPLE])).toEqual({ ...rehearsed, dryRun: false });
    expect((await run([SAMPLE], true)).events).toBe(0);
  });

  it('takes a row back that vanished and returned', async () => {
    await run([SAMPLE]);
    const back = join(directory, 'pull-2026-03-31');
    cpSync(join(SAMPLE, 'pull-2026-01-31'), back, { recursive: true });
    await run([join(back, 'rw-skp22.ndjson')]);
    expect(kindsOf(await servantOf(SEPULUH))).toEqual(['source-row-vanished', 'source-row-returned']);
    expect(kindsOf(await servantOf(TUJUH))).toEqual(['source-row-changed', 'source-row-changed']);
    expect((await run([SAMPLE])).events).toBe(0);
  });

  it('does with the export alone, and takes the detail from the histories when they come', async () => {
    await run(inSample('asn-export.csv', 'ref-unor.json'));
    const bare = profileOn(await servantOf(ENAM), TODAY);
    expect([bare.promotion, bare.appointment, bare.placement]).toMatchObject([
      { golongan: 'III/b', jenis: 'tidak-diketahui' },
      { jabatan: 'Perawat Ahli Pertama', penugasan: 'definitif' },
      { tmt: '2021-02-01' },
    ]);
    const report = await run(inSample('pull-2026-01-31'));
    expect(report.refusedTotal).toBe(0);
    const { promotion, appointment } = profileOn(await servantOf(ENAM), TODAY);
    expect([promotion, appointment]).toMatchObject([
      { jenis: 'reguler', sk: { number: '823/61/2018' } },
      { sk: { number: '821.2/6/2021' } },
    ]);
    expect((await run([SAMPLE])).files.some(({ events }) => events.Corrected)).toBe(false);
  });

  it('refuses lines that nobody can read or that are nobody’s, and goes on', async () => {
    await run(inSample('asn-export.csv'));
    const kursus = (id: string, name: string, hours = '4') =>
      `{"id":"${id}","namaKursus":"${name}","jumlahJam":${hours},"jenisDiklatId":"8","tanggalKursus":"01-02-2025"}`;
    const line = (nip: string, ...rows: string[]) =>
      `{"nip":"${nip}","response":{"code":1,"data":[${rows.join()}]}}`;
    const file = join(directory, 'rw-kursus.ndjson');
    const lines = [
      line('199001012015011999', kursus('k1', 'x')),
      line(
        ENAM,
        kursus('k2', 'a'),
        kursus('k3', '\\ud800'),
        kursus('k4', 'b', '1e300'),
        kursus('k5', 'c', '"delapan"'),
      ),
      line(ENAM, kursus('k6', 'd')),
      `${line(TUJUH)}${' '.repeat(1024 * 1024)}`,
      line(SEPULUH, kursus('k7', 'e')).slice(0, -3),
      line(SEBELAS, kursus('k8', 'f')),
    ];
    writeFileSync(file, lines.join('\r\n'));
    const report = await run([file]);
    expect(report.refused.map(({ line: at, row, code }) => [at, row, code])).toEqual([
      [1, undefined, 'unknown-nip'],
      [2, 'k3', 'not-storable'],
      [2, 'k4', 'not-storable'],
      [2, 'k5', 'not-a-number'],
      [3, undefined, 'person-twice-in-list'],
      [4, undefined, 'line-too-long'],
      [5, undefined, 'malformed-json'],
    ]);
    expect(report.events).toBe(2);
    expect(JSON.stringify(report)).not.toMatch(/\d{15}/);
  });

  it('refuses a file that is missing, unknown or not UTF-8 as a whole', async () => {
    const latin = join(directory, 'asn-export.csv');
    writeFileSync(latin, Buffer.from('PNS ID,NIP BARU,NAMA\n1,2,José\n', 'latin1'));
    const other = join(directory, 'other.txt');
    writeFileSync(other, 'x');
    const report = await run([latin, other, join(directory, 'missing.csv')]);
    expect(report.refused.map(({ line, code }) => [line, code]).sort()).toEqual([
      [0, 'not-utf-8'],
      [0, 'unknown-file'],
      [0, 'unreadable-file'],
    ]);
  });

  it('ends when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(importSiasn([SAMPLE], deps, ASKING, { signal })).rejects.toThrow('enough');
  });
});
