import { type Step, history as steps } from '@app/projections';
import { asOf } from './as-of.ts';
import { AS_OF, type Command } from './command.ts';
import { PURPOSE } from './noted.ts';
import { headOf, WHO, whoOf } from './person.ts';
import { table } from './words.ts';

export const history: Command = {
  name: 'history',
  usage: 'history <nip> | --subject UUID --purpose TEXT [--on DAY] [--known INDEX|TIME]',
  does: [
    'Rekam jejak keputusan seorang ASN, dari jurnal.',
    'The decision trail of a civil servant, from the journal.',
  ],
  options: { ...WHO, ...PURPOSE, ...AS_OF },
  run: async (call) => {
    const who = await whoOf(call, 'history');
    if (!who) return 1;
    const times = await asOf(call);
    const trail = await steps(call.record.journal, who.subject, { limit: 100_000 }, times);
    call.say.result({ subject: who.subject, ...times, steps: trail }, () =>
      [headOf(who), trailTable(trail)].join('\n'),
    );
    return trail.length > 0 ? 0 : 1;
  },
};

/** Steps as a table: index, when recorded, what, in force, by whom, from which source or SK. */
export function trailTable(trail: readonly Step[]): string {
  return table(
    ['indeks', 'dicatat', 'peristiwa', 'isi', 'berlaku', 'sumber/SK', 'oleh'],
    trail.map(({ entry, effective, undoneBy }) => [
      entry.index,
      entry.recordedAt.slice(0, 16).replace('T', ' '),
      entry.type,
      gist(entry.data),
      undoneBy === undefined ? (effective ? 'ya' : '-') : 'dibatalkan/dikoreksi',
      entry.metadata.source ? entry.metadata.source.list : skOf(entry.data),
      `${entry.metadata.role} ${entry.metadata.actor.slice(0, 8)}`,
    ]),
  );
}

const skOf = (data: object): string => ('sk' in data ? ((data.sk as { number?: string }).number ?? '') : '');

const TELLING = [
  'tmt',
  'golongan',
  'jabatan',
  'unit',
  'predikat',
  'name',
  'jpRecognised',
  'jenis',
  'kind',
  'because',
];

/** The telling fields of an event in a few words. */
function gist(data: object): string {
  if ('replacement' in data) {
    const { replacement, because } = data as { replacement: { data: object }; because: string };
    return `${gist(replacement.data)}: ${because}`.slice(0, 70);
  }
  const said = data as Record<string, unknown>;
  const period = said.period as { year: number; from?: number; to?: number } | undefined;
  const when = period ? [`${period.year}${period.from ? ` bulan ${period.from}-${period.to}` : ''}`] : [];
  const names = period ? ['predikat'] : TELLING;
  const fields = names.flatMap((name) => (said[name] === undefined ? [] : [String(said[name])]));
  return [...when, ...fields].join(' ').slice(0, 70);
}
