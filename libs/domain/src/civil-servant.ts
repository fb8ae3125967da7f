import type { LegalDate } from './calendar.ts';
import { type Erasing, type ErasureEvent, erasing } from './erasing.ts';
import type { Event, EventId, Recorded, Subject, Whole } from './event.ts';
import type { Golongan, KenaikanPangkat } from './golongan.ts';
import type { HukumanDisiplin, Tingkat } from './hukuman-disiplin.ts';
import type { JenisJabatan, Penugasan } from './jabatan.ts';
import type { Penghargaan } from './penghargaan.ts';
import type { Predikat, Rating } from './predikat.ts';
import type { RuleSetRef } from './rule-set.ts';
import type { TrainingForm } from './training.ts';

/** A surat keputusan: its number as printed, and its date. */
export type Sk = { readonly number: string; readonly date: LegalDate };

/** What is appraised: a calendar year, or months of one (both counted from 1, both inside). */
export type Period =
  | { readonly kind: 'tahunan'; readonly year: Whole }
  | { readonly kind: 'periodik'; readonly year: Whole; readonly from: Whole; readonly to: Whole };

/** Who appraised: a person of the record by id, or somebody outside it by jabatan (SIASN: `NON ASN`, a wali kota). */
export type Penilai = { readonly subject?: Subject; readonly jabatan?: string; readonly asn: boolean };

/** A person is on the record, as a PNS or a PPPK from this day. */
export type Registered = Event<'Registered', { kind: 'pns' | 'pppk'; tmt: LegalDate }>;
/** A person serves in a unit kerja (its id at the source) from this day. */
export type Placed = Event<'Placed', { unit: string; tmt: LegalDate; sk?: Sk }>;
/** A person holds a jabatan from this day; only `definitif` replaces the one held before. */
export type Appointed = Event<
  'Appointed',
  { jabatan: string; jenis: JenisJabatan; eselon?: string; penugasan: Penugasan; tmt: LegalDate; sk?: Sk }
>;
/** A person has a golongan from this day, and by which kind of kenaikan pangkat. */
export type Promoted = Event<
  'Promoted',
  { golongan: Golongan; jenis: KenaikanPangkat; tmt: LegalDate; sk?: Sk }
>;
/** The performance of a period: both ratings, and the predikat that they make under the rules named. */
export type AppraisalScored = Event<
  'AppraisalScored',
  {
    period: Period;
    hasil: Rating;
    perilaku: Rating;
    predikat: Predikat;
    penilai: Penilai;
    unit?: string;
    ruleSet: RuleSetRef;
  }
>;
/** A person was trained: the hours (JP, of 45 minutes) that were claimed, and those that count. */
export type TrainingCompleted = Event<
  'TrainingCompleted',
  {
    name: string;
    form: TrainingForm;
    organiser: string;
    certificate?: string;
    from: LegalDate;
    to: LegalDate;
    year: Whole;
    jpClaimed: Whole;
    jpRecognised: Whole;
    ruleSet: RuleSetRef;
  }
>;
/** A hukuman disiplin from this day; `until`: the day it ends, absent where it is for good. */
export type SanctionImposed = Event<
  'SanctionImposed',
  { jenis: HukumanDisiplin; tingkat: Tingkat; tmt: LegalDate; until?: LegalDate; sk: Sk }
>;
/** A hukuman disiplin (the event that imposed it) is lifted from this day. */
export type SanctionLifted = Event<
  'SanctionLifted',
  { sanction: EventId; tmt: LegalDate; sk: Sk; because: string }
>;
/** A penghargaan; `name` where its kind does not say it. */
export type Awarded = Event<'Awarded', { jenis: Penghargaan; name?: string; tmt: LegalDate; sk: Sk }>;

/** The events that put a dated fact on the record; each can be annulled or corrected, never edited. */
export type FactEvent =
  | Registered
  | Placed
  | Appointed
  | Promoted
  | AppraisalScored
  | TrainingCompleted
  | SanctionImposed
  | SanctionLifted
  | Awarded;

/** What `event` said does not hold and never did. */
export type Annulled = Event<'Annulled', { event: EventId; because: string; sk?: Sk }>;
/** Replaces what `event` said by `replacement`, an event of the same type, from now on; the old one stays readable. */
export type Corrected = Event<
  'Corrected',
  { event: EventId; because: string; sk?: Sk; replacement: FactEvent }
>;

export const FINDINGS = [
  'matrix-anomaly',
  'source-row-changed',
  'source-row-vanished',
  'source-row-returned',
  'identity-doubtful',
] as const;
export type FindingKind = (typeof FINDINGS)[number];
type Said = Readonly<Record<string, unknown>>;

/** Something an inspector should look at. It changes nothing about the person; `before`/`after` hold only what differs. */
export type FindingRecorded = Event<
  'FindingRecorded',
  { kind: FindingKind; about?: EventId; fields: readonly string[]; before?: Said; after?: Said }
>;

export type CivilServantEvent = FactEvent | Annulled | Corrected | FindingRecorded | ErasureEvent;

/** A fact that stands, under the id of the event that last said it. */
export type Fact<E extends FactEvent = FactEvent> = E & { readonly event: string };

/** The last that a source row said, and whether the source still has it. */
export type SourceSeen = {
  readonly key: string;
  readonly sha256: string;
  readonly event: string;
  readonly said: Said;
  readonly gone: boolean;
  /** Date of the pull that said it, where the row came by a pull. */
  readonly pulled?: string;
};

export type CivilServant = {
  readonly facts: readonly Fact[];
  readonly findings: readonly (FindingRecorded & { readonly event: string })[];
  readonly sources: readonly SourceSeen[];
} & Erasing;

/** Of whom the log says nothing; the record before its first event, and no other. */
export const NOBODY: CivilServant = { facts: [], findings: [], sources: [], proposals: [], holds: [] };

/**
 * What a decision may look at besides the record: the account that asks (`actor` of the events it will make), today, the
 * birth date where known, and the ids its events will get.
 */
export type Context = {
  readonly subject: string;
  readonly actor: string;
  readonly today: LegalDate;
  readonly born?: LegalDate;
  readonly id: (ordinal: number) => string;
};

export const streamOf = (subject: string): string => `civilServant-${subject}`;
/** The subject of a stream of this category; undefined for any other stream. */
export const subjectOf = (stream: string): string | undefined =>
  stream.startsWith('civilServant-') ? stream.slice('civilServant-'.length) : undefined;

/** The record after one more event. A new event type does not compile until it has its case here. */
export function evolve(servant: CivilServant, event: Recorded<CivilServantEvent>): CivilServant {
  return { ...change(servant, event), sources: seen(servant.sources, event) };
}

function change(servant: CivilServant, event: Recorded<CivilServantEvent>): CivilServant {
  const { facts, findings } = servant;
  switch (event.type) {
    case 'Registered':
    case 'Placed':
    case 'Appointed':
    case 'Promoted':
    case 'AppraisalScored':
    case 'TrainingCompleted':
    case 'SanctionImposed':
    case 'SanctionLifted':
    case 'Awarded':
      return { ...servant, facts: [...facts, factOf(event, event.id)] };
    case 'Annulled':
      return { ...servant, facts: facts.filter((fact) => fact.event !== event.data.event) };
    case 'Corrected': {
      const kept = facts.filter((fact) => fact.event !== event.data.event);
      return { ...servant, facts: [...kept, factOf(event.data.replacement, event.id)] };
    }
    case 'FindingRecorded':
      return { ...servant, findings: [...findings, { type: event.type, data: event.data, event: event.id }] };
    case 'ErasureProposed':
    case 'ErasureApproved':
    case 'ErasureRefused':
    case 'LegalHoldPlaced':
    case 'LegalHoldLifted':
      return { ...servant, ...erasing(servant, event) };
  }
}

/** How a stream of this category is folded. */
export const CIVIL_SERVANT = { initial: NOBODY, evolve };

/** The fact that a fact event states, under the id of the event that states it. */
export const factOf = ({ type, data }: FactEvent, event: string): Fact => ({ type, data, event }) as Fact;

type Sources = CivilServant['sources'];

function seen(sources: Sources, event: Recorded<CivilServantEvent>): Sources {
  const { source } = event.metadata;
  if (!source) return sources;
  const key = rowKey(source);
  const at = sources.findIndex((row) => row.key === key);
  const last = sources[at];
  const row = {
    key,
    sha256: source.sha256,
    event: last?.event ?? event.id,
    said: { ...last?.said, ...saidIn(event) },
    gone: event.type === 'FindingRecorded' && event.data.kind === 'source-row-vanished',
    ...(source.pulled === undefined ? {} : { pulled: source.pulled }),
  };
  return last ? sources.with(at, row) : [...sources, row];
}

/** What an event tells of the row it was made from. */
function saidIn(event: CivilServantEvent): Said | undefined {
  switch (event.type) {
    case 'FindingRecorded':
      return event.data.after;
    case 'Corrected':
      return event.data.replacement.data;
    case 'Annulled':
    case 'ErasureProposed':
    case 'ErasureApproved':
    case 'ErasureRefused':
    case 'LegalHoldPlaced':
    case 'LegalHoldLifted':
      return undefined;
    default:
      return event.data;
  }
}

/** What a source row last said; undefined: nothing on this record came from it. */
export const sourceOf = (servant: CivilServant, key: string): SourceSeen | undefined =>
  servant.sources.find((row) => row.key === key);

/** The key of a source row among all rows a person has. */
export const rowKey = ({ list, row }: { list: string; row: string }): string => `${list}/${row}`;

/** The standing facts of one type, in the order they were recorded. */
export function factsOf<T extends FactEvent['type']>(
  servant: Pick<CivilServant, 'facts'>,
  type: T,
): Fact<Extract<FactEvent, { type: T }>>[] {
  return servant.facts.filter((fact): fact is Fact<Extract<FactEvent, { type: T }>> => fact.type === type);
}
