import { spawnSync } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { streamOf } from '@app/domain/civil-servant';
import { type Asking, type NewEvent, uuidv7 } from '@app/event-store';
import {
  type BundleSources,
  EvidenceStore,
  makeBundle,
  makeKeyFile,
  openSealing,
  openWitnessState,
  type Sealing,
  sealedNow,
  verifyBundle,
  verifyLog,
  Witness,
} from '@app/ledger';
import { newSkey, parsePolicy, parseSkey, type Verifier, WITNESS_KEY } from '@app/proof';
import { OpenRecord } from '@app/record';
import Sqlite from 'better-sqlite3';
import { serveWitness } from '../../apps/cli/src/witness.http.ts';
import { Follower } from '../../apps/server/src/follower.ts';
import { Sealer } from '../../apps/server/src/sealer.ts';
import { atOnce, type Figures, inTemp, latency, peakMiB, rate } from './measure.ts';
import { TODAY } from './rebuild.ts';
import { career, plainEvent, subjectNo } from './sample.ts';

const ORIGIN = 'bench.example/log';
const PER_PERSON = 25;
const PAGE = 2_000;
/** Entries between two of the signed checkpoints that `verifyLog` meets. */
const SIGNED_EVERY = 1_000;

const tell = { error: (message: string) => process.stderr.write(`${message}\n`) };

const asking = (): Asking => {
  const id = uuidv7();
  return { actor: id, role: 'inspektorat', commandId: id, correlationId: id, askedAt: Date.now() };
};

const places = (dir: string) => ({
  key: { file: join(dir, 'log.key') },
  signedFile: join(dir, 'signed'),
  policyFile: join(dir, 'policy.txt'),
});

async function fillWith(record: OpenRecord, events: number): Promise<void> {
  await atOnce(64, Math.ceil(events / PER_PERSON), (n) =>
    record.store.append(streamOf(subjectNo(n)), 'no-stream', career(n)),
  );
  await record.journal.fill();
}

/** The leaves in pages, each as the bytes that are hashed: 0x00 and the leaf. */
async function* leavesOf({ journal }: OpenRecord): AsyncGenerator<Buffer[]> {
  for (let after = -1; ; ) {
    const rows = await journal.read({ after, limit: PAGE });
    if (rows.length === 0) return;
    yield rows.map(({ leaf }) => Buffer.from(`\0${leaf}`));
    after = rows.at(-1)?.index ?? after;
  }
}

/** The limit: leaves hashed a second by `work`, in pages; what it takes to read them does not count. */
async function bareHashing(record: OpenRecord, work: (leaf: Buffer) => unknown): Promise<number> {
  let [count, ms] = [0, 0];
  for await (const leaves of leavesOf(record)) {
    const start = performance.now();
    for (const leaf of leaves) work(leaf);
    ms += performance.now() - start;
    count += leaves.length;
  }
  return count / (ms / 1_000);
}

const RAW_PAGE = 512;
const RAW_EVENTS = `select position, name, revision, lower(hex(id)), type, recorded_at, data, metadata
  from event join stream on key = event.stream where position > ? order by position limit ${RAW_PAGE}`;
const RAW_ENTRIES = `select idx, id, stream, revision, type, actor, recorded_at, leaf, leaf_hash
  from journal where idx > ? order by idx limit ${RAW_PAGE}`;

/** The limit of whoever compares the log with the journal: both tables read a row at the side of the other, no more. */
function bareReading(dir: string, entries: number): Promise<number> {
  const tables = [
    ['events.db', RAW_EVENTS],
    ['jejak.db', RAW_ENTRIES],
  ].map(([file, text]) => new Sqlite(join(dir, file as string), { readonly: true }).prepare(text as string));
  return rate(entries, () => {
    for (let [after, n] = [[0, -1], 0]; n < entries; n += RAW_PAGE)
      after = tables.map((table, of) => (table.raw().all(after[of]) as number[][]).at(-1)?.[0] ?? 0);
  });
}

const oneShot = (bytes: Buffer) => hash('sha256', bytes, 'buffer');
const streaming = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
const NODE = Buffer.alloc(65, 1);

const part = (mine: number, limit: number): string => (mine / limit).toFixed(2);

/** The tree of a journal of `n` entries, then all of it verified in a process of its own; beside bare hashing. */
export const ledgerLog = (n: number): Promise<Figures> =>
  inTemp(async (dir) => {
    const { vkey } = makeKeyFile(ORIGIN, join(dir, 'log.key'));
    writeFileSync(join(dir, 'policy.txt'), `log ${vkey}\nquorum none\n`);
    const record = await OpenRecord.open(dir, () => TODAY);
    await fillWith(record, n);
    const sealing = await openSealing(record, places(dir), asking());
    const entries = await record.journal.size();
    const extend = await rate(entries, () => record.tree.extend());
    const leafAndNode = await bareHashing(record, (leaf) => [oneShot(leaf), oneShot(NODE)]);
    const node = await rate(entries, () => {
      for (let i = 0; i < entries; i++) oneShot(NODE);
    });
    await signAll(sealing, entries);
    await record.close();
    return {
      entries,
      'leaves into the tree /s': extend,
      'bare leaf and node hashing /s': leafAndNode,
      'leaves into the tree, of bare leaf and node hashing': part(extend, leafAndNode),
      'leaves into the tree, of bare node hashing': part(extend, node),
      ...verifiedIn(dir),
    };
  });

/** Checkpoints as they would have been signed while the log grew. */
async function signAll({ signer, tree, checkpoints }: Sealing, entries: number): Promise<void> {
  const signedAt = new Date().toISOString();
  for (let at = SIGNED_EVERY; at < entries + SIGNED_EVERY; at += SIGNED_EVERY) {
    const size = Math.min(at, entries);
    const note = await signer.sign(
      { size: BigInt(size), root: await tree.root(BigInt(size)) },
      tree.consistency,
    );
    await checkpoints.save({ origin: ORIGIN, size, note, signedAt, quorum: 1, tsr: '' });
  }
}

function verifiedIn(dir: string): Figures {
  const main = process.argv[1] as string;
  const { stdout, status, stderr } = spawnSync(process.execPath, [main, 'ledger-verify', '0', dir], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the verifying failed: ${stderr.slice(-2_000)}`);
  return JSON.parse(stdout) as Figures;
}

/** `verifyLog` over the record in a directory, beside bare hashing of its leaves. */
export async function ledgerVerify(_: number, dir: string): Promise<Figures> {
  const record = await OpenRecord.open(dir, () => TODAY);
  const { policyFile: _file, ...own } = places(dir);
  const { policy } = await openSealing(record, own, asking());
  const entries = await record.journal.size();
  const documents = new EvidenceStore(join(dir, 'evidence'));
  let checkpoints = 0;
  const verified = await rate(entries, async () => {
    const verdict = await verifyLog({ ...record, documents, policy, origin: ORIGIN });
    if (verdict.faults.length > 0) throw new Error(JSON.stringify(verdict.faults));
    checkpoints = verdict.checkpoints;
  });
  const peak = peakMiB();
  const reading = await bareReading(dir, entries);
  const [shot, streamed] = [await bareHashing(record, oneShot), await bareHashing(record, streaming)];
  await record.close();
  return {
    'verifyLog, entries/s': verified,
    'verifyLog, s': entries / verified,
    'verifyLog, checkpoints met': checkpoints,
    'verifyLog, peak memory, MiB': peak,
    'bare hashing of the leaves, one-shot /s': shot,
    'bare hashing of the leaves, createHash /s': streamed,
    'both tables read raw, nothing hashed /s': reading,
    'both tables read raw, of createHash (what verifyLog cannot exceed)': part(reading, streamed),
    'verifyLog, of reading raw': part(verified, reading),
    'verifyLog, of one-shot': part(verified, shot),
    'verifyLog, of createHash': part(verified, streamed),
  };
}

/** A log's key and a policy with two local witnesses that must both cosign, each with a database and a server. */
async function witnessed<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const log = makeKeyFile(ORIGIN, join(dir, 'log.key'));
  const witnesses = [await startWitness(dir, 'one', log), await startWitness(dir, 'two', log)];
  const lines = witnesses.map(({ line }) => line).join('');
  writeFileSync(join(dir, 'policy.txt'), `log ${log.vkey}\n${lines}group both all one two\nquorum both\n`);
  try {
    return await work();
  } finally {
    for (const { stop } of witnesses) await stop();
  }
}

async function startWitness(dir: string, name: string, log: Verifier) {
  const signer = parseSkey(newSkey(`${name}.example/witness`, WITNESS_KEY));
  const database = await openWitnessState(join(dir, `${name}.db`));
  const witness = new Witness({ database, signer, logs: [log] });
  const { url, stop } = await serveWitness(
    {
      addCheckpoint: (body) => witness.addCheckpoint(body),
      checkpoint: (origin) => witness.checkpoint(origin),
    },
    { host: '127.0.0.1', port: 0 },
    (cause) => tell.error(String(cause)),
  );
  return {
    line: `witness ${name} ${signer.verifier.vkey} ${url}\n`,
    stop: async () => {
      await stop();
      await database.close();
    },
  };
}

const PER_SECOND = 1_000;
const SECONDS = 10;
const LOOK_EVERY_MS = 5;

/**
 * How long after an append was acknowledged a checkpoint that both witnesses cosigned covers it, on SQLite, while 1,000
 * events a second are appended. Writer, follower, sealer and witnesses are in one process here: they slow each other.
 */
export const ledgerLag = (): Promise<Figures> =>
  inTemp((dir) =>
    witnessed(dir, async () => {
      const record = await OpenRecord.open(dir, () => TODAY);
      const behind = [new Follower(record, tell), new Sealer(record, places(dir), tell)];
      for (const one of behind) one.start();
      // The log's key is on the record, and sealed.
      while ((await record.checkpoints.current()) === undefined) await sleep(10);
      const { rate: reached, lags } = await lagging(record);
      for (const one of behind) await one.stop();
      await record.close();
      const sorted = lags.sort((a, b) => a - b);
      const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
      const p95 = at(0.95);
      return {
        'appends /s': reached,
        'until covered, p50 ms': at(0.5),
        'until covered, p95 ms (goal 1,500)': p95,
        'until covered, worst ms': sorted.at(-1) ?? Number.NaN,
        'until covered, p95 of the goal': part(p95, 1_500),
      };
    }),
  );

async function lagging(record: OpenRecord): Promise<{ rate: number; lags: number[] }> {
  const before = await record.journal.size();
  const all = PER_SECOND * SECONDS;
  const acknowledged: number[] = [];
  const lags: number[] = [];
  const start = performance.now();
  let seconds = 0;
  const appending = atOnce(64, all, async (i) => {
    await sleep(start + (1_000 * i) / PER_SECOND - performance.now());
    await record.store.append(streamOf(subjectNo(i)), 'no-stream', [plainEvent(i)]);
    acknowledged.push(performance.now());
  }).then(() => {
    seconds = (performance.now() - start) / 1_000;
  });
  // The nth acknowledged event is covered when so many are: which of them it is does not matter to the lag.
  for (let seen = 0; seen < all; await sleep(LOOK_EVERY_MS)) {
    const covered = ((await record.checkpoints.current())?.size ?? before) - before;
    const now = performance.now();
    for (; seen < covered && acknowledged[seen] !== undefined; seen++)
      lags.push(Math.max(0, now - (acknowledged[seen] ?? now)));
  }
  await appending;
  return { rate: all / seconds, lags };
}

const OF_PERSON = 200;
const BUNDLE_LOG = 20_000;
const VERIFIER = fileURLToPath(new URL('../../../apps/verify/verify.py', import.meta.url));

/** A bundle of one person with 200 events, in a log of 20,000 that two local witnesses cosign: made, and verified. */
export const ledgerBundle = (): Promise<Figures> =>
  inTemp((dir) =>
    witnessed(dir, async () => {
      const record = await OpenRecord.open(dir, () => TODAY);
      await fillWith(record, BUNDLE_LOG);
      const subject = subjectNo(BUNDLE_LOG);
      const facts = ofOnePerson();
      for (let n = 0; n < facts.length; n += 10)
        await record.store.append(streamOf(subject), n === 0 ? 'no-stream' : n - 1, facts.slice(n, n + 10));
      const sealing = await openSealing(record, places(dir), asking());
      await sealedNow(sealing);
      const figures = await bundleOf(subject, record, sealing, dir);
      await record.close();
      return figures;
    }),
  );

/** 200 events that name no rules, so that none need to be published. */
const ofOnePerson = (): NewEvent[] => {
  const plain = Array.from({ length: OF_PERSON }, (_, n) => career(n).slice(1, 7)).flat();
  return [...career(0).slice(0, 1), ...plain].slice(0, OF_PERSON);
};

async function bundleOf(
  subject: string,
  record: OpenRecord,
  sealing: Sealing,
  dir: string,
): Promise<Figures> {
  const policy = readFileSync(join(dir, 'policy.txt'), 'utf8');
  const sources: BundleSources = {
    database: record.database,
    journal: record.journal,
    transact: record.transact,
    tree: record.tree,
    checkpoints: record.checkpoints,
    covered: () => sealedNow(sealing),
    policy,
    evidence: async () => 'not-kept',
  };
  const asked = { scope: { kind: 'person' as const, subject }, purpose: 'pemeriksaan' };
  let bytes: Buffer = Buffer.alloc(0);
  const made = await latency(5, async () => {
    bytes = (await makeBundle(asked, sources, asking())).bytes;
  });
  const verified = await latency(9, async () => {
    const verdict = verifyBundle(bytes, parsePolicy(policy));
    if (verdict.verdict !== 'sound' || verdict.entries !== OF_PERSON) throw new Error(verdict.words.en);
  });
  const file = join(dir, 'bundle.zip');
  writeFileSync(file, bytes);
  return {
    'log, entries': await record.journal.size(),
    'events of the person': OF_PERSON,
    'size, KiB': Math.round(bytes.length / 1_024),
    'make, ms (goal 1,000)': made.p50,
    'make, worst of 5, of the goal': part(made.p95, 1_000),
    'verifyBundle, ms (goal 1,000)': verified.p50,
    'verifyBundle, worst of 9, of the goal': part(verified.p95, 1_000),
    ...(await verifiedByPython(file, join(dir, 'policy.txt'))),
  };
}

const answersTo = (command: string, asked: string): boolean => spawnSync(command, [asked]).status === 0;

async function verifiedByPython(file: string, policy: string): Promise<Figures> {
  if (!answersTo('python3', '--version') || !answersTo('openssl', 'version'))
    return { 'verify.py, ms (goal 5,000)': 'no python3 or openssl here' };
  const { p50, p95 } = await latency(3, async () => {
    const { status, stdout } = spawnSync('python3', [VERIFIER, file, '--policy', policy], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stdout);
  });
  return { 'verify.py, ms (goal 5,000)': p50, 'verify.py, worst of 3, of the goal': part(p95, 5_000) };
}
