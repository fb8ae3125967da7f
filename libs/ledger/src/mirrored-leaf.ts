import { canonical } from '@app/event-store';
import { Wrong } from './finding.ts';

/** A leaf of the journal (proof 3.15), as far as a mirror looks into it. */
export type MirroredLeaf = {
  readonly index: number;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly recordedAt: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** SHA-256 in hex of each document that it names. */
  readonly evidence: readonly string[];
};

const MEMBERS = ['data', 'id', 'metadata', 'recordedAt', 'revision', 'stream', 'type', 'v'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NAME = /^\P{Cc}{1,1024}$/u;
const SHA256 = /^[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * Reads the leaf at an index: exactly the canonical JSON of what it says, and of the form that every leaf has. Throws
 * `Wrong`: `leaf-not-canonical`, `leaf-malformed`.
 */
export function readLeaf(index: number, bytes: Buffer): MirroredLeaf {
  const leaf = parsed(index, bytes);
  const malformed = (what: string) => new Wrong(index, 'leaf-malformed', `the leaf has ${what}`);
  if (!isObject(leaf) || !sameMembers(Object.keys(leaf), MEMBERS))
    throw malformed(`other members than ${MEMBERS.join(', ')}`);
  for (const [member, isGood] of Object.entries(FORMS))
    if (!isGood(leaf[member])) throw malformed(`a ${member} that no leaf has`);
  const metadata = leaf.metadata as Record<string, unknown>;
  if (!isName(metadata.actor)) throw malformed('metadata without an actor');
  const evidence = evidenceIn(metadata);
  if (!evidence) throw malformed('metadata whose evidence is no list of documents');
  return { ...(leaf as unknown as MirroredLeaf), index, actor: metadata.actor, evidence };
}

function parsed(index: number, bytes: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (Buffer.from(canonical(value)).equals(bytes)) return value;
  } catch {
    // What a parser says of it may repeat what is in it.
  }
  throw new Wrong(index, 'leaf-not-canonical', 'the leaf is not the canonical JSON of anything');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isName = (value: unknown): value is string =>
  typeof value === 'string' && NAME.test(value) && Buffer.byteLength(value) <= 1_024;
const isTime = (value: unknown): boolean =>
  typeof value === 'string' &&
  TIME.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  new Date(value).toISOString() === value;

const FORMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  data: isObject,
  id: (value) => typeof value === 'string' && UUID.test(value),
  metadata: isObject,
  recordedAt: isTime,
  revision: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  stream: isName,
  type: isName,
  v: (value) => value === 1,
};

const sameMembers = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && [...some].sort().every((name, n) => name === others[n]);

/** Undefined: it is not a list of what has a SHA-256. */
function evidenceIn({ evidence = [] }: Record<string, unknown>): string[] | undefined {
  if (!Array.isArray(evidence)) return undefined;
  const hashes = evidence.map((one: unknown) => (isObject(one) ? one.sha256 : undefined));
  return hashes.every((one) => typeof one === 'string' && SHA256.test(one))
    ? (hashes as string[])
    : undefined;
}
