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
export { documentOf, keepDocument, type Log, unknownEvidence } from './document.ts';
export { EvidenceStore, type Put, type Taking } from './evidence.ts';
export { MEDIA_TYPES } from './media-type.ts';
export { isPurpose, PURPOSE_IS } from './purpose.ts';
