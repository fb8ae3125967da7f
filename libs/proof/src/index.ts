export { fromBase64 } from './base64.ts';
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
export {
  keyId,
  LOG_KEY,
  newSkey,
  parseSkey,
  parseVkey,
  type Signer,
  signerOf,
  timeOf,
  type Verifier,
  verifierOf,
  WITNESS_KEY,
} from './keys.ts';
export { Malformed } from './malformed.ts';
export {
  CompactRange,
  consistencyRanges,
  EMPTY_ROOT,
  foldRight,
  type Hash,
  inclusionRanges,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  nodesOf,
  type Range,
  rootOf,
  sha256,
} from './merkle.ts';
export {
  type Note,
  parseNote,
  type SignatureLine,
  signatureLine,
  signNote,
  UnreadableSignature,
  verifiedBy,
} from './note.ts';
export { type Distrusted, isQuorum, type Policy, parsePolicy, type Trusted, trust } from './policy.ts';
export {
  entriesIn,
  entryBundle,
  hashesAt,
  hashesIn,
  type InTile,
  parseTilePath,
  type ReadHashes,
  rootsOf,
  TILE_WIDTH,
  type Tile,
  tileAt,
  tilePath,
} from './tiles.ts';
export { formatTlogProof, hashOf, parseTlogProof, type TlogProof, verifyTlogProof } from './tlog-proof.ts';
