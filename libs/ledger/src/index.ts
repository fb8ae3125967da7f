export { documentOf, keepDocument, type Log, unknownEvidence } from './document.ts';
export { EvidenceStore, type Put, type Taking } from './evidence.ts';
export { MEDIA_TYPES } from './media-type.ts';
