import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVIDENCE, eraseEvidence, evidenceStream } from '@app/domain/evidence';
import { UNIT, unitStream } from '@app/domain/unit';
import { SqliteEventStore, transactor, uuidv7 } from '@app/event-store';
import { CreateJournal1764000000000, Database, Journal, JournalEntry } from '@app/journal';
import { type Policy, parsePolicy } from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Checkpoints, SignedCheckpoint } from './checkpoints.ts';
import type { Comparing, VerifyState } from './comparing.ts';
import { keepDocument } from './document.ts';
import { EvidenceStore } from './evidence.ts';
import { CreateLedger1764000000005 } from './migrations.ts';
import { sealedNow } from './seal.ts';
import { LogSigner, makeKeyFile } from './signer.ts';
import { TileRow, Tree, TreeSize } from './tree.ts';
import { verifyLog } from './verify-log.ts';

const ORIGIN = 'sibolga.example/log';

describe('the comparison of the whole log', () => {
  let directory: string;
  let store: SqliteEventStore;
  let database: Database;
  let journal: Journal;
  let tree: Tree;
  let policy: Policy;
  let signer: LogSigner;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'jejak-verify-'));
    const { vkey } = makeKeyFile(ORIGIN, join(directory, 'log.key'));
    policy = parsePolicy(`log ${vkey}\nquorum none\n`);
    signer = LogSigner.open({ file: join(directory, 'log.key') }, join(directory, 'signed'));
    await open();
    for (const upTo of [100, 700, 1_200]) {
      await write(upTo);
      await seal();
    }
  });
  afterEach(async () => {
    await close();
    rmSync(directory, { recursive: true });
  });

  async function open(): Promise<void> {
    store = new SqliteEventStore(join(directory, 'events.db'));
    database = await Database.open(join(directory, 'jejak.db'), {
      entities: [JournalEntry, TreeSize, TileRow, SignedCheckpoint],
      migrations: [CreateJournal1764000000000, CreateLedger1764000000005],
    });
    journal = new Journal(database, store);
    tree = new Tree(database, 'journal', (from, limit) => journal.leafHashes(from, limit));
  }
  async function close(): Promise<void> {
    await database.close();
    await store.close();
  }
  async function write(upTo: number): Promise<void> {
    const transact = transactor(store);
    for (let n = await journal.size(); n < upTo; n += 20)
      await transact(UNIT, unitStream(`u${n % 100}`), asking(), () =>
        Array.from({ length: 20 }, (_, k) => ({ type: 'UnitRecorded', data: { name: `Unit ${n + k}` } })),
      );
    await journal.fill();
  }
  const asking = () => ({
    actor: 'a',
    role: 'r',
    commandId: uuidv7(),
    correlationId: 'c',
    askedAt: Date.now(),
  });
  const seal = () => sealedNow({ database, tree, checkpoints: new Checkpoints(database), signer, policy });
  const compare = (more: Partial<Comparing> = {}) =>
    verifyLog({
      store,
      journal,
      tree,
      checkpoints: new Checkpoints(database),
      documents: new EvidenceStore(join(directory, 'evidence')),
      policy,
      origin: ORIGIN,
      ...more,
    });
  /** Does to the other database what somebody with all rights on it may. */
  const tamper = (sql: string) => database.write((pen) => pen(sql));
  /** The same on the log itself, past its triggers. */
  async function tamperLog(...statements: string[]): Promise<void> {
    await store.close();
    const db = await new DataSource({
      type: 'better-sqlite3',
      database: join(directory, 'events.db'),
    }).initialize();
    for (const trigger of ['event_is_never_changed', 'event_is_never_removed'])
      await db.query(`drop trigger if exists ${trigger}`);
    for (const sql of statements) await db.query(sql);
    await db.destroy();
    store = new SqliteEventStore(join(directory, 'events.db'));
    journal = new Journal(database, store);
  }
  const kinds = async (more: Partial<Comparing> = {}) =>
    (await compare(more)).faults.map(({ kind, index }) => `${kind} ${index}`);

  it('finds nothing in a log that nobody touched, and meets every checkpoint', async () => {
    expect(await compare()).toEqual({
      size: 1_200,
      checkpoints: 3,
      cosigned: 1_200,
      documents: 0,
      faults: [],
    });
  });

  it('is stopped and gone on with, and says the same', async () => {
    const stop = new AbortController();
    let state: VerifyState | undefined;
    await write(2_500);
    await seal();
    await tamper("UPDATE journal SET leaf_hash = 'x' WHERE idx = 17");
    await compare({
      signal: stop.signal,
      progress: (reached) => {
        state = JSON.parse(JSON.stringify(reached)) as VerifyState;
        stop.abort();
      },
    });
    expect(state?.size).toBe(512);
    const verdict = await compare(state ? { from: state } : {});
    expect(verdict.faults.map(({ kind, index }) => `${kind} ${index}`)).toEqual(['leaf 17']);
    expect({ ...verdict, faults: [] }).toEqual({
      size: 2_500,
      checkpoints: 4,
      cosigned: 2_500,
      documents: 0,
      faults: [],
    });
  });

  it('finds a growing tile that was changed while it was stopped', async () => {
    const stop = new AbortController();
    let state: VerifyState | undefined;
    await compare({
      signal: stop.signal,
      progress: (reached) => {
        state = reached;
        stop.abort();
      },
    });
    await tamper(`UPDATE tile SET hashes = SUBSTR(hashes, 1, 44) || SUBSTR(hashes, 1, 44) || SUBSTR(hashes, 89)
                  WHERE level = 1 AND idx = 0`);
    expect(await kinds(state ? { from: state } : {})).toEqual(['tile 0']);
    await tamper("UPDATE tile SET hashes = '' WHERE level = 1 AND idx = 0");
    expect(await kinds(state ? { from: state } : {})).toEqual(['tile 0']);
  });

  it('finds a column of the journal that is of another kind, though it reads alike', async () => {
    await tamper('UPDATE journal SET actor = CAST(actor AS BLOB) WHERE idx = 300');
    expect(await kinds()).toEqual(['store 300']);
  });

  it('finds an entry of the journal that was edited, in its text or beside it', async () => {
    await tamper(`UPDATE journal SET leaf = REPLACE(leaf, 'Unit 300', 'Unit 301') WHERE idx = 300`);
    expect(await kinds()).toEqual(['leaf 300', 'store 300', 'tile 300', 'checkpoint 100']);
    await tamper(
      `UPDATE journal SET leaf = REPLACE(leaf, 'Unit 301', 'Unit 300'), actor = 'b' WHERE idx = 300`,
    );
    expect(await kinds()).toEqual(['store 300']);
  });

  it('finds an event of the store that was edited, deleted, put in or moved', async () => {
    await tamperLog(`update event set data = replace(data, 'Unit 300', 'Unit 301') where position = 301`);
    expect(await kinds()).toEqual(['store 300']);
    await tamperLog(`delete from event where position = 301`);
    expect(await kinds()).toEqual(['store 300']);
  });

  it('finds a store and a journal that were changed alike, by the tiles and the next checkpoint', async () => {
    await tamperLog(`update event set data = replace(data, 'Unit 300', 'Unit 301') where position = 301`);
    await journal.rebuild();
    expect(await kinds()).toEqual(['tile 300', 'checkpoint 100']);
    await tree.clear();
    await tree.extend();
    expect(await kinds()).toEqual(['checkpoint 100']);
  });

  it('finds an event that was removed everywhere, with the gap that it leaves', async () => {
    await tamperLog(`delete from event where position = 301`);
    await expect(journal.rebuild()).rejects.toThrow(/1199 events and the journal more/);
    await tamper('DELETE FROM journal');
    await journal.fill();
    await tree.clear();
    await tree.extend();
    expect(await kinds()).toEqual(['revision 300', 'checkpoint 100', 'rollback 1199']);
  });

  it('finds two events of a stream that changed places everywhere, though no revision is missing', async () => {
    await tamperLog(
      'update event set position = -1 where position = 301',
      'update event set position = 301 where position = 302',
      'update event set position = 302 where position = -1',
    );
    await tamper('DELETE FROM journal');
    await journal.fill();
    await tree.clear();
    await tree.extend();
    expect(await kinds()).toEqual(['revision 300', 'checkpoint 100']);
  });

  it('finds times that were set back or forth', async () => {
    await tamperLog(`update event set recorded_at = recorded_at - 86400000 where position = 301`);
    expect(await kinds()).toEqual(['store 300', 'time 300']);
  });

  it('finds tiles and checkpoints that are not those of the log', async () => {
    await tamper(`UPDATE tile SET hashes = REPLACE(hashes, SUBSTR(hashes, 1, 44), SUBSTR(hashes, 45, 44))
                  WHERE level = 0 AND idx = 2`);
    expect(await kinds()).toEqual(['tile 512']);
    await tamper(`UPDATE signed_checkpoint SET note = REPLACE(note, '700', '701') WHERE size = 700`);
    expect(await kinds()).toEqual(['tile 512', 'signature 700']);
  });

  it('finds a tail that was cut off everywhere, by the checkpoint that somebody kept', async () => {
    const { note } = await seal();
    await tamperLog('delete from event where position > 1100');
    for (const sql of [
      'DELETE FROM journal WHERE idx >= 1100',
      'DELETE FROM signed_checkpoint WHERE size > 1100',
    ])
      await tamper(sql);
    await tree.clear();
    await tree.extend();
    expect(await kinds()).toEqual([]);
    expect(await kinds({ held: [note] })).toEqual(['rollback 1100']);
  });

  it('finds a log that was sealed anew with its own stolen key, by the checkpoint that somebody kept', async () => {
    const { note } = await seal();
    await tamperLog(`update event set data = replace(data, 'Unit 300', 'Unit 301') where position = 301`);
    await journal.rebuild();
    await tree.clear();
    await tamper('DELETE FROM signed_checkpoint');
    rmSync(join(directory, 'signed'));
    await seal();
    expect(await kinds()).toEqual([]);
    expect(await kinds({ held: [note] })).toEqual(['checkpoint 0']);
  });

  describe('with documents', () => {
    /** Where each is, by the index of the event that says it is kept. */
    let files: string[];
    const fileOf = (sha256: string) => join(directory, 'evidence', sha256.slice(0, 2), sha256);
    beforeEach(async () => {
      files = [];
      const documents = new EvidenceStore(join(directory, 'evidence'));
      for (let n = 0; n < 150; n++) {
        const content = (async function* () {
          yield Buffer.from(`%PDF-1.7 SK ${n}`);
        })();
        const taking = { mediaType: 'application/pdf', maxBytes: 100 };
        const log = { store, transact: transactor(store) };
        const kept = await keepDocument(log, documents, asking(), content, taking);
        files[1_200 + n] = 'sha256' in kept ? fileOf(kept.sha256) : '';
      }
      await journal.fill();
      await seal();
    });
    const file = (index: number) => files[index] as string;

    it('finds nothing where all are as they were kept', async () => {
      expect(await compare()).toMatchObject({ documents: 150, faults: [] });
    });

    it('names the first that was altered or is missing, by the event that says it is kept', async () => {
      rmSync(file(1_340));
      expect(await kinds()).toEqual(['evidence 1340']);
      appendFileSync(file(1_250), ' ');
      expect(await kinds()).toEqual(['evidence 1250']);
      writeFileSync(file(1_201), '%PDF-1.7 SK 9');
      expect(await kinds()).toEqual(['evidence 1201']);
    });

    it('asks for no document that a decision destroyed', async () => {
      rmSync(file(1_250));
      const sha256 = file(1_250).slice(-64);
      await transactor(store)(EVIDENCE, evidenceStream(sha256), asking(), (known) =>
        eraseEvidence('d', known),
      );
      await journal.fill();
      expect(await kinds()).toEqual([]);
    });

    it('finds a size that is not that of the document, and an entry that names none', async () => {
      const of = (index: number) => `idx = ${index}`;
      await tamper(`UPDATE journal SET leaf = REPLACE(leaf, '"size":14', '"size":12') WHERE ${of(1_220)}`);
      expect(await kinds()).toContain('evidence 1220');
      await tamper(`UPDATE journal SET leaf = '{"data":{"sha256":"../x"}}' WHERE ${of(1_210)}`);
      expect(await kinds()).toContain('evidence 1210');
      await tamper(`UPDATE journal SET leaf = 'x' WHERE ${of(1_209)}`);
      expect(await kinds()).toContain('evidence 1209');
    });

    it('is stopped between two of them and gone on with, and says the same', async () => {
      rmSync(file(1_201));
      const stop = new AbortController();
      let state: VerifyState | undefined;
      const stopped = await compare({
        signal: stop.signal,
        progress: (reached) => {
          state = JSON.parse(JSON.stringify(reached)) as VerifyState;
          if (reached.documents.checked > 0) stop.abort();
        },
      });
      expect([stopped.documents, state?.documents]).toEqual([100, { after: 1_299, checked: 100 }]);
      const verdict = await compare(state ? { from: state } : {});
      expect(verdict).toMatchObject({
        documents: 150,
        checkpoints: 4,
        faults: [{ kind: 'evidence', index: 1_201 }],
      });
    });
  });
});
