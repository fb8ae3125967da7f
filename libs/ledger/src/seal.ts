import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '@app/journal';
import { type Hash, isQuorum, type Policy, parseCheckpoint, parseNote, verifiedBy } from '@app/proof';
import type { Checkpoints, SignedCheckpoint } from './checkpoints.ts';
import { type LogSigner, SignerRefuses } from './signer.ts';
import type { Tree } from './tree.ts';

/** Asks the witnesses of a policy to cosign; gives the lines of those that did. */
export type Collect = (
  note: string,
  prove: (from: bigint, size: bigint) => Promise<Hash[]>,
  signal?: AbortSignal,
) => Promise<{ lines: string[]; failed: { name: string; because: string }[] }>;

/** What the sealer works on. `collect`: where the log has witnesses. */
export type Sealing = {
  readonly database: Database;
  readonly tree: Tree;
  readonly checkpoints: Checkpoints;
  readonly signer: LogSigner;
  readonly policy: Policy;
  readonly collect?: Collect;
  readonly now?: () => Date;
};

/** What a round came to. `failed`: the witnesses that did not cosign, and why. */
export type Sealed = {
  readonly checkpoint: SignedCheckpoint;
  readonly failed: readonly { name: string; because: string }[];
};

/**
 * Extends the tree to the journal, signs what is new, and has it cosigned; gives the newest checkpoint. Signing is done
 * holding the pen of the database, so that of several processes one signs at a time. Throws `SignerRefuses`.
 */
export async function seal(sealing: Sealing, signal?: AbortSignal): Promise<Sealed> {
  await sealing.tree.extend(undefined, signal);
  const signed = await sign(sealing);
  if (signed.quorum === 1 || !sealing.collect) return { checkpoint: signed, failed: [] };
  const { lines, failed } = await sealing.collect(signed.note, sealing.tree.consistency, signal);
  const checkpoint = cosigned(signed, lines, sealing.policy);
  if (lines.length > 0) await sealing.checkpoints.save(checkpoint);
  return { checkpoint, failed };
}

/** Not sealed as the policy says; the message says why. */
export class NotSealed extends Error {}

/** Seals at once; gives a checkpoint over all that is in the journal. Throws `NotSealed` where the quorum is not reached. */
export async function sealedNow(sealing: Sealing): Promise<SignedCheckpoint> {
  const { checkpoint, failed } = await seal(sealing);
  if (checkpoint.quorum === 1) return checkpoint;
  const why = failed.map(({ name, because }) => `${name}: ${because}`).join('; ');
  throw new NotSealed(`the quorum of witnesses did not cosign (${why}); ask again when they answer`);
}

const LOOK_MS = 100;

/** Waits until another process has sealed a journal of some size. Throws `NotSealed` where it has not in time (ms). */
export async function sealedBy(
  checkpoints: Checkpoints,
  size: number,
  patience = 10_000,
): Promise<SignedCheckpoint> {
  for (const until = Date.now() + patience; ; await wait(LOOK_MS)) {
    const newest = await checkpoints.current();
    if (newest && newest.size >= size) return newest;
    if (Date.now() > until)
      throw new NotSealed(
        `no checkpoint covers ${size} entries yet; see that a process with the role sealer runs, and ask again`,
      );
  }
}

function sign({ database, tree, checkpoints, signer, policy, now = () => new Date() }: Sealing) {
  return database.write(async (sql): Promise<SignedCheckpoint> => {
    const size = await tree.size();
    const root = await tree.root(size);
    const before = await checkpoints.newestSigned(signer.origin);
    const log = { size, root };
    // Also where nothing is new: an older backup has its own checkpoint, of its own size.
    const known = before && parseCheckpoint(parseNote(before.note).text);
    await signer.assertGoesOn(log, tree.consistency, known);
    if (before && known?.size === size) {
      if (known.root.equals(root)) return before;
      throw new SignerRefuses(
        `another root is signed for ${size} entries: what was in the log was changed; find where with jejak verify`,
      );
    }
    const note = await signer.sign(log, tree.consistency);
    const checkpoint = {
      origin: signer.origin,
      size: Number(size),
      note,
      signedAt: now().toISOString(),
      quorum: isQuorum(policy, new Set()) ? 1 : 0,
      tsr: '',
    };
    await checkpoints.save(checkpoint, sql);
    return checkpoint;
  });
}

/** A checkpoint with more signature lines; none twice. */
function cosigned(before: SignedCheckpoint, lines: readonly string[], policy: Policy): SignedCheckpoint {
  const had = new Set(parseNote(before.note).signatures.map(({ name, id }) => `${name}+${id}`));
  const more = lines.filter((line) => {
    const [signature] = parseNote(`x\n\n${line}`).signatures;
    return signature !== undefined && !had.has(`${signature.name}+${signature.id}`);
  });
  const note = before.note + more.join('');
  const keys = [...policy.witnesses].map(([name, { verifier }]) => [name, verifier] as const);
  const verified = verifiedBy(
    parseNote(note),
    keys.map(([, verifier]) => verifier),
  );
  const names = keys.flatMap(([name, key]) =>
    verified.some(({ verifier }) => verifier === key) ? [name] : [],
  );
  return { ...before, note, quorum: isQuorum(policy, new Set(names)) ? 1 : 0 };
}
