export { Checkpoints, SignedCheckpoint } from './checkpoints.ts';
export { type Head, headLeaf, headsRoot } from './heads.ts';
export { CreateLedger1764000000005 } from './migrations.ts';
export { type Collect, type Sealed, type Sealing, seal } from './seal.ts';
export { type KeyPlace, LogSigner, makeKeyFile, SignerRefuses } from './signer.ts';
export { headProof, streamHeads } from './stream-heads.ts';
export { type Leaves, TileRow, Tree, TreeSize } from './tree.ts';
