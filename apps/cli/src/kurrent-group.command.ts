import { type Group, type GroupWanted, KurrentGroups } from '@app/event-store';
import { type Bare, type Command, Usage } from './command.ts';
import { table } from './words.ts';

/** As the server takes it, and no sign that means something in the names of its own streams. */
const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;
const KURRENT = /^(esdb|kurrentdb)(\+discover)?:/;

export const kurrentGroup: Command = {
  name: 'kurrent:group',
  usage:
    'kurrent:group create NAME [--streams PREFIX,…] [--from start|end|POSITION]   kurrent:group list | delete NAME',
  does: [
    'Kelompok konsumen pada log KurrentDB (persistent subscription pada $all), tanpa peristiwa sistem.',
    'Groups of consumers of the log in KurrentDB (persistent subscriptions to $all), without system events.',
  ],
  options: {
    streams: { type: 'string', means: 'only streams whose names begin so, like civilServant- (all)' },
    from: { type: 'string', means: 'start, end, or a position of $all, which is included (start)' },
  },
  runBare: async (call) => {
    const [what, name, ...more] = call.words;
    const run = WAYS[what ?? ''];
    if (!run || more.length > 0 || (what === 'list') !== (name === undefined))
      throw new Usage('kurrent:group takes create or delete and a name, or list');
    if (name !== undefined && !NAME.test(name))
      throw new Usage('the name of a group has letters, digits, dots, - and _, at most 100');
    const wanted = wantedIn(name ?? '', call.options);
    if (KURRENT.test(call.places.log)) return within(call, (groups) => run(call, groups, wanted));
    call.say.remark(
      'Log tidak berada di KurrentDB (EVENT_STORE bukan kurrent) / the log is not in KurrentDB (EVENT_STORE is not kurrent): ' +
        'gunakan / use GET /v1/events, /v1/events/stream, webhooks (docs/integrators.md)',
    );
    return 1;
  },
};

type Way = (call: Bare, groups: KurrentGroups, wanted: GroupWanted) => Promise<number>;

const WAYS: Readonly<Record<string, Way>> = {
  create: async ({ say }, groups, wanted) => {
    const created = await groups.create(wanted);
    say.result({ group: wanted.name, created }, () =>
      created
        ? `${wanted.name}: dibuat / set up`
        : `${wanted.name}: sudah ada dan tidak diubah / is there already, and stays as it is; to begin anew, delete it first`,
    );
    return created ? 0 : 1;
  },
  delete: async ({ say }, groups, { name }) => {
    const deleted = await groups.delete(name);
    say.result({ group: name, deleted }, () =>
      deleted
        ? `${name}: dihapus, dengan posisinya / deleted, with its place`
        : `${name}: tidak ada / there is no such group; see: jejak kurrent:group list`,
    );
    return deleted ? 0 : 1;
  },
  list: async ({ say }, groups) => {
    const listed = await groups.list();
    say.result(listed, () => groupTable(listed));
    return 0;
  },
};

async function within({ places }: Bare, work: (groups: KurrentGroups) => Promise<number>): Promise<number> {
  const groups = await KurrentGroups.open(places.log);
  try {
    return await work(groups);
  } finally {
    await groups.close();
  }
}

function wantedIn(name: string, { streams, from = 'start' }: Bare['options']): GroupWanted {
  const prefixes = streams === undefined ? [] : String(streams).split(',');
  if (prefixes.some((prefix) => !/^[A-Za-z]/.test(prefix)))
    throw new Usage('--streams is how names of streams begin, like civilServant-, with commas between');
  if (from === 'start' || from === 'end') return { name, streams: prefixes, from };
  if (!/^\d{1,15}$/.test(String(from))) throw new Usage('--from is start, end or a position of $all');
  return { name, streams: prefixes, from: Number(from) };
}

const groupTable = (groups: readonly Group[]): string =>
  table(
    ['kelompok', 'keadaan', 'strategi', 'konsumen', 'diparkir', 'sampai', 'terakhir'],
    groups.map(({ name, status, strategy, consumers, parked, checkpoint, last }) => [
      name,
      status,
      strategy,
      consumers,
      parked,
      String(checkpoint ?? '-'),
      String(last ?? '-'),
    ]),
  );
