export { type Collected, Cosigners, type CosignersOptions, type Prove } from './cosign.ts';
export type { Finding } from './finding.ts';
export { type Head, headLeaf, headsRoot } from './heads.ts';
export { LogUnreachable } from './log-source.ts';
export { type SemanticOptions, SemanticWitness } from './semantic.ts';
export { type Answer, type MayCosign, Witness, type WitnessOf } from './witness.ts';
export { formatAddCheckpoint, MOST_REQUEST_BYTES } from './witness-request.ts';
export { openWitnessState } from './witness-state.ts';
