import { cut } from './base64.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { LOG_KEY, parseVkey, timeOf, type Verifier, WITNESS_KEY } from './keys.ts';
import { Malformed } from './malformed.ts';
import { parseNote, type Verified, verifiedBy } from './note.ts';

type Party = { readonly verifier: Verifier; readonly url?: string };
type Group = { readonly threshold: number; readonly members: readonly string[] };

/** Which logs are believed, and whose cosignatures they need (C2SP tlog-policy). */
export type Policy = {
  readonly logs: readonly Party[];
  readonly witnesses: ReadonlyMap<string, Party>;
  readonly groups: ReadonlyMap<string, Group>;
  /** The witness or group that must have cosigned; undefined: none need to. */
  readonly quorum?: string;
};

type Reading = {
  logs: Party[];
  witnesses: Map<string, Party>;
  groups: Map<string, Group>;
  quorum?: string;
  /** Names that are members of a group already. */
  taken: Set<string>;
  /** Public keys that stand there already, in hex: one under two names would have two voices. */
  keys: Set<string>;
};

/** The characters of a policy: tab, and all that are no control characters of ASCII. */
const LINE = /^[\t -~\u{80}-\u{10ffff}]*$/u;

/** Reads a policy file. Throws `Malformed` with the number of the line. */
export function parsePolicy(text: string): Policy {
  const policy = { logs: [], witnesses: new Map(), groups: new Map() };
  const reading: Reading = { ...policy, taken: new Set(), keys: new Set() };
  text.split('\n').forEach((line, n) => {
    try {
      readLine(line, reading);
    } catch (cause) {
      throw new Malformed(`line ${n + 1} of the policy: ${(cause as Error).message}`);
    }
  });
  const { quorum } = reading;
  if (quorum === undefined)
    throw new Malformed('the policy has no quorum line; say "quorum none" if none is needed');
  return quorum === 'none' ? policy : { ...policy, quorum };
}

function readLine(line: string, into: Reading): void {
  if (!LINE.test(line)) throw new Malformed('it has a control character; a line ends with a line feed alone');
  const words = line.split(/[ \t]+/).filter(Boolean);
  const [word, ...rest] = words[0]?.startsWith('#') ? [] : words;
  if (word === undefined) return;
  const read = Object.hasOwn(LINES, word) ? LINES[word] : undefined;
  if (!read) throw new Malformed(`${cut(word)} is not log, witness, group or quorum`);
  read(rest, into);
}

const LINES: Readonly<Record<string, (words: string[], into: Reading) => void>> = {
  log: (words, into) => {
    into.logs.push(party(words, LOG_KEY, 'log <vkey> [url]', into));
  },
  witness: ([name, ...words], into) => {
    claim(name, into);
    into.witnesses.set(name as string, party(words, WITNESS_KEY, 'witness <name> <vkey> [url]', into));
  },
  group: ([name, threshold = '', ...members], into) => {
    claim(name, into);
    for (const member of members) {
      if (!isDefined(member, into)) throw new Malformed(`${cut(member)} is not defined above`);
      if (into.taken.has(member)) throw new Malformed(`${cut(member)} is a member of a group already`);
      into.taken.add(member);
    }
    into.groups.set(name as string, { threshold: thresholdOf(threshold, members.length), members });
  },
  quorum: ([name, ...more], into) => {
    if (name === undefined || more.length > 0) throw new Malformed('it is: quorum <name>|none');
    if (into.quorum !== undefined) throw new Malformed('there is a quorum line already');
    if (name !== 'none' && !isDefined(name, into)) throw new Malformed(`${cut(name)} is not defined above`);
    into.quorum = name;
  },
};

function party([vkey, url, ...more]: string[], type: number, form: string, { keys }: Reading): Party {
  if (vkey === undefined || more.length > 0) throw new Malformed(`it is: ${form}`);
  const verifier = parseVkey(vkey);
  if (verifier.type !== type)
    throw new Malformed(`the key of ${verifier.name} is not of the type that is needed here`);
  const key = verifier.publicKey.toString('hex');
  if (keys.has(key)) throw new Malformed(`the key of ${verifier.name} stands above already`);
  keys.add(key);
  return { verifier, ...(url === undefined ? {} : { url }) };
}

const isDefined = (name: string, { witnesses, groups }: Reading): boolean =>
  witnesses.has(name) || groups.has(name);

function claim(name: string | undefined, into: Reading): void {
  if (name === undefined || name === 'none') throw new Malformed('a name is missing');
  if (isDefined(name, into)) throw new Malformed(`${cut(name)} is defined already`);
}

function thresholdOf(word: string, members: number): number {
  if (members === 0) throw new Malformed('a group has members');
  if (word === 'all') return members;
  if (word === 'any') return 1;
  const threshold = /^[1-9]\d*$/.test(word) ? Number(word) : 0;
  if (threshold < 1 || threshold > members)
    throw new Malformed(`${cut(word)} is not all, any or a number from 1 to ${members}`);
  return threshold;
}

/** Whether these witnesses, by the policy's names for them, are enough. */
export function isQuorum({ quorum, groups }: Policy, names: ReadonlySet<string>): boolean {
  const has = (name: string): boolean => {
    const group = groups.get(name);
    return group ? group.members.filter(has).length >= group.threshold : names.has(name);
  };
  return quorum === undefined || has(quorum);
}

/** A checkpoint that was checked: by which log keys, and which witnesses cosigned it when (seconds since 1970). */
export type Trusted = Checkpoint & {
  readonly by: readonly Verifier[];
  readonly cosigned: ReadonlyMap<string, number>;
};

/** Why a checkpoint is not believed. */
export type Distrusted = {
  readonly distrusted: 'malformed' | 'signature' | 'quorum';
  readonly because: string;
};

/** Whether a checkpoint is believed under a policy: signed by one of its logs, and cosigned by its quorum. */
export function trust(note: string | Uint8Array, policy: Policy): Trusted | Distrusted {
  const witnesses = [...policy.witnesses];
  let verified: Verified[];
  let checkpoint: Checkpoint;
  try {
    const parsed = parseNote(note);
    checkpoint = parseCheckpoint(parsed.text);
    try {
      verified = verifiedBy(
        parsed,
        [...policy.logs, ...policy.witnesses.values()].map(({ verifier }) => verifier),
      );
    } catch (cause) {
      return { distrusted: 'signature', because: (cause as Error).message };
    }
  } catch (cause) {
    return { distrusted: 'malformed', because: (cause as Error).message };
  }
  const by = verified
    .map(({ verifier }) => verifier)
    .filter(({ type, name }) => type === LOG_KEY && name === checkpoint.origin);
  if (by.length === 0)
    return {
      distrusted: 'signature',
      because: `no key of the policy signed the checkpoint of ${checkpoint.origin}`,
    };
  const cosigned = new Map(
    verified.flatMap(({ verifier, signature }) =>
      witnesses
        .filter(([, { verifier: one }]) => one.vkey === verifier.vkey)
        .map(([name]) => [name, timeOf(signature)] as const),
    ),
  );
  if (!isQuorum(policy, new Set(cosigned.keys())))
    return {
      distrusted: 'quorum',
      because: `the quorum ${policy.quorum} did not cosign; ${[...cosigned.keys()].join(', ') || 'nobody'} did`,
    };
  return { ...checkpoint, by, cosigned };
}
