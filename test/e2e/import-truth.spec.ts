import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CivilServant, evolve, factsOf, NOBODY, streamOf } from '@app/domain/civil-servant';
import { profileOn } from '@app/domain/profile';
import { APPLIED_RULE_SETS } from '@app/domain/rule-sets';
import { decode } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { type ImportReport, importSiasn, LISTS } from '@app/siasn';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const SIASN = join(import.meta.dirname, '../../../shared/data/siasn');
const TODAY = '2026-03-01';
const ASKING = { actor: 'test', role: 'bkpsdm', correlationId: 'import-truth' };

type Hukdis = [tingkat: 'R' | 'S' | 'B', tmt: string, end: string | null];
type Truth = {
  people: number;
  refused: { line: number; why: string }[];
  anomalies: number;
  skp: number;
  changed: [list: string, nip: string, row: string, what: 'changed' | 'vanished'][];
  by_nip: Record<
    string,
    {
      golongan: string;
      tmtGolongan: string;
      jabatan: string;
      unit: string;
      predikat: Record<string, string>;
      jp: Record<string, number>;
      anomali: number[];
      hukdis: Hukdis[];
    }
  >;
  counts: Record<string, number>;
};

const pull = (date: string) => LISTS.map((list) => join(SIASN, `pull-${date}`, `${list}.ndjson`));
const sumOf = (report: ImportReport, list: string, count: (file: ImportReport['files'][number]) => number) =>
  report.files.filter(({ file }) => file.includes(list)).reduce((sum, file) => sum + count(file), 0);
const kebab = (label: string) => label.toLowerCase().replace(' ', '-');

/** Every row of a list in a pull, by id, as it was written. */
function rowsIn(date: string, list: string): Map<string, string> {
  const rows = new Map<string, string>();
  for (const line of readFileSync(join(SIASN, `pull-${date}`, `${list}.ndjson`), 'utf8').split('\n'))
    for (const row of line
      ? (JSON.parse(line) as { response: { data: { id: string }[] } }).response.data
      : [])
      rows.set(row.id, JSON.stringify(row));
  return rows;
}

/** Ids of the rows that both pulls write alike: nobody can tell that these changed. */
function identicalIn(list: string): string[] {
  const later = rowsIn('2026-02-28', list);
  return [...rowsIn('2026-01-31', list)].filter(([id, row]) => later.get(id) === row).map(([id]) => id);
}

/** The rows of a person that are found changed or vanished, as the truth writes them. */
function rowsFound(nip: string, { findings, sources }: CivilServant) {
  const rows = new Map(sources.map(({ key, event }) => [event, key.split('/')]));
  return findings
    .filter(({ data }) => data.kind === 'source-row-changed' || data.kind === 'source-row-vanished')
    .map(({ data: { kind, about = '', fields } }) => {
      const [list, id] = rows.get(about) ?? [];
      return { row: [list, nip, id, kind.replace('source-row-', '')], fields };
    });
}

const there = existsSync(join(SIASN, 'truth/truth.json'));
if (!there) console.warn(`SKIPPED: ${SIASN} is not there; the import is not compared with the truth`);

(there ? describe : describe.skip)('the import of a pull of SIASN, compared with the truth', () => {
  let record: OpenRecord;
  let directory: string;
  let truth: Truth;
  let rehearsed: ImportReport;
  let first: ImportReport;
  let second: ImportReport;
  let third: ImportReport;
  const servants = new Map<string, CivilServant>();
  const afterFirst = new Map<string, CivilServant>();
  const units = new Map<string, string>();

  const run = (paths: string[], dryRun = false) => importSiasn(paths, record, ASKING, { dryRun });
  const fold = async (into: Map<string, CivilServant>) => {
    for (const nip of Object.keys(truth.by_nip)) {
      const person = await record.people.byNip(nip);
      let servant = NOBODY;
      for (const stored of await record.store.read(streamOf(person?.subject ?? ''), { from: 0, limit: 1000 }))
        servant = evolve(servant, decode(stored));
      into.set(nip, servant);
    }
  };
  const each = (
    check: (servant: CivilServant, said: Truth['by_nip'][string], nip: string) => void,
    of: ReadonlyMap<string, CivilServant> = servants,
  ) => {
    for (const [nip, said] of Object.entries(truth.by_nip)) check(of.get(nip) ?? NOBODY, said, nip);
  };

  beforeAll(async () => {
    truth = JSON.parse(readFileSync(join(SIASN, 'truth/truth.json'), 'utf8')) as Truth;
    const refUnor = JSON.parse(readFileSync(join(SIASN, 'ref-unor.json'), 'utf8')) as {
      data: { Id: string; NamaUnor: string }[];
    };
    for (const { Id, NamaUnor } of refUnor.data) units.set(Id, NamaUnor);
    directory = mkdtempSync(join(tmpdir(), 'jejak-truth-'));
    record = await OpenRecord.open(directory, () => TODAY);
    const start = [join(SIASN, 'asn-export.csv'), join(SIASN, 'ref-unor.json'), ...pull('2026-01-31')];
    rehearsed = await run(start, true);
    expect(await record.people.byName('', 1)).toEqual([]);
    const began = performance.now();
    first = await run(start);
    const seconds = (performance.now() - began) / 1000;
    console.log(`${first.events} events in ${seconds.toFixed(1)} s: ${Math.round(first.events / seconds)}/s`);
    await fold(afterFirst);
    second = await run(pull('2026-02-28'));
    await fold(servants);
    third = await run([SIASN]);
  }, 300_000);

  afterAll(async () => {
    await record?.close();
    if (directory) rmSync(directory, { recursive: true });
  });

  it('finds every person, and refuses the lines that must be, each for its own reason', async () => {
    expect(await record.people.byName('', 1000)).toHaveLength(truth.people);
    const codes: Record<string, string> = {
      'NIP destroyed by a spreadsheet': 'nip-destroyed-by-spreadsheet',
      'same NIP, other PNS ID': 'same-nip-other-pns-id',
      '17 digits': 'nip-length',
      'impossible birth date': 'nip-birth-date',
      'no such golongan': 'no-such-golongan',
    };
    expect(first.refused.map(({ line, code }) => [line, code]).sort()).toEqual(
      truth.refused.map(({ line, why }) => [line, codes[why]]),
    );
    for (const { dalamBahasa, mendedBy } of first.refused) expect(dalamBahasa && mendedBy).toBeTruthy();
    expect(JSON.stringify(first)).not.toMatch(/\d{18}/);
  });

  it('counts every row of every list', () => {
    for (const list of LISTS) expect(sumOf(first, list, ({ rows }) => rows)).toBe(truth.counts[list]);
    expect(sumOf(first, 'rw-skp22', ({ events }) => events.AppraisalScored ?? 0)).toBe(truth.skp);
    for (const list of LISTS) expect(sumOf(first, list, ({ refused }) => refused)).toBe(0);
  });

  it('finds the kuadran that the matrix does not make, of each person and year', () => {
    expect(sumOf(first, 'rw-skp22', ({ findings }) => findings['matrix-anomaly'] ?? 0)).toBe(truth.anomalies);
    each((servant, said) => {
      const years = servant.findings.flatMap(({ data }) => {
        const fact = servant.facts.find(({ event }) => event === data.about);
        return data.kind === 'matrix-anomaly' &&
          fact?.type === 'AppraisalScored' &&
          fact.data.period.kind === 'tahunan'
          ? [fact.data.period.year]
          : [];
      });
      expect(years.sort()).toEqual([...said.anomali].sort());
    });
  });

  it('knows the golongan, jabatan and unit of each person', () => {
    each((servant, said) => {
      const { promotion, appointment, placement } = profileOn(servant, TODAY);
      expect({
        golongan: promotion?.golongan,
        tmtGolongan: promotion?.tmt,
        jabatan: appointment?.jabatan,
        unit: units.get(placement?.unit ?? ''),
      }).toEqual({
        golongan: said.golongan,
        tmtGolongan: said.tmtGolongan,
        jabatan: said.jabatan,
        unit: said.unit,
      });
    });
  });

  it('knows the predikat and the JP of each person by year', () => {
    each((servant, said) => {
      const { predikat, training } = profileOn(servant, TODAY);
      expect(Object.fromEntries(predikat.map((yearly) => [yearly.year, yearly.predikat]))).toEqual(
        Object.fromEntries(Object.entries(said.predikat).map(([year, label]) => [year, kebab(label)])),
      );
      expect(Object.fromEntries(training.map(({ year, jpClaimed }) => [year, jpClaimed]))).toEqual(said.jp);
    }, afterFirst);
  });

  it('knows each hukuman disiplin, its tingkat, TMT and end', () => {
    each((servant, said) => {
      const known = factsOf(servant, 'SanctionImposed').map(({ data }): Hukdis => {
        const tingkat = ({ ringan: 'R', sedang: 'S', berat: 'B' } as const)[data.tingkat];
        return [tingkat, data.tmt, data.until ?? null];
      });
      expect(known.sort()).toEqual([...said.hukdis].sort());
    });
  });

  it('finds every row that changed or vanished a month later, and no other', () => {
    const identical = new Set(['rw-skp22', 'rw-kursus'].flatMap(identicalIn));
    const expected = truth.changed.filter(([, , row]) => !identical.has(row));
    expect(truth.changed.length - expected.length).toBe(4);
    const found = [...servants].flatMap(([nip, servant]) => rowsFound(nip, servant));
    expect(found.map(({ row }) => String(row)).sort()).toEqual(expected.map(String).sort());
    const changed = found.filter(({ row }) => row[3] === 'changed').map(({ fields }) => fields);
    expect(changed.filter(([field]) => field === 'notation')).toHaveLength(2);
    expect(changed.filter((fields) => fields.includes('hasil'))).toHaveLength(changed.length - 2);
    expect(second.refusedTotal).toBe(0);
  });

  it('writes nothing when everything is imported again', () => {
    expect(third.events).toBe(0);
    expect(third.refusedTotal).toBe(truth.refused.length);
  });

  it('rehearses with the same report and writes nothing', () => {
    expect({ ...rehearsed, dryRun: false }).toEqual(first);
  });

  it('puts no NIP, name or PNS ID into the log', async () => {
    const words = new Set<string>();
    for (const nip of Object.keys(truth.by_nip)) {
      const person = await record.people.byNip(nip);
      for (const word of [nip, person?.pnsId, person?.nik, person?.name, person?.subject && nip.slice(0, 15)])
        if (word) words.add(word);
    }
    const log = (await record.store.readAll(undefined, 100_000)).map(
      (stored) => stored.data + stored.metadata,
    );
    expect(log.length).toBe(first.events + second.events + APPLIED_RULE_SETS.length);
    const text = log.join('\n');
    expect([...words].filter((word) => text.includes(word))).toEqual([]);
    expect(text).not.toMatch(/"\d{18}"/);
  });
});
