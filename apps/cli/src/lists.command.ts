import { BACKDATED_DAYS } from '@app/domain/backdated';
import { FINDINGS, type FindingKind } from '@app/domain/civil-servant';
import { PREDIKAT } from '@app/domain/predikat';
import {
  backdatedAt,
  distribution as distributions,
  findingCounts,
  findings as found,
  units as unitsAt,
} from '@app/projections';
import { asOf } from './as-of.ts';
import { AS_OF, type Command, Usage } from './command.ts';
import { noted, PURPOSE } from './noted.ts';
import { table, title } from './words.ts';

export const units: Command = {
  name: 'units',
  usage: 'units [--on DAY] [--known INDEX|TIME]',
  does: ['Unit kerja dan jabatan pimpinannya.', 'The units and the jabatan that lead them.'],
  options: AS_OF,
  run: async (call) => {
    const all = await unitsAt(call.record.database, await asOf(call));
    const name = new Map(all.map(({ unit, name: n }) => [unit, n]));
    call.say.result(all, () =>
      table(
        ['unit', 'di bawah', 'pimpinan', 'eselon'],
        all.map((u) => [u.name, name.get(u.parent ?? '') ?? '-', u.jabatan ?? '-', u.eselon ?? '-']),
      ),
    );
    return 0;
  },
};

export const distribution: Command = {
  name: 'distribution',
  usage: 'distribution --year YYYY [--unit ID]',
  does: ['Sebaran predikat kinerja per unit.', 'The distribution of predikat by unit.'],
  options: {
    year: { type: 'string', means: 'year that was appraised' },
    unit: { type: 'string', means: 'one unit, by id' },
    ...AS_OF,
  },
  run: async (call) => {
    const { year, unit } = call.options;
    if (typeof year !== 'string' || !/^\d{4}$/.test(year)) throw new Usage('--year YYYY is needed');
    const times = await asOf(call);
    const rows = await distributions(
      call.record.database,
      { period: year, ...(typeof unit === 'string' ? { unit } : {}) },
      times,
    );
    const all = await unitsAt(call.record.database, { ...times, effectiveOn: '9999-12-31' });
    const name = new Map(all.map(({ unit: id, name: n }) => [id, n]));
    call.say.result(rows, () =>
      table(
        ['unit', ...PREDIKAT.map(title), 'jumlah'],
        rows.map((row) => [
          row.unit === null ? '(tidak diketahui / unknown)' : (name.get(row.unit) ?? row.unit),
          ...PREDIKAT.map((predikat) => row.counts[predikat]),
          row.appraised,
        ]),
      ),
    );
    return 0;
  },
};

export const findings: Command = {
  name: 'findings',
  usage: 'findings --purpose TEXT [--kind KIND] [--limit N]',
  does: ['Temuan yang perlu diperiksa.', 'Findings that somebody should look at.'],
  options: {
    kind: { type: 'string', means: FINDINGS.join(' | ') },
    limit: { type: 'string', means: 'at most so many (1000)' },
    ...PURPOSE,
    ...AS_OF,
  },
  run: async (call) => {
    const { kind, limit = '1000' } = call.options;
    if (kind !== undefined && !(FINDINGS as readonly unknown[]).includes(kind))
      throw new Usage(`--kind is one of ${FINDINGS.join(', ')}`);
    if (!/^[1-9]\d{0,6}$/.test(String(limit))) throw new Usage('--limit is a whole number from 1');
    const times = await asOf(call);
    await noted(call, 'findings', null);
    const only = kind === undefined ? {} : { kind: kind as FindingKind };
    const rows = await found(call.record.database, { limit: Number(limit), ...only }, times);
    const people = await call.record.people.named([...new Set(rows.map(({ subject }) => subject))]);
    const counts = await findingCounts(call.record.database, times);
    call.say.result({ counts, findings: rows }, () =>
      [
        ...Object.entries(counts).map(([of, n]) => `${of}: ${n}`),
        table(
          ['indeks', 'temuan', 'NIP', 'nama', 'sebelum', 'sesudah'],
          rows.map((row) => [
            row.index,
            row.kind,
            people.get(row.subject)?.nip ?? '-',
            people.get(row.subject)?.name ?? '-',
            JSON.stringify(row.before ?? row.fields),
            JSON.stringify(row.after ?? {}),
          ]),
        ),
      ].join('\n'),
    );
    return 0;
  },
};

export const backdated: Command = {
  name: 'backdated',
  usage: 'backdated --purpose TEXT [--days N] [--limit N]',
  does: ['Catatan yang dicatat mundur: jauh sesudah TMT-nya.', 'What was recorded long after its TMT.'],
  options: {
    days: { type: 'string', means: `more than so many days after its TMT (${BACKDATED_DAYS}, and no less)` },
    limit: { type: 'string', means: 'at most so many (1000)' },
    ...PURPOSE,
    ...AS_OF,
  },
  run: async (call) => {
    const { days = String(BACKDATED_DAYS), limit = '1000' } = call.options;
    if (!/^\d{1,5}$/.test(String(days)) || Number(days) < BACKDATED_DAYS)
      throw new Usage(`--days is a whole number from ${BACKDATED_DAYS}`);
    if (!/^[1-9]\d{0,6}$/.test(String(limit))) throw new Usage('--limit is a whole number from 1');
    const times = await asOf(call);
    await noted(call, 'backdated', null);
    const rows = await backdatedAt(call.record.database, { limit: Number(limit), days: Number(days) }, times);
    const people = await call.record.people.named([...new Set(rows.map(({ subject }) => subject))]);
    call.say.result(rows, () =>
      table(
        ['indeks', 'catatan', 'NIP', 'nama', 'TMT', 'dicatat', 'hari'],
        rows.map((row) => [
          row.index,
          row.type,
          people.get(row.subject)?.nip ?? '-',
          people.get(row.subject)?.name ?? '-',
          row.tmt,
          row.recordedOn,
          row.days,
        ]),
      ),
    );
    return 0;
  },
};
