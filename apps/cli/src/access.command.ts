import type { Accessed, AccessWanted } from '@app/ledger';
import { type Call, type Command, Usage } from './command.ts';
import { noted, PURPOSE } from './noted.ts';
import { table } from './words.ts';

/** What looking at the access log is for, where nothing is said. */
const LOOKING = 'memeriksa log akses';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const access: Command = {
  name: 'access',
  usage: 'access [--subject ID | --nip NIP] [--actor ID] [--after INDEX] [--limit N]',
  does: [
    'Log akses: siapa membaca data siapa, untuk apa. Perintah ini pun tercatat.',
    'The access log: who read whose data, for what. This command is an entry, too.',
  ],
  options: {
    subject: { type: 'string', means: 'reads of one person, by id' },
    nip: { type: 'string', means: 'reads of one person, by NIP' },
    actor: { type: 'string', means: 'reads by one account, by id' },
    after: { type: 'string', means: 'entries after this index' },
    limit: { type: 'string', means: 'at most so many (1000)' },
    ...PURPOSE,
  },
  run: async (call) => {
    const wanted = await wantedOf(call);
    if (!wanted) return 1;
    const entries = await call.record.access.read(wanted);
    await noted(call, 'access', wanted.subject ?? null, LOOKING);
    call.say.result(entries, () => accessTable(entries));
    return 0;
  },
};

/** What the options ask for; undefined (said on standard error): of a NIP that nobody has. */
async function wantedOf(call: Call): Promise<AccessWanted | undefined> {
  const { nip } = call.options;
  const wanted = checked(call.options);
  if (typeof nip !== 'string') return wanted;
  const person = await call.record.people.byNip(nip);
  if (person) return { ...wanted, subject: person.subject };
  await noted(call, 'access', null, LOOKING);
  call.say.remark(`NIP ${nip} tidak ada dalam catatan / is not on the record`);
  return undefined;
}

function checked({ subject, nip, actor, after, limit = '1000' }: Call['options']): AccessWanted {
  if (subject !== undefined && nip !== undefined) throw new Usage('--subject or --nip, not both');
  return {
    limit: Number(fitting('limit', limit, /^[1-9]\d{0,6}$/, 'a whole number from 1')),
    ...(after === undefined ? {} : { after: Number(fitting('after', after, /^\d{1,15}$/, 'an index')) }),
    ...(subject === undefined ? {} : { subject: fitting('subject', subject, UUID, 'an id (UUID)') }),
    ...(actor === undefined ? {} : { actor: fitting('actor', actor, UUID, 'an id (UUID)') }),
  };
}

function fitting(name: string, value: string | boolean, shape: RegExp, is: string): string {
  if (!shape.test(String(value))) throw new Usage(`--${name} is ${is}`);
  return String(value);
}

const accessTable = (entries: readonly Accessed[]): string =>
  table(
    ['indeks', 'waktu', 'akun', 'peran', 'untuk', 'apa', 'siapa', 'hasil'],
    entries.map(({ index, at, actor, role, purpose, what, subject, outcome }) => [
      index,
      at.slice(0, 19).replace('T', ' '),
      actor.slice(0, 8),
      role,
      purpose,
      what,
      subject?.slice(0, 8) ?? '-',
      outcome === 'answered' ? 'dijawab' : 'ditolak',
    ]),
  );
