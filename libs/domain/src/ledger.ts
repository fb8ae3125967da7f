import type { Event, EventId, Sha256, Subject, Whole } from './event.ts';

/** The heads of all streams, as of a size of the journal, under one root (proof 3.17): by them a copy is complete or not. */
export type HeadsCommitted = Event<'HeadsCommitted', { asOf: Whole; count: Whole; root: string }>;
/** The access log stood at this size with this root (base64): what it says of the time before cannot change any more. */
export type AccessAnchored = Event<'AccessAnchored', { size: Whole; root: string }>;
/** An evidence bundle was issued: the SHA-256 of its manifest, what it is about, for what purpose. */
export type BundleIssued = Event<
  'BundleIssued',
  {
    manifest: Sha256;
    scope: { kind: 'person'; subject: Subject } | { kind: 'decision'; event: EventId };
    purpose: string;
    asOf: Whole;
    complete: boolean;
  }
>;
/** A key signs for the log from now on, or no more. */
export type LogKeyChanged = Event<'LogKeyChanged', { vkey: string; use: 'begins' | 'ends' }>;
/** The log goes on under this name after one that cannot: `from` is the last checkpoint that was signed for that. */
export type LogRecovered = Event<'LogRecovered', { origin: string; from: string; because: string }>;

export type LedgerEvent = HeadsCommitted | AccessAnchored | BundleIssued | LogKeyChanged | LogRecovered;

/** What the ledger records about itself stands in one stream a kind. */
export const LEDGER_STREAMS: Readonly<Record<LedgerEvent['type'], string>> = {
  HeadsCommitted: 'ledger-heads',
  AccessAnchored: 'ledger-access',
  BundleIssued: 'ledger-bundles',
  LogKeyChanged: 'ledger-keys',
  LogRecovered: 'ledger-keys',
};

/** How these streams are folded: nothing is decided on what they said before. */
export const LEDGER = { initial: undefined, evolve: () => undefined };
