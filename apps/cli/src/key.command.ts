import { MOST_KEY_DAYS } from '@app/domain/api-key';
import { CLASSIFICATIONS, type Classification } from '@app/domain/classification';
import { isRefusal, type Refusal } from '@app/domain/event';
import type { Moved } from '@app/event-store';
import { isPurpose, PURPOSE_IS } from '@app/ledger';
import {
  KEY_DAYS,
  type KeyReceipt,
  type KeyTold,
  MOST_OVERLAP_HOURS,
  OVERLAP_HOURS,
  type TermsAsked,
} from '@app/people';
import { type Call, type Command, Usage } from './command.ts';
import { askingHere } from './operator.ts';
import { table } from './words.ts';

const HOUR_MS = 3_600_000;
const CLASSES = CLASSIFICATIONS.join(' | ');

export const key: Command = {
  name: 'key',
  usage:
    'key issue --name NAME --purpose WORDS   key list   key change|rotate|revoke ID   (with the options they need)',
  does: [
    'Kunci API untuk sistem lain: diterbitkan, diubah, diputar, dicabut. Rahasianya ditampilkan sekali.',
    'API keys of integrators: issued, changed, rotated, revoked. The secret is shown once.',
  ],
  options: {
    name: { type: 'string', means: 'issue, change: whose key it is; a system, not a person' },
    purpose: { type: 'string', means: 'issue, change: what its reads are for' },
    sees: { type: 'string', means: `issue, change: is told of events up to ${CLASSES} (restricted)` },
    reads: { type: 'string', means: 'issue, change: is given data up to this class (internal)' },
    days: { type: 'string', means: `issue, change: good for so long from now (${KEY_DAYS})` },
    overlap: {
      type: 'string',
      means: `rotate: the old secret stays good, like 24h or 7d (${OVERLAP_HOURS}h)`,
    },
  },
  run: async (call) => {
    const [what = '', ...words] = call.words;
    const way = Object.hasOwn(WAYS, what) ? WAYS[what as keyof typeof WAYS] : undefined;
    if (!way) throw new Usage(`key takes ${Object.keys(WAYS).join(', ')}`);
    return way({ ...call, words });
  },
};

const WAYS = { issue, list, change, rotate, revoke };

async function issue(call: Call): Promise<number> {
  if (call.words.length > 0) throw new Usage('key issue takes options only');
  const { name, purpose, sees = 'restricted', reads = 'internal', days = KEY_DAYS } = termsIn(call);
  if (name === undefined || purpose === undefined) throw new Usage('--name and --purpose are needed');
  const asking = await askingHere(call.record);
  return answer(call, await call.record.apiKeys.issue({ name, purpose, sees, reads, days }, asking));
}

async function change(call: Call): Promise<number> {
  const id = idIn(call);
  return answer(call, await call.record.apiKeys.change(id, termsIn(call), await askingHere(call.record)));
}

async function rotate(call: Call): Promise<number> {
  const id = idIn(call);
  const overlap = overlapIn(call.options.overlap);
  return answer(call, await call.record.apiKeys.rotate(id, overlap, await askingHere(call.record)));
}

async function revoke(call: Call): Promise<number> {
  return answer(call, await call.record.apiKeys.revoke(idIn(call), await askingHere(call.record)));
}

async function list({ record, say }: Call): Promise<number> {
  const keys = await record.apiKeys.list();
  const now = new Date().toISOString();
  say.result(keys, () =>
    table(
      ['id', 'nama', 'melihat', 'membaca', 'untuk', 'sampai', 'terakhir dipakai', 'keadaan'],
      keys.map((one) => [
        one.id,
        one.name,
        one.sees,
        one.reads,
        one.purpose,
        minute(one.expires),
        minute(one.lastUsedAt),
        stateOf(one, now),
      ]),
    ),
  );
  return 0;
}

function stateOf({ revokedAt, expires }: KeyTold, now: string): string {
  if (revokedAt !== null) return 'dicabut';
  return expires <= now ? 'kedaluwarsa' : 'berlaku';
}

const minute = (at: string | null): string => at?.slice(0, 16).replace('T', ' ') ?? '-';

/** The secret alone on standard output, so that it can be put where it belongs without being seen. */
function answer({ say }: Call, outcome: KeyReceipt | Refusal | Moved): number {
  if (isRefusal(outcome)) {
    say.remark(`Ditolak / refused: ${outcome.because} (${outcome.refused}; ${outcome.basis})`);
    return 1;
  }
  if ('moved' in outcome) throw new Error('a decision of this program is for any revision');
  const { key, secret, events } = outcome;
  if (secret !== undefined)
    say.remark(`Kunci ${key.id}: rahasia ini hanya ditampilkan sekali / this secret is shown only once`);
  const done = events.length > 0 ? 'tercatat / on the record' : 'sudah demikian / it was so already';
  say.result({ ...key, ...(secret === undefined ? {} : { secret }) }, () => secret ?? `${key.id}: ${done}`);
  return 0;
}

function idIn({ words: [id, ...more] }: Call): string {
  if (id === undefined || more.length > 0)
    throw new Usage('the id of one key is needed; see: jejak key list');
  return id;
}

function termsIn({ options }: Call): Partial<TermsAsked> {
  const { name, purpose, sees, reads, days } = options;
  for (const [option, text] of Object.entries({ name, purpose }))
    if (text !== undefined && !isPurpose(String(text))) throw new Usage(`--${option} is ${PURPOSE_IS}`);
  const terms = {
    name,
    purpose,
    sees: classIn('sees', sees),
    reads: classIn('reads', reads),
    days: daysIn(days),
  };
  return Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined));
}

function classIn(option: string, text: unknown): Classification | undefined {
  if (text === undefined) return undefined;
  const found = CLASSIFICATIONS.find((one) => one === text);
  if (!found) throw new Usage(`--${option} is one of ${CLASSIFICATIONS.join(', ')}`);
  return found;
}

function daysIn(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  const days = /^\d{1,3}$/.test(String(text)) ? Number(text) : 0;
  if (days < 1 || days > MOST_KEY_DAYS)
    throw new Usage(`--days is a whole number from 1 to ${MOST_KEY_DAYS}`);
  return days;
}

/** In ms. */
function overlapIn(text: unknown = `${OVERLAP_HOURS}h`): number {
  const [, count, unit] = /^(\d{1,3})(h|d)$/.exec(String(text)) ?? [];
  const hours = Number(count) * (unit === 'd' ? 24 : 1);
  if (!(hours <= MOST_OVERLAP_HOURS))
    throw new Usage(`--overlap is hours or days like 0h, 24h or 7d, at most ${MOST_OVERLAP_HOURS}h`);
  return hours * HOUR_MS;
}
