import { isRefusal } from '@app/domain/event';
import {
  OUTBOX_KINDS,
  OUTBOX_STATES,
  type OutboxWanted,
  outbox,
  type SiasnOutboxRow,
} from '@app/projections';
import { confirm, type Prepared, prepare, readSiasnCodes, release, withdraw } from '@app/siasn';
import { type Call, type Command, Usage } from './command.ts';
import { noted, PURPOSE } from './noted.ts';
import { askingHere } from './operator.ts';
import { exportOutbox } from './siasn-files.ts';
import { table } from './words.ts';

export const siasn: Command = {
  name: 'siasn',
  usage:
    'siasn outbox list | show EVENT | release EVENT | withdraw EVENT | confirm EVENT | export DIR   (with the options they need)',
  does: [
    'Antrean kiriman ke SIASN: lihat, lepas (oleh orang lain dari yang mencatat), tarik, nyatakan sudah ada, tulis ke berkas.',
    'The outbox to SIASN: look, release (by another than who recorded it), withdraw, confirm, write to files.',
  ],
  options: {
    ...PURPOSE,
    state: { type: 'string', means: `list, export: ${OUTBOX_STATES.join(', ')}` },
    kind: { type: 'string', means: `list, export: ${OUTBOX_KINDS.join(', ')}` },
    because: { type: 'string', means: 'withdraw: why; it must not name anybody' },
    id: { type: 'string', means: 'confirm: the id of the row in SIASN' },
  },
  run: async (call) => {
    const [outboxWord, what = 'list', ...words] = call.words;
    const way = Object.hasOwn(WAYS, what) ? WAYS[what as keyof typeof WAYS] : undefined;
    if (outboxWord !== 'outbox' || !way)
      throw new Usage(`siasn outbox takes ${Object.keys(WAYS).join(', ')}`);
    return way({ ...call, words });
  },
};

const WAYS = { list, show, release: releaseOne, withdraw: withdrawOne, confirm: confirmOne, export: write };
const MOST_TOLD = 10_000;

async function list(call: Call): Promise<number> {
  const wanted = wantedOf(call);
  await noted(call, 'siasn outbox list', null);
  const rows = await outbox(call.record.database, { ...wanted, limit: MOST_TOLD });
  call.say.result(rows, () =>
    table(
      [
        'peristiwa / event',
        'subjek / subject',
        'jenis',
        'keadaan',
        'percobaan',
        'diperbaiki oleh',
        'kesalahan',
      ],
      rows.map(({ event, subject, kind, state, attempts, mendedBy, error }) => [
        event,
        subject,
        kind,
        state,
        attempts,
        mendedBy ?? '-',
        (error ?? '-').slice(0, 60),
      ]),
    ),
  );
  return 0;
}

async function show(call: Call): Promise<number> {
  const event = eventOf(call);
  const prepared = await prepare(call.record, await codesOf(call), event);
  await noted(call, 'siasn outbox show', prepared?.row.subject ?? null);
  if (!prepared) return unknown(call, event);
  const { row, payload, lacks, task } = prepared;
  call.say.result({ item: row, ...payload, lacks, task }, () => shown(prepared).join('\n'));
  return 0;
}

function shown({ row, payload, lacks = [], task }: Prepared): string[] {
  const mended = row.error === null ? '' : ` (${row.mendedBy ?? '-'}: ${row.error})`;
  const body = payload ? [`POST /${payload.service}`, JSON.stringify(payload.body, null, 2)] : [];
  const todo = task ? [task.does, task.service ? `DELETE /${task.service}` : (task.siasnId ?? '')] : [];
  return [
    `${row.kind}: ${row.state}${mended}`,
    ...body,
    ...lacks.map(({ field, why }) => `  ${field}: ${why}`),
    ...todo,
  ];
}

async function write(call: Call): Promise<number> {
  const [directory, ...more] = call.words;
  if (directory === undefined || more.length > 0) throw new Usage('export takes one directory');
  const wanted = wantedOf(call);
  await noted(call, 'siasn outbox export', null);
  const written = await exportOutbox(call.record, await codesOf(call), wanted, directory);
  call.say.result(written, () =>
    [
      table(
        ['jenis', 'baris', 'berkas / files', 'kurang / lacking'],
        written.kinds.map(({ kind, rows, files, lacking }) => [kind, rows, files, lacking]),
      ),
      'Hanya yang dilepas ditulis sebagai badan permintaan / only what was released is written as a body',
    ].join('\n'),
  );
  return 0;
}

async function releaseOne(call: Call): Promise<number> {
  const codes = await codesOf(call);
  const event = eventOf(call);
  return told(call, await release(call.record, codes, event, await askingHere(call.record)));
}

async function withdrawOne(call: Call): Promise<number> {
  const asked = { event: eventOf(call), because: need(call, 'because') };
  return told(call, await withdraw(call.record, asked, await askingHere(call.record)));
}

async function confirmOne(call: Call): Promise<number> {
  const asked = { event: eventOf(call), siasnId: need(call, 'id') };
  if (!/^[A-Za-z0-9-]{1,64}$/.test(asked.siasnId)) throw new Usage('--id is the id of a row in SIASN');
  return told(call, await confirm(call.record, asked, await askingHere(call.record)));
}

function told({ say }: Call, outcome: Awaited<ReturnType<typeof withdraw>>): number {
  if (isRefusal(outcome)) {
    say.remark(`Ditolak / refused: ${outcome.because} (${outcome.refused}; ${outcome.basis})`);
    return 1;
  }
  if ('moved' in outcome) throw new Error('a decision of this program is for any revision');
  say.result(outcome, () =>
    outcome.events.length > 0
      ? outcome.events.map(({ id, type }) => `${type} ${id}`).join('\n')
      : 'Sudah demikian / it was so already',
  );
  return 0;
}

function unknown({ say }: Call, event: string): number {
  say.remark(`${event}: SIASN tidak diberi tahu peristiwa ini / SIASN is not told of such an event`);
  return 1;
}

const codesOf = ({ settings: { siasn: of } }: Call) => {
  const { codesFile, service: _, ...ids } = of;
  return readSiasnCodes(codesFile, ids);
};

function eventOf({ words }: Call): string {
  const [event] = words;
  if (event === undefined || words.length > 1)
    throw new Usage('the id of one event is needed; see: jejak siasn outbox list');
  return event;
}

function need({ options }: Call, name: string): string {
  const value = options[name];
  if (typeof value !== 'string' || value.trim() === '') throw new Usage(`--${name} is needed`);
  return value;
}

function wantedOf({ options: { state, kind } }: Call): Omit<OutboxWanted, 'limit'> {
  return {
    ...oneOf<SiasnOutboxRow['state'], 'state'>('state', state, OUTBOX_STATES),
    ...oneOf<SiasnOutboxRow['kind'], 'kind'>('kind', kind, OUTBOX_KINDS),
  };
}

function oneOf<Value extends string, Name extends string>(
  name: Name,
  given: string | boolean | undefined,
  values: readonly Value[],
): { [K in Name]?: Value } {
  if (given === undefined) return {};
  const value = values.find((one) => one === given);
  if (value === undefined) throw new Usage(`--${name} is one of ${values.join(', ')}`);
  return { [name]: value } as { [K in Name]?: Value };
}
