import type { EventStore } from '@app/event-store';
import type { Journal } from '@app/journal';
import type { Policy } from '@app/proof';
import type { Checkpoints } from './checkpoints.ts';
import type { EvidenceStore } from './evidence.ts';
import type { Tree } from './tree.ts';

/**
 * Where a check failed first: the kind of check, the journal index, and words. `upTo`: it may be any entry from `index` to
 * this one.
 */
export type LogFault = {
  readonly kind:
    | 'store'
    | 'journal'
    | 'leaf'
    | 'revision'
    | 'time'
    | 'tile'
    | 'signature'
    | 'quorum'
    | 'checkpoint'
    | 'rollback'
    | 'evidence';
  readonly index: number;
  readonly upTo?: number;
  readonly because: string;
};

/**
 * What was found: the first fault of each kind, by index; one that says no more than between which entries comes after
 * those that name one of them. `checkpoints`: how many were compared; `documents`: how many were looked at; `cosigned`: so many entries are under one that the
 * quorum of the policy cosigned (any, where it needs none).
 */
export type LogVerdict = {
  readonly size: number;
  readonly checkpoints: number;
  readonly documents: number;
  readonly cosigned: number;
  readonly faults: readonly LogFault[];
};

/** What is compared. `held`: checkpoints that somebody kept elsewhere, as signed notes. */
export type Comparing = {
  readonly store: EventStore;
  readonly journal: Journal;
  readonly tree: Tree;
  readonly checkpoints: Checkpoints;
  readonly documents: EvidenceStore;
  readonly policy: Policy;
  /** Whose checkpoints are compared: the name of the log. */
  readonly origin: string;
  readonly held?: readonly string[];
  /** Called after each page; gives what `from` takes to go on. */
  readonly progress?: (state: VerifyState) => void;
  readonly signal?: AbortSignal;
  readonly from?: VerifyState;
};

/** How far the comparing came: plain JSON. */
export type VerifyState = {
  readonly size: number;
  readonly position: number | null;
  readonly recordedAt: string;
  readonly range: readonly string[];
  readonly checkpoints: number;
  /** Of the last checkpoint that held, and of the last that held and that the quorum cosigned. */
  readonly held: number;
  readonly cosigned: number;
  /** The latest that a witness saw the last checkpoint that held, in seconds since 1970; null: none did. */
  readonly seenAt: number | null;
  /** The entry since which `recordedAt` did not go on. */
  readonly since: number;
  /** How many documents were looked at, and the entry that says the last of them is kept. */
  readonly documents: { readonly after: number; readonly checked: number };
  readonly faults: readonly LogFault[];
};
