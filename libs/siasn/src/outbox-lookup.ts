import type { LegalDate } from '@app/domain/calendar';
import { appointmentOn, placementOn, promotionOn } from '@app/domain/career';
import {
  type AppraisalScored,
  type CivilServant,
  type CivilServantEvent,
  evolve,
  type Fact,
  factsOf,
  NOBODY,
  streamOf,
} from '@app/domain/civil-servant';
import type { Recorded } from '@app/domain/event';
import { effectiveFrom } from '@app/domain/profile';
import {
  SIASN_SUBMISSION,
  type SiasnKind,
  type SiasnSubmission,
  type Submission,
  siasnKindOf,
  submissionStream,
} from '@app/domain/siasn-submission';
import { decode, type EventStore } from '@app/event-store';
import type { Database } from '@app/journal';
import type { People, Person } from '@app/people';
import { type SiasnOutboxRow, UnitRow } from '@app/projections';
import { type Cell, Missing, type PenilaiThen, type ToldFact } from './outbox-cells.ts';
import { golonganCode, type SiasnCodes } from './outbox-codes.ts';
import { SIASN_SERVICES } from './outbox-fields.ts';

/** Where what SIASN is told is looked up. */
export type Looked = { readonly store: EventStore; readonly database: Database; readonly people: People };

/** A person's stream, and what stands on it. */
export type Trail = {
  readonly events: readonly Recorded<CivilServantEvent>[];
  readonly servant: CivilServant;
};

/** A fact with all that is looked up for it, and whose data that are. `hide`: words that name somebody. */
export type Found = {
  readonly told: ToldFact;
  readonly subjects: readonly string[];
  readonly hide: readonly string[];
};

export async function trailOf(store: EventStore, subject: string): Promise<Trail> {
  const events = (await store.read(streamOf(subject))).map((stored) => decode<CivilServantEvent>(stored));
  return { events, servant: events.reduce(evolve, NOBODY) };
}

/** The fact that an event states now; undefined: it was corrected, annulled, or never stated one. */
export const standing = ({ servant }: Trail, event: string): Fact | undefined =>
  servant.facts.find((fact) => fact.event === event);

/** Looks up, now, all that SIASN is told besides what the fact says. */
export async function lookUp(
  from: Looked,
  codes: SiasnCodes,
  { subject }: Pick<SiasnOutboxRow, 'subject'>,
  trail: Trail,
  fact: Fact,
): Promise<Found> {
  const person = await from.people.find(subject);
  const { servant } = trail;
  const date = effectiveFrom(fact);
  const sanction =
    fact.type === 'SanctionLifted'
      ? factsOf(servant, 'SanctionImposed').find(({ event }) => event === fact.data.sanction)
      : undefined;
  const rater = fact.type === 'AppraisalScored' ? await penilaiOf(from, codes, fact.data, date) : undefined;
  const promotion = promotionOn(servant, date)?.data;
  const jabatan = appointmentOn(servant, date)?.data;
  const placement = placementOn(servant, date)?.data;
  const told: ToldFact = {
    event: fact.event,
    fact,
    pnsId: pnsIdOf(person),
    id: await rowToChange(from.store, trail, fact),
    ...(promotion ? { golongan: promotion.golongan } : {}),
    ...(jabatan ? { jabatan } : {}),
    ...(placement ? { placement } : {}),
    ...(rater ? { penilai: rater.penilai } : {}),
    ...(sanction ? { sanction: sanction.data } : {}),
  };
  const known = [person, rater?.person].filter((one) => one !== undefined && one !== null);
  const others = rater?.person ? [rater.person.subject] : [];
  return { told, subjects: [subject, ...others], hide: known.flatMap(wordsOf) };
}

const pnsIdOf = (person: Person | null): string | Missing => {
  if (!person) return new Missing('data pribadi tidak ada lagi / the person is not there any more');
  return person.pnsId ?? new Missing('PNS ID belum dicatat / no PNS ID is on the record');
};

/** By what somebody can be told; SIASN's answers may repeat it. */
const wordsOf = ({ name, nip, pnsId, nik }: Person): string[] =>
  [name, nip, pnsId, nik].filter((word) => word !== null);

/** The row of SIASN that telling a fact changes: its sanction's, what it corrects's, its own once sent; null: a new one. */
async function rowToChange(store: EventStore, trail: Trail, fact: Fact): Promise<string | null | Missing> {
  const kind = siasnKindOf(fact);
  if (fact.type === 'SanctionLifted') return siasnRow(store, trail, fact.data.sanction, 'hukdis');
  const { siasnId } = await submissionOf(store, fact.event);
  if (siasnId !== undefined || kind === undefined) return siasnId ?? null;
  const said = trail.events.find(({ id }) => id === fact.event);
  return said?.type === 'Corrected' ? siasnRow(store, trail, said.data.event, kind) : null;
}

/**
 * The row of SIASN that a fact stands in: the one it was imported from, or that it was sent to, or that what it corrects
 * stands in. Of another list than the fact's, or where nobody knows whether there is one: missing.
 */
export async function siasnRow(
  store: EventStore,
  { events }: Pick<Trail, 'events'>,
  event: string,
  kind: SiasnKind,
): Promise<string | null | Missing> {
  const found = events.find(({ id }) => id === event);
  const sent = await submissionOf(store, event);
  if (sent.siasnId !== undefined) return kindSaid(found) === kind ? sent.siasnId : OF_ANOTHER_LIST;
  if (sent.state === 'sending' || sent.state === 'uncertain') return NOT_KNOWN;
  const source = found?.metadata.source;
  if (source?.list.startsWith('rw-'))
    return source.list === SIASN_SERVICES[kind].list ? source.row : OF_ANOTHER_LIST;
  return found?.type === 'Corrected' ? siasnRow(store, { events }, found.data.event, kind) : null;
}

/** How the telling of an event stands, as the log says. */
export async function submissionOf(store: EventStore, event: string): Promise<Submission> {
  const stored = await store.read(submissionStream(event));
  return stored
    .map((one) => decode<SiasnSubmission>(one))
    .reduce(SIASN_SUBMISSION.evolve, SIASN_SUBMISSION.initial);
}

/** The kind by which SIASN is told of what an event says, or says instead. */
export function kindSaid(event: Recorded<CivilServantEvent> | undefined): SiasnKind | undefined {
  const fact = event?.type === 'Corrected' ? event.data.replacement : event;
  return fact && siasnKindOf(fact);
}

const OF_ANOTHER_LIST = new Missing(
  'riwayatnya di SIASN ada dalam daftar lain; perbaiki dengan tangan / its row is in another list; by hand',
);
const NOT_KNOWN = new Missing(
  'kiriman sebelumnya belum pasti; periksa dahulu / it is not known whether the earlier one was sent',
);

type Rater = { readonly penilai: PenilaiThen; readonly person?: Person };

/** Who rated, as of the period's end: of the record, or of the codes file by jabatan. */
async function penilaiOf(
  from: Looked,
  codes: SiasnCodes,
  { penilai }: AppraisalScored['data'],
  date: LegalDate,
): Promise<Rater | undefined> {
  if (penilai.subject === undefined) return outside(codes, penilai);
  const person = await from.people.find(penilai.subject);
  if (!person) return undefined;
  const { servant } = await trailOf(from.store, penilai.subject);
  const held = promotionOn(servant, date)?.data.golongan;
  const unit = placementOn(servant, date)?.data.unit;
  return {
    person,
    penilai: {
      asn: penilai.asn,
      nama: fullName(person),
      nipNrp: person.nip,
      jabatan: appointmentOn(servant, date)?.data.jabatan ?? lacking('jabatan'),
      golongan: (held && golonganCode(codes, held)) ?? lacking('golongan'),
      unorNama: (unit && (await unitName(from.database, unit))) || lacking('unit'),
    },
  };
}

/** Of somebody who is no ASN, SIASN asks for no NIP and no golongan. */
function outside(
  codes: SiasnCodes,
  { jabatan = '', asn }: AppraisalScored['data']['penilai'],
): Rater | undefined {
  const known = Object.hasOwn(codes.penilai, jabatan) ? codes.penilai[jabatan] : undefined;
  if (!known) return undefined;
  const or = (text: string | undefined, what: string): Cell => text ?? (asn ? lacking(what) : null);
  return {
    penilai: {
      asn,
      nama: known.nama,
      nipNrp: or(known.nipNrp, 'NIP'),
      jabatan,
      golongan: or(known.golongan, 'golongan'),
      unorNama: or(known.unorNama, 'unit'),
    },
  };
}

const lacking = (what: string) =>
  new Missing(`${what} penilai pada akhir periode tidak diketahui / the penilai's is not known on that day`);

async function unitName(database: Database, unit: string): Promise<string | undefined> {
  const row = await database.reader.getRepository(UnitRow).findOneBy({ unit });
  return row?.name;
}

const fullName = ({ name, gelarDepan, gelarBelakang }: Person): string =>
  `${gelarDepan ? `${gelarDepan} ` : ''}${name}${gelarBelakang ? `, ${gelarBelakang}` : ''}`;
