export { copyAccess } from './access-copy.ts';
export {
  type Access,
  AccessEntry,
  type Accessed,
  type AccessOutcome,
  CreateAccess1764000000006,
  leafOfAccess,
} from './access-entry.ts';
export { AccessLog, type AccessWanted } from './access-log.ts';
export { type AccessFault, anchorAccess, verifyAccess } from './anchor-access.ts';
export { type Bundle, type BundleAsked, type BundleSources, makeBundle } from './bundle.ts';
export { NoBundle } from './bundle-entries.ts';
export type { Manifest, Missing, Scope } from './bundle-format.ts';
export type { BundleVerdict } from './bundle-verdict.ts';
export { Checkpoints, SignedCheckpoint } from './checkpoints.ts';
export { commitHeads } from './commit-heads.ts';
export type { Comparing, LogFault, LogVerdict, VerifyState } from './comparing.ts';
export { type Collected, Cosigners, type CosignersOptions, type Prove } from './cosign.ts';
export {
  contentOf,
  documentOf,
  keepDocument,
  type Log,
  unkeptDocument,
  unknownEvidence,
} from './document.ts';
export { EvidenceStore, type Put, type Taking } from './evidence.ts';
export type { Finding } from './finding.ts';
export { type Head, headLeaf, headsRoot } from './heads.ts';
export { announceKeys, type LogKey, logKeys, policyOf } from './keys.ts';
export { LogUnreachable } from './log-source.ts';
export { MEDIA_TYPES } from './media-type.ts';
export { CreateLedger1764000000005 } from './migrations.ts';
export { type LedgerPlaces, openSealing, policyText } from './open.ts';
export { isPurpose, PURPOSE_IS } from './purpose.ts';
export { recoverLog } from './recover.ts';
export { type Collect, NotSealed, type Sealed, type Sealing, seal, sealedBy, sealedNow } from './seal.ts';
export { type SemanticOptions, SemanticWitness } from './semantic.ts';
export { type KeyPlace, LogSigner, makeKeyFile, SignerRefuses } from './signer.ts';
export { headProof, streamHeads } from './stream-heads.ts';
export { NoTimestamp, stampNewest, timestamp } from './timestamp.ts';
export { type Leaves, TileRow, Tree, TreeSize } from './tree.ts';
export { verifierFiles } from './verifiers.ts';
export { verifyBundle } from './verify-bundle.ts';
export { verifyLog } from './verify-log.ts';
export { type Answer, type MayCosign, Witness, type WitnessOf } from './witness.ts';
export { formatAddCheckpoint, MOST_REQUEST_BYTES } from './witness-request.ts';
export { openWitnessState } from './witness-state.ts';
