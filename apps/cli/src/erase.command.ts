import {
  CIVIL_SERVANT,
  type CivilServant,
  type Context,
  streamOf,
  subjectOf,
} from '@app/domain/civil-servant';
import { approveErasure, liftHold, placeHold, proposeErasure, refuseErasure } from '@app/domain/erase';
import { type Decision, isRefusal } from '@app/domain/event';
import { type DomainEvent, publishRuleSets } from '@app/event-store';
import { EvidenceStore, unkeptDocument } from '@app/ledger';
import { erasures } from '@app/projections';
import { eraseNow } from '@app/record';
import { type Call, type Command, Usage } from './command.ts';
import { PURPOSE } from './noted.ts';
import { askingHere } from './operator.ts';
import { WHO, whoOf } from './person.ts';
import { table } from './words.ts';

export const erase: Command = {
  name: 'erase',
  usage:
    'erase propose|hold <nip> | --subject UUID   erase approve|refuse|lift EVENT   erase list   (with the options they need)',
  does: [
    'Pemusnahan data pribadi menurut jadwal retensi: usul, persetujuan oleh orang lain, penahanan untuk perkara.',
    'Erasure of personal data by the retention schedule: proposed, approved by another, held for a case.',
  ],
  options: {
    ...WHO,
    ...PURPOSE,
    basis: { type: 'string', means: 'propose, hold: the legal basis' },
    jra: { type: 'string', means: 'propose: entry of the Jadwal Retensi Arsip' },
    until: { type: 'string', means: 'propose: last day of the retention, YYYY-MM-DD' },
    minutes: { type: 'string', means: 'propose: number of the berita acara' },
    dated: { type: 'string', means: 'propose: its date, YYYY-MM-DD' },
    destroys: { type: 'string', means: 'propose: SHA-256 of documents, with commas between' },
    because: { type: 'string', means: 'refuse, hold, lift: why; it must not name anybody' },
    all: { type: 'boolean', means: 'list: also what was decided' },
  },
  run: async (call) => {
    const [what = '', ...words] = call.words;
    const way = Object.hasOwn(WAYS, what) ? WAYS[what as keyof typeof WAYS] : undefined;
    if (!way) throw new Usage(`erase takes ${Object.keys(WAYS).join(', ')}`);
    return way({ ...call, words });
  },
};

const WAYS = { propose, approve, refuse, hold, lift, list };

async function propose(call: Call): Promise<number> {
  const evidence = typeof call.options.destroys === 'string' ? call.options.destroys.split(',') : [];
  if (!evidence.every((sha256) => /^[0-9a-f]{64}$/.test(sha256)))
    throw new Usage('--destroys is SHA-256s in lower-case hex, with commas between');
  const beritaAcara = { number: need(call, 'minutes'), date: need(call, 'dated') };
  const asked = { basis: need(call, 'basis'), jra: need(call, 'jra'), retainedUntil: need(call, 'until') };
  const who = await whoOf(call, 'erase propose');
  if (!who) return 1;
  await publishRuleSets(call.record.transact, await askingHere(call.record));
  return decide(
    call,
    who.subject,
    async (servant, context) =>
      (await unkeptDocument(call.record.store, evidence)) ??
      proposeErasure({ ...asked, beritaAcara, evidence }, servant, context),
  );
}

async function hold(call: Call): Promise<number> {
  const asked = { basis: need(call, 'basis'), because: need(call, 'because') };
  const who = await whoOf(call, 'erase hold');
  if (!who) return 1;
  return decide(call, who.subject, (servant, context) => placeHold(asked, servant, context));
}

/** What was approved is carried out at once: where this program is used, there may be no courier. */
async function approve(call: Call): Promise<number> {
  const [proposal, subject] = await eventOf(call);
  const code = await decide(call, subject, (s, c) => approveErasure({ proposal }, s, c));
  if (code !== 0) return code;
  const { record } = call;
  await record.catchUp();
  await eraseNow(record, new EvidenceStore(call.evidence.directory));
  call.say.remark('Dimusnahkan / erased; cadangan lama masih memuatnya / older backups still hold it');
  return 0;
}

async function refuse(call: Call): Promise<number> {
  const because = need(call, 'because');
  const [proposal, subject] = await eventOf(call);
  return decide(call, subject, (s, c) => refuseErasure({ proposal, because }, s, c));
}

async function lift(call: Call): Promise<number> {
  const because = need(call, 'because');
  const [event, subject] = await eventOf(call);
  return decide(call, subject, (s, c) => liftHold({ hold: event, because }, s, c));
}

async function list({ record, options, say }: Call): Promise<number> {
  const wanted = options.all ? {} : { state: 'waiting' as const };
  const found = await erasures(record.database, { ...wanted, limit: 10_000 });
  say.result(found, () =>
    table(
      ['usul / proposal', 'subjek / subject', 'JRA', 'disimpan s.d.', 'dokumen', 'keadaan', 'oleh'],
      found.map(({ event, subject, jra, retainedUntil, evidence, state, actor }) => [
        event,
        subject,
        jra.slice(0, 40),
        retainedUntil,
        evidence.length,
        state,
        actor.slice(0, 8),
      ]),
    ),
  );
  return 0;
}

/** The event that is decided on, and whose record it is on. */
async function eventOf({ words, record }: Call): Promise<[event: string, subject: string]> {
  const [event] = words;
  if (event === undefined || words.length > 1)
    throw new Usage('the id of one event is needed; see: jejak erase list');
  const found = await record.journal.find(event);
  const subject = found && subjectOf(found.stream);
  if (subject === undefined) throw new Usage(`no record of a civil servant has the event ${event}`);
  return [event, subject];
}

function need({ options }: Call, name: string): string {
  const value = options[name];
  if (typeof value !== 'string' || value.trim() === '') throw new Usage(`--${name} is needed`);
  return value;
}

type Decide = (
  servant: CivilServant,
  context: Context,
) => Decision<DomainEvent> | Promise<Decision<DomainEvent>>;

/** Decides as whoever runs the program: to propose and to approve, two people need accounts of their own here. */
async function decide({ record, say }: Call, subject: string, ask: Decide): Promise<number> {
  const asking = await askingHere(record);
  const { actor } = asking;
  const outcome = await record.transact<CivilServant, never>(
    CIVIL_SERVANT,
    streamOf(subject),
    asking,
    async (servant, id) =>
      (await ask(servant, { subject, actor, today: record.today(), id })) as Decision<never>,
  );
  if (isRefusal(outcome)) {
    say.remark(`Ditolak / refused: ${outcome.because} (${outcome.refused}; ${outcome.basis})`);
    return 1;
  }
  if ('moved' in outcome) throw new Error('a decision of this program is for any revision');
  say.result({ subject, ...outcome }, () =>
    outcome.events.length > 0
      ? outcome.events.map(({ id, type }) => `${type} ${id}`).join('\n')
      : 'Sudah demikian / it was so already',
  );
  return 0;
}
