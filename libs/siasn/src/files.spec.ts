import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRefusal } from '@app/domain/event';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readExportRow } from './asn-export.ts';
import { recordsOf } from './csv.ts';
import { discover } from './files.ts';
import { isUtf8, linesOf } from './lines.ts';
import { readPullLine } from './pull-line.ts';
import { dayOf, digestOf, Row } from './row.ts';

const OWNER = 'a'.repeat(32);

async function all<T>(things: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const thing of things) got.push(thing);
  return got;
}

describe('what a cell says', () => {
  it('is read without the apostrophe, and `null` is nothing, in any capitalisation of the key', () => {
    const row = new Row({ 'NIP baru': "'1990", Nama: 'null', JumlahJam: '8.0' });
    expect([row.text('NIP BARU'), row.text('NAMA'), row.number('jumlahJam')]).toEqual(['1990', '', 8]);
    expect(row.fault).toBeUndefined();
  });

  it('is no number where it is huge, and no day where the calendar has none', () => {
    const row = new Row({ jumlahJam: '1e400' });
    row.number('jumlahJam');
    expect(row.fault?.refused).toBe('not-a-number');
    expect([dayOf('29-02-2024'), dayOf('29-02-2023'), dayOf('32-13-1999')]).toEqual([
      '2024-02-29',
      undefined,
      undefined,
    ]);
  });

  it('is not hashed where it identifies somebody, nor where it cannot be kept', () => {
    const digest = digestOf({ id: '1', hasil: 2 });
    const personal = { nipBaru: '1', nama: 'A', idPns: 'b', namaPenilai: 'C', penilaiNipNrp: '2', path: {} };
    expect(digestOf({ hasil: 2, id: '1', ...personal })).toBe(digest);
    expect(digestOf({ id: '1', hasil: '2' })).not.toBe(digest);
    for (const bad of [1e300, Number.MAX_SAFE_INTEGER + 1, '\ud800'])
      expect(digestOf({ id: '1', bad })).toMatchObject({ refused: 'not-storable' });
    expect(digestOf({ id: [['deep']] })).toMatchObject({ refused: 'nested-value' });
  });
});

describe('a file', () => {
  let directory: string;
  const file = (bytes: string | Buffer) => {
    const path = join(directory, 'file');
    writeFileSync(path, bytes);
    return path;
  };
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-traps-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is UTF-8 or not', async () => {
    expect(await isUtf8(file('Café'))).toBe(true);
    expect(await isUtf8(file(Buffer.from('Café', 'latin1')))).toBe(false);
    expect(await isUtf8(file(Buffer.from('\ufeffPNS ID', 'utf16le')))).toBe(false);
  });

  it('is read line by line without BOM and CR; a line that is too long is no text', async () => {
    const lines = await all(linesOf(file('\ufeffa\r\n\r\n123456\nlast'), 5));
    expect(lines.map(({ line, text }) => [line, text])).toEqual([
      [1, 'a'],
      [2, ''],
      [3, undefined],
      [4, 'last'],
    ]);
  });

  it('loses only the broken record of a CSV', async () => {
    const csv = 'A,B\r\n1,"two\nlines"\n2,"open\n3,c\n4\n5,"a, b"\n';
    const records = await all(recordsOf(file(csv)));
    expect(records.map(({ line, cells }) => [line, cells?.B])).toEqual([
      [2, 'two\nlines'],
      [4, undefined],
      [5, 'c'],
      [6, undefined],
      [7, 'a, b'],
    ]);
  });

  it('may be cut at semicolons', async () => {
    const records = await all(recordsOf(file('A;B\n1;2,5\n')));
    expect(records.map(({ cells }) => cells)).toEqual([{ A: '1', B: '2,5' }]);
  });
});

describe('a row of the ASN export', () => {
  const cells = {
    'PNS ID': OWNER,
    'NIP BARU': "'199001022015031950",
    NAMA: 'CONTOH',
    'TANGGAL LAHIR': '02-01-1990',
    'JENIS KELAMIN': 'M',
    NIK: "'1273010201909950",
    'TMT CPNS': '01-03-2015',
    'GOL AKHIR ID': '32',
    'GOL AKHIR NAMA': 'III/b',
  };

  it('is read without the newer columns, with either letter for the sex', () => {
    for (const letter of ['M', 'L'])
      expect(readExportRow({ ...cells, 'JENIS KELAMIN': letter })).toMatchObject({
        particulars: { sex: 'pria', gelarDepan: null },
        doubts: [],
      });
  });

  it('is doubted, not refused, where the identity does not fit together', () => {
    const odd = { 'TANGGAL LAHIR': '05-05-1990', 'JENIS KELAMIN': 'P', 'TMT CPNS': '01-04-2015' };
    expect(readExportRow({ ...cells, ...odd, 'IS VALID NIK': 'FALSE' })).toMatchObject({
      doubts: ['nip/birth', 'nip/tmt-cpns', 'nip/sex', 'nik/birth', 'nik/valid'],
    });
  });

  it('is refused for what nobody can read', () => {
    const wrong: [object, string][] = [
      [{ 'NIP BARU': '1.99001E+17' }, 'nip-destroyed-by-spreadsheet'],
      [{ 'NIP BARU': '19900102201503195' }, 'nip-length'],
      [{ 'NIP BARU': '199013022015031950' }, 'nip-birth-date'],
      [{ 'PNS ID': 'x' }, 'bad-pns-id'],
      [{ 'TMT GOLONGAN': '31-02-2020' }, 'no-such-date'],
      [{ 'GOL AKHIR NAMA': 'IV/z' }, 'no-such-golongan'],
      [{ 'GOL AKHIR NAMA': 'III/a' }, 'codes-disagree'],
    ];
    for (const [cell, code] of wrong)
      expect(readExportRow({ ...cells, ...cell })).toMatchObject({ refused: code });
  });
});

describe('a line of a pull', () => {
  it('is refused as a whole where SIASN gave no list, and its text is not repeated', () => {
    const lines = [
      '{"nip":"199001022015031950","response":{"code":0,"data":[]}}',
      '{"nip":"199001022015031950","response":{"code":1,"data":"Data tidak ditemukan"}}',
      '{"nip":"199001022015031950",',
      '199001022015031950',
      'null',
    ];
    for (const line of lines) {
      const read = readPullLine(line);
      expect(isRefusal(read)).toBe(true);
      expect(JSON.stringify(read)).not.toContain('1990');
    }
  });

  it('keeps the rows beside one without an id, or with one that stands twice', () => {
    const read = readPullLine('{"nip":"1","response":{"code":"1","data":[{"id":"a"},{},7,{"id":"a"}]}}');
    expect('rows' in read && read.rows.map(({ refusal }) => refusal?.refused)).toEqual([
      undefined,
      'row-without-id',
      'row-without-id',
      'row-twice',
    ]);
  });
});

describe('what there is to import', () => {
  it('is found once each, in its order; what holds nothing that is known is said', async () => {
    const at = mkdtempSync(join(tmpdir(), 'jejak-siasn-'));
    const inside = (...names: string[]) => join(at, ...names);
    for (const folder of ['empty', 'pull-2026-01-31', 'pull-2026-02-28']) mkdirSync(inside(folder));
    for (const folder of ['pull-2026-02-28', 'pull-2026-01-31'])
      writeFileSync(inside(folder, 'rw-golongan.ndjson'), '');
    writeFileSync(inside('ref-unor.json'), '[]');
    writeFileSync(inside('letter.txt'), 'dear');
    writeFileSync(inside('asn.csv'), 'PNS ID;NIP BARU\n');
    const asked = [at, inside('pull-2026-01-31'), inside('empty'), inside('letter.txt'), inside('nowhere')];
    const { exports, units, lists, unknown } = await discover(asked);
    expect([exports, units]).toEqual([[inside('asn.csv')], [inside('ref-unor.json')]]);
    expect(lists.map(({ pulled }) => pulled)).toEqual(['2026-01-31', '2026-02-28']);
    expect(unknown).toEqual(['empty', 'letter.txt', 'nowhere'].map((name) => inside(name)));
    rmSync(at, { recursive: true });
  });
});
