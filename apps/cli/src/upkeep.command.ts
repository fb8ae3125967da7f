import { type Call, type Command, Usage } from './command.ts';
import { table } from './words.ts';

export const status: Command = {
  name: 'status',
  usage: 'status',
  does: ['Keadaan jurnal dan tampilan.', 'How the journal and the views stand.'],
  options: {},
  run: async ({ record, say, dataDir }) => {
    const views = await record.views.states();
    const entries = await record.journal.size();
    const parked = views.reduce((sum, view) => sum + view.parked.length, 0);
    say.result({ dataDir, entries, views }, () =>
      [
        `Jurnal / journal: ${entries} peristiwa / events`,
        table(
          ['tampilan', 'versi', 'indeks', 'tertinggal', 'ditahan'],
          views.map((view) => [view.name, view.version, view.index, view.behind, view.parked.length]),
        ),
        ...views.flatMap((view) =>
          view.parked
            .filter(({ cause }) => cause)
            .map(({ index, cause }) => `${view.name} @${index}: ${cause}`),
        ),
      ].join('\n'),
    );
    return parked > 0 ? 1 : 0;
  },
};

export const rebuild: Command = {
  name: 'rebuild',
  usage: 'rebuild [journal | VIEW]',
  does: [
    'Bangun ulang jurnal dari catatan peristiwa, atau tampilan dari jurnal; yang lama dipakai sampai yang baru siap.',
    'Rebuild the journal from the log, or views from the journal; the old one serves until the new one is ready.',
  ],
  options: {},
  run: async (call) => {
    const names = asked(call);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    await rebuildThem(call, names, stop.signal);
    const stopped = stop.signal.aborted;
    call.say.result({ rebuilt: names, stopped }, () =>
      stopped
        ? 'Dihentikan; jalankan lagi untuk melanjutkan / stopped; run again to go on'
        : `Selesai / done: ${names.join(', ')}`,
    );
    return stopped ? 1 : 0;
  },
};

/** What to rebuild: the journal, one view, or all views. */
function asked({ words, record }: Call): readonly string[] {
  const [name] = words;
  const { names } = record.views;
  if (words.length > 1 || (name !== undefined && name !== 'journal' && !names.includes(name)))
    throw new Usage(`rebuild takes one of: journal, ${names.join(', ')}`);
  return name === undefined ? names : [name];
}

function rebuildThem({ record, say }: Call, names: readonly string[], signal: AbortSignal): Promise<void> {
  const progress = (done: number) => say.remark(`${names.join(', ')}: ${done}`);
  return names[0] === 'journal'
    ? record.journal.rebuild(progress, signal)
    : record.views.rebuild(names, progress, signal);
}
