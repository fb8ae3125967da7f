import { isLegalDate } from './calendar.ts';
import { type CivilServant, type Context, NOBODY } from './civil-servant.ts';
import type {
  ErasureApproved,
  ErasureProposal,
  ErasureProposed,
  ErasureRefused,
  LegalHoldLifted,
  LegalHoldPlaced,
} from './erasing.ts';
import { type Decision, type Refusal, refuse, same } from './event.ts';
import { effectiveFrom } from './profile.ts';
import { type RuleSet, refTo } from './rule-set.ts';
import { erased } from './rules.ts';

const ARSIP = 'UU 43/2009 Pasal 86; PP 28/2012';
const JRA = 'PP 28/2012; Peraturan ANRI 22/2017';
const PDP = 'UU 27/2022 Pasal 44';

/**
 * How personal data are destroyed: the period of the JRA is over, a panitia penilai arsip has looked at it, somebody else
 * approves, a berita acara says so (PP 28/2012). How long each kind is kept is not in here: the periods of Peraturan ANRI
 * 22/2017 have not been verified, so nothing is destroyed unless two officials name the entry and the day.
 */
export const ERASURE_RULES: RuleSet = {
  id: 'penyusutan-arsip',
  version: 1,
  basis: 'UU 43/2009; PP 28/2012; Peraturan ANRI 22/2017; UU 27/2022 Pasal 8, 15, 44',
  from: '2017-01-01',
  verified: false,
  terms: { periods: 'as-proposed', otherwise: 'kept', officials: 2, needs: ['jra', 'berita-acara'] },
};

export type ProposeErasure = Omit<ErasureProposed['data'], 'ruleSet'>;
export type ApproveErasure = ErasureApproved['data'];
export type RefuseErasure = ErasureRefused['data'];
export type PlaceHold = LegalHoldPlaced['data'];
export type LiftHold = LegalHoldLifted['data'];

/** One objection to a step towards, or against, an erasure; undefined: none. */
export type ErasureRule<Asked> = (
  asked: Asked,
  servant: CivilServant,
  context: Context,
) => Refusal | undefined;

const known: ErasureRule<unknown> = (_, servant) =>
  servant === NOBODY ? refuse('not-registered', 'nothing is on the record of this person', ARSIP) : undefined;

const notErased: ErasureRule<unknown> = (_, servant) => erased(servant);

/** What a case needs is not destroyed. */
const notHeld: ErasureRule<unknown> = (_, { holds }) => {
  const hold = holds.find(({ lifted }) => !lifted);
  return hold && refuse('legal-hold', `the hold ${hold.event} is in force (${hold.basis})`, PDP);
};

/** NIP (also as it is printed: 8 6 1 3), NIK, PNS ID: what is said here stays when all of these are gone. */
export const SOMEBODYS_NUMBER =
  /\d{8}[ .-]?\d{6}[ .-]?\d[ .-]?\d{3}|\d{16}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/i;

const namesNobody: ErasureRule<object> = (asked) => {
  const named = Object.entries(asked).find(
    ([, said]) => typeof said === 'string' && SOMEBODYS_NUMBER.test(said),
  );
  return (
    named &&
    refuse('names-somebody', 'the log holds no NIP, NIK or PNS ID; say it without', 'docs/adr/0002', named[0])
  );
};

/** The schedule is over: its last day lies before today, and nothing on the record lies after it. */
const retentionOver: ErasureRule<ProposeErasure> = ({ retainedUntil }, { facts }, { today }) => {
  const wrong = (code: string, because: string) => refuse(code, because, JRA, 'retainedUntil');
  if (!isLegalDate(retainedUntil))
    return wrong('no-such-date', `${retainedUntil} is not a day of the calendar`);
  if (retainedUntil >= today) return wrong('retention-not-over', `it is to be kept up to ${retainedUntil}`);
  const later = facts.find((fact) => effectiveFrom(fact) > retainedUntil);
  return later && wrong('record-goes-on', `event ${later.event} has effect after ${retainedUntil}`);
};

/** The berita acara is there, and not of a day to come. */
const minuted: ErasureRule<ProposeErasure> = ({ beritaAcara: { number, date } }, _, { today }) => {
  if (SOMEBODYS_NUMBER.test(number))
    return refuse(
      'names-somebody',
      'the log holds no NIP, NIK or PNS ID',
      'docs/adr/0002',
      'beritaAcara/number',
    );
  return isLegalDate(date) && date <= today
    ? undefined
    : refuse('no-such-date', `no berita acara can be of ${date}`, 'PP 28/2012', 'beritaAcara/date');
};

const oneAtATime: ErasureRule<ProposeErasure> = (_, { proposals }) => {
  const waiting = proposals.find(({ state }) => state === 'waiting');
  return (
    waiting && refuse('proposal-waiting', `the proposal ${waiting.event} waits to be decided`, 'PP 28/2012')
  );
};

const proposalOf = ({ proposal }: ApproveErasure, { proposals }: CivilServant): ErasureProposal | undefined =>
  proposals.find(({ event }) => event === proposal);

const isWaiting: ErasureRule<ApproveErasure> = (asked, servant) =>
  proposalOf(asked, servant)?.state === 'waiting'
    ? undefined
    : refuse('no-such-proposal', 'no proposal of this id waits to be decided', 'PP 28/2012', 'proposal');

/** Two people: who proposed does not decide, neither way. A witness of the log sees that it is so (proof 3.17). */
const byAnother: ErasureRule<ApproveErasure> = (asked, servant, { actor }) =>
  proposalOf(asked, servant)?.actor === actor
    ? refuse('same-official', 'who made the proposal does not decide on it', 'PP 28/2012')
    : undefined;

/** What a person's own record has to be for somebody to propose its erasure; in order, the first that objects answers. */
export const PROPOSAL_RULES: readonly ErasureRule<ProposeErasure>[] = [
  known,
  notErased,
  notHeld,
  namesNobody,
  retentionOver,
  minuted,
  oneAtATime,
];
export const APPROVAL_RULES: readonly ErasureRule<ApproveErasure>[] = [
  notErased,
  isWaiting,
  byAnother,
  notHeld,
];
/** Also while it is held: then even more. */
export const REFUSAL_RULES: readonly ErasureRule<RefuseErasure>[] = [
  notErased,
  isWaiting,
  byAnother,
  namesNobody,
];
export const HOLD_RULES: readonly ErasureRule<PlaceHold>[] = [known, notErased, namesNobody];
export const LIFTING_RULES: readonly ErasureRule<LiftHold>[] = [
  notErased,
  ({ hold }, { holds }) =>
    holds.some(({ event }) => event === hold)
      ? undefined
      : refuse('no-such-hold', 'no legal hold on this record has this id', PDP, 'hold'),
  namesNobody,
];

/** Asked twice: nothing. Otherwise the rules in order. */
function ask<Asked, E>(
  isSo: boolean,
  rules: readonly ErasureRule<Asked>[],
  asked: Asked,
  [servant, context]: readonly [CivilServant, Context],
  event: E,
): Decision<E> {
  if (isSo) return [];
  for (const rule of rules) {
    const refusal = rule(asked, servant, context);
    if (refusal) return refusal;
  }
  return [event as E] as Decision<E>;
}

/** Proposes to destroy who this record is about, and documents. */
export function proposeErasure(asked: ProposeErasure, servant: CivilServant, context: Context) {
  const data = { ...asked, ruleSet: refTo(ERASURE_RULES) };
  const waits = servant.proposals.some(
    ({ event: _, actor: __, state, ...said }) => state === 'waiting' && same(said, data),
  );
  const event: ErasureProposed = { type: 'ErasureProposed', data };
  return ask(waits, PROPOSAL_RULES, asked, [servant, context], event);
}

/** Decides that it be done, by another official than the one who proposed it. */
export function approveErasure(data: ApproveErasure, servant: CivilServant, context: Context) {
  const isSo = proposalOf(data, servant)?.state === 'approved';
  const event: ErasureApproved = { type: 'ErasureApproved', data };
  return ask(isSo, APPROVAL_RULES, data, [servant, context], event);
}

/** Decides that it not be done. */
export function refuseErasure(data: RefuseErasure, servant: CivilServant, context: Context) {
  const isSo = proposalOf(data, servant)?.state === 'refused';
  const event: ErasureRefused = { type: 'ErasureRefused', data };
  return ask(isSo, REFUSAL_RULES, data, [servant, context], event);
}

/** Keeps all of it for a case: neither proposed nor approved as long as the hold is in force. */
export function placeHold(data: PlaceHold, servant: CivilServant, context: Context) {
  const isSo = servant.holds.some(({ basis, because, lifted }) => !lifted && same({ basis, because }, data));
  const event: LegalHoldPlaced = { type: 'LegalHoldPlaced', data };
  return ask(isSo, HOLD_RULES, data, [servant, context], event);
}

export function liftHold(data: LiftHold, servant: CivilServant, context: Context) {
  const isSo = servant.holds.some(({ event, lifted }) => event === data.hold && lifted);
  const event: LegalHoldLifted = { type: 'LegalHoldLifted', data };
  return ask(isSo, LIFTING_RULES, data, [servant, context], event);
}
