import { type Hash, parsePolicy, signatureLine, signerOf, WITNESS_KEY } from '@app/proof';
import { expect, it } from '@jest/globals';
import { GivenLog, seed } from '../../../test/ledger/log.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Comparing, LogFault } from './comparing.ts';
import { DueCheckpoints } from './due-checkpoints.ts';

const SEEN = Date.parse('2026-01-31T08:00:00.000Z');
const log = new GivenLog().append('a', 'b', 'c', 'd', 'e');
const witness = (seen: number) => signerOf('inspektorat.example', WITNESS_KEY, seed(7), () => seen);
const policy = parsePolicy(
  `log ${log.signer.verifier.vkey}\nwitness insp ${witness(0).verifier.vkey}\nquorum insp\n`,
);

/** A checkpoint that the witness saw then; undefined: it did not. */
const note = (size: number, seen?: number): string =>
  log.note(size) + (seen === undefined ? '' : signatureLine(witness(seen), log.text(size)));

/** Compares five entries, each recorded at its time, with checkpoints by size. */
async function faultsOf(recorded: readonly string[], notes: Readonly<Record<number, string>>) {
  const faults: LogFault[] = [];
  const rows = Object.entries(notes).map(([size, text]) => ({
    size: Number(size),
    note: text,
    quorum: text.includes('inspektorat') ? 1 : 0,
  }));
  const checkpoints = {
    page: async (_: string, after: number) => rows.filter(({ size }) => size > after),
  } as unknown as Checkpoints;
  const due = new DueCheckpoints({ checkpoints, policy, origin: log.origin } as Comparing, (fault) =>
    faults.push(fault),
  );
  await due.expect(recorded.length);
  for (const [n, recordedAt] of recorded.entries()) {
    due.assertAfter(n, recordedAt);
    const since = recorded.indexOf(recordedAt);
    due.meet({ size: BigInt(n + 1), root: (): Hash => log.root(n + 1), recordedAt, since });
  }
  due.end(recorded.length);
  return { faults: faults.map(({ kind, index }) => `${kind} ${index}`), cosigned: due.cosigned };
}

const at = (seconds: number): string => new Date(SEEN + seconds * 1_000).toISOString();

it('says how far the quorum vouches', async () => {
  const recorded = [at(-9), at(-8), at(-7), at(60), at(61)];
  expect(await faultsOf(recorded, { 3: note(3, SEEN), 5: note(5) })).toEqual({ faults: [], cosigned: 3 });
});

it('finds a log in which every checkpoint that the quorum cosigned is gone', async () => {
  const recorded = [at(1), at(2), at(3), at(4), at(5)];
  expect(await faultsOf(recorded, { 5: note(5) })).toEqual({ faults: ['quorum 0'], cosigned: 0 });
  expect(await faultsOf(recorded, {})).toEqual({ faults: ['quorum 0'], cosigned: 0 });
  expect(await faultsOf([], {})).toEqual({ faults: [], cosigned: 0 });
  const wrong = note(5, SEEN).replace('\n5\n', '\n6\n');
  expect(await faultsOf(recorded, { 5: wrong })).toEqual({ faults: ['signature 5'], cosigned: 0 });
});

it('finds an entry that says it was recorded before the witnesses saw the log without it', async () => {
  const notes = { 3: note(3, SEEN), 5: note(5, SEEN + 86_400_000) };
  expect((await faultsOf([at(-9e4), at(-9e4), at(-9e4), at(-301), at(1)], notes)).faults).toEqual(['time 3']);
  expect((await faultsOf([at(-9e4), at(-9e4), at(-9e4), at(-300), at(1)], notes)).faults).toEqual([]);
});

it('finds an entry that says it was recorded after the witnesses saw it', async () => {
  const notes = { 3: note(3, SEEN), 5: note(5, SEEN + 1_000) };
  expect((await faultsOf([at(-9), at(301), at(301), at(301), at(301)], notes)).faults).toEqual(['time 1']);
  expect((await faultsOf([at(-9), at(300), at(300), at(300), at(300)], notes)).faults).toEqual([]);
});
