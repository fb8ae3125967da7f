import type { LegalDate } from './calendar.ts';
import type { Event, EventId, Recorded, Sha256 } from './event.ts';
import type { RuleSetRef } from './rule-set.ts';

/**
 * Somebody proposes that what tells who this is be destroyed, and these documents (SHA-256 in hex) with it: `jra` names
 * the entry of the Jadwal Retensi Arsip, `retainedUntil` the last day that it has to be kept, `beritaAcara` the minutes
 * of the panitia penilai arsip. The rules stand in `erase.ts`.
 */
export type ErasureProposed = Event<
  'ErasureProposed',
  {
    basis: string;
    jra: string;
    retainedUntil: LegalDate;
    beritaAcara: { readonly number: string; readonly date: LegalDate };
    evidence: readonly Sha256[];
    ruleSet: RuleSetRef;
  }
>;
/** Another official decides so: from now on nothing is added to this record, and who it is about is destroyed. */
export type ErasureApproved = Event<'ErasureApproved', { proposal: EventId }>;
/** It is not destroyed. */
export type ErasureRefused = Event<'ErasureRefused', { proposal: EventId; because: string }>;
/** What is needed for a case is not destroyed, as long as the hold is in force (UU 27/2022 Pasal 44). */
export type LegalHoldPlaced = Event<'LegalHoldPlaced', { basis: string; because: string }>;
/** A legal hold is over. */
export type LegalHoldLifted = Event<'LegalHoldLifted', { hold: EventId; because: string }>;

export type ErasureEvent =
  | ErasureProposed
  | ErasureApproved
  | ErasureRefused
  | LegalHoldPlaced
  | LegalHoldLifted;

/** A proposal to erase, who made it, and what became of it. */
export type ErasureProposal = ErasureProposed['data'] & {
  readonly event: string;
  readonly actor: string;
  readonly state: 'waiting' | 'approved' | 'refused';
};
/** A legal hold; lifted, it is remembered as such. */
export type LegalHold = LegalHoldPlaced['data'] & { readonly event: string; readonly lifted: boolean };

/** What is proposed to be erased, and what is held. */
export type Erasing = {
  readonly proposals: readonly ErasureProposal[];
  readonly holds: readonly LegalHold[];
};

/** What is proposed to be erased, and what is held, after one more event about that. */
export function erasing({ proposals, holds }: Erasing, event: Recorded<ErasureEvent>): Erasing {
  const settled = (proposal: string, state: ErasureProposal['state']) =>
    proposals.map((one) => (one.event === proposal ? { ...one, state } : one));
  switch (event.type) {
    case 'ErasureProposed': {
      const proposal = { ...event.data, event: event.id, actor: event.metadata.actor, state: 'waiting' };
      return { proposals: [...proposals, proposal as ErasureProposal], holds };
    }
    case 'ErasureApproved':
      return { proposals: settled(event.data.proposal, 'approved'), holds };
    case 'ErasureRefused':
      return { proposals: settled(event.data.proposal, 'refused'), holds };
    case 'LegalHoldPlaced':
      return { proposals, holds: [...holds, { ...event.data, event: event.id, lifted: false }] };
    case 'LegalHoldLifted':
      return {
        proposals,
        holds: holds.map((hold) => (hold.event === event.data.hold ? { ...hold, lifted: true } : hold)),
      };
  }
}
