import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { CIVIL_SERVANT, type CivilServant, type Context, streamOf } from '@app/domain/civil-servant';
import { approveErasure, proposeErasure } from '@app/domain/erase';
import { type Decision, isRefusal } from '@app/domain/event';
import { register } from '@app/domain/register';
import { decode, uuidv7 } from '@app/event-store';
import { documentOf, EvidenceStore, keepDocument } from '@app/ledger';
import { erasures } from '@app/projections';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeDialects, type Place } from '../../../test/engines/databases.ts';
import { tracesBelow, tracesIn } from '../../../test/traces/traces.ts';
import { enterErasures, erase, eraseNow, OpenRecord } from './index.ts';

const TODAY = '2026-03-01';
/** All invented. */
const WORDS = {
  nip: '199001012017041234',
  before: '199001022017041234',
  nik: '1271010101900077',
  pnsId: 'A5EB03E241B8F6A0E040640A040252AD',
  name: 'SITI REKAAN ZULAIKA',
  email: 'zulaika@contoh.id',
};
const content = () => Readable.from([Buffer.from(`SK ${WORDS.name} ${WORDS.nip}`)]);
const OTHER = { nip: '198801012015041999', name: 'ORANG LAIN REKAAN' };
const person = {
  pnsId: WORDS.pnsId,
  nip: WORDS.before,
  name: WORDS.name,
  gelarDepan: null,
  gelarBelakang: null,
  born: '1990-01-01',
  sex: 'wanita',
  nik: WORDS.nik,
  phone: null,
  email: WORDS.email,
  address: null,
} as const;

describeDialects('an erasure that was approved', (aPlace) => {
  let dir: string;
  let place: Place;
  let record: OpenRecord;
  let documents: EvidenceStore;
  let subject: string;
  let other: string;
  let sha256: string;

  const open = () => OpenRecord.open({ log: join(dir, 'events.db'), database: place.where }, () => TODAY);
  type Ask = (servant: CivilServant, context: Context) => Decision<never>;
  const tell = async (about: string, actor: string, ask: Ask): Promise<string> => {
    const commandId = uuidv7();
    const asking = { actor, role: 'bkpsdm', commandId, correlationId: commandId, askedAt: Date.now() };
    const outcome = await record.transact(CIVIL_SERVANT, streamOf(about), asking, (servant, id) =>
      ask(servant, { subject: about, actor, today: TODAY, id }),
    );
    if (isRefusal(outcome) || 'moved' in outcome) throw new Error(JSON.stringify(outcome));
    return outcome.events[0]?.id ?? '';
  };
  const enter = async (some: typeof person) => {
    const entered = await record.people.enter(some as never, TODAY);
    if (isRefusal(entered)) throw new Error(entered.because);
    return entered.person.subject;
  };
  const propose = (about: string) =>
    tell(about, 'a', (s, c) => {
      const beritaAcara = { number: '1', date: TODAY };
      const data = {
        basis: 'PP 28/2012',
        jra: '3.1',
        retainedUntil: '2025-12-31',
        beritaAcara,
        evidence: [sha256],
      };
      return proposeErasure(data, s, c) as Decision<never>;
    });
  const approve = (about: string, proposal: string) =>
    tell(about, 'b', (s, c) => approveErasure({ proposal }, s, c) as Decision<never>);

  /** Where the words are: in all files, or in all rows of all tables. */
  const traces = async (): Promise<string[]> => {
    const files = tracesBelow(dir, WORDS);
    if (!place.where.startsWith('postgres')) return [...files, ...tracesBelow(dirname(place.where), WORDS)];
    const rows: string[] = [];
    const tables = await record.database.read<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()',
    );
    for (const { name } of tables) {
      const found = await record.database.read<{ row: object }>(
        `SELECT row_to_json(t) AS row FROM "${name}" t`,
      );
      rows.push(...found.map(({ row }) => JSON.stringify(row)));
    }
    const kept = await record.database.read(
      'SELECT most_common_vals::text AS a, histogram_bounds::text AS b FROM pg_stats WHERE schemaname = current_schema()',
    );
    return [...files, ...tracesIn(Buffer.from([...rows, JSON.stringify(kept)].join('\n')), WORDS)];
  };

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-erasure-'));
    place = await aPlace();
    record = await open();
    documents = new EvidenceStore(join(dir, 'evidence'));
    subject = await enter(person);
    await enter({ ...person, nip: WORDS.nip });
    other = await enter({ ...person, ...OTHER, pnsId: null, nik: null, email: null } as never);
    const commandId = uuidv7();
    const asking = { actor: 'a', role: 'bkpsdm', commandId, correlationId: commandId, askedAt: Date.now() };
    const kept = await keepDocument(record, documents, asking, content(), {
      mediaType: 'text/plain',
      maxBytes: 1_000,
    });
    if (isRefusal(kept)) throw new Error(kept.because);
    sha256 = kept.sha256;
    for (const about of [subject, other])
      await tell(about, 'a', (s, c) => register({ kind: 'pns', tmt: '2017-04-01' }, s, c) as Decision<never>);
    await record.people.account('https://sso.contoh.id', WORDS.nip);
    await record.people.account('https://sso.contoh.id', WORDS.email.toUpperCase());
    await record.people.account('https://sso.contoh.id', OTHER.nip);
    await record.jobs.enter([{ kind: 'import', key: 'x', dueAt: 0 }]);
    const failing = { name: 'import', attempts: 1, backoffMs: () => 0, claimMs: 60_000 };
    const run = () => Promise.reject(new Error(`the row of ${WORDS.nip} cannot be read`));
    await record.jobs.run('import:x', { ...failing, run }, new AbortController().signal);
    await record.catchUp();
    // Its statistics are values, too.
    await record.database.write((sql) => sql('ANALYZE'));
  });
  afterEach(async () => {
    await record.close();
    await place.remove();
    rmSync(dir, { recursive: true });
  });

  const decided = async () => {
    const approval = await approve(subject, await propose(subject));
    await record.catchUp();
    return approval;
  };
  const isErased = async () => {
    expect(await traces()).toEqual([]);
    expect(await record.people.find(subject)).toBeNull();
    expect(await record.people.byNip(WORDS.before)).toBeNull();
    expect(await documents.has(sha256)).toBe(false);
    expect(await record.people.find(other)).toMatchObject({ name: OTHER.name });
    expect(await record.people.byNip(OTHER.nip)).toMatchObject({ subject: other });
  };

  it('leaves no trace in any file or table, in any encoding; all others stay', async () => {
    const approval = await decided();
    expect(await traces()).toEqual(expect.arrayContaining([expect.stringContaining('nik as utf8')]));
    expect(await eraseNow(record, documents)).toBe(1);
    await isErased();
    expect((await documentOf(record.store, sha256)).erasedBy).toBe(approval);
    expect(await record.jobs.list('done', 10)).toMatchObject([
      { key: approval, outcome: '4 identifiers, 1 documents' },
    ]);
    const accounts = await record.database.read('SELECT name FROM account WHERE issuer = ?', [
      'https://sso.contoh.id',
    ]);
    expect(accounts).toEqual([{ name: OTHER.nip }]);
    expect(await erasures(record.database, { limit: 10 })).toMatchObject([
      { subject, state: 'approved', settledBy: approval, actor: 'a' },
    ]);
    await record.close();
    record = await open();
    expect(await traces()).toEqual([]);
  });

  it('is done once however often it is called, and its events are written once', async () => {
    const approval = await decided();
    for (let n = 0; n < 3; n++) await erase(record, documents, subject, approval);
    await isErased();
    const events = await record.store.read(`evidence-${sha256}`);
    expect(events.map((stored) => decode(stored).type)).toEqual(['EvidenceKept', 'EvidenceErased']);
    expect(await eraseNow(record, documents)).toBe(1);
    expect(await eraseNow(record, documents)).toBe(0);
  });

  it.each(['the event of the document', 'the document', 'the rows'])(
    'is finished where it was killed after %s',
    async (after) => {
      await decided();
      const killed = (): never => {
        throw new Error('killed');
      };
      const dies = (method: 'write' | 'scrub') =>
        Object.assign(Object.create(record), {
          database: { write: record.database.write.bind(record.database), [method]: killed },
        }) as OpenRecord;
      const kill = { 'the document': dies('write'), 'the rows': dies('scrub') }[after] ?? record;
      const store = after === 'the event of the document' ? { erase: killed } : documents;
      const [{ settledBy } = { settledBy: null }] = await erasures(record.database, { limit: 1 });
      await expect(erase(kill, store as never, subject, settledBy ?? '')).rejects.toThrow('killed');
      await record.close();
      record = await open();
      expect(await eraseNow(record, documents)).toBe(1);
      await isErased();
    },
  );

  it('is done again where a restored copy has the people or the documents once more', async () => {
    await decided();
    await eraseNow(record, documents);
    expect(await enterErasures(record, documents)).toBe(0);
    await record.database.write((sql) =>
      sql('INSERT INTO nip (nip, subject, known_since) VALUES (?, ?, ?)', [WORDS.nip, subject, TODAY]),
    );
    expect(await enterErasures(record)).toBe(1);
    expect(await eraseNow(record, documents)).toBe(1);
    await isErased();
    await documents.put(content(), {
      mediaType: 'text/plain',
      maxBytes: 1_000,
    });
    expect(await enterErasures(record)).toBe(0);
    expect(await eraseNow(record, documents)).toBe(1);
    await isErased();
  });

  it('is the only thing that erases', async () => {
    const proposal = await propose(subject);
    await record.catchUp();
    expect(await eraseNow(record, documents)).toBe(0);
    for (const [about, event] of [
      [subject, proposal],
      [other, proposal],
      [subject, uuidv7()],
    ] as const)
      await expect(erase(record, documents, about, event)).rejects.toThrow('nothing is erased');
    const approval = await approve(subject, proposal);
    await expect(erase(record, documents, other, approval)).rejects.toThrow('nothing is erased');
    expect(await documents.has(sha256)).toBe(true);
    expect(await record.people.find(subject)).toMatchObject({ nik: WORDS.nik });
  });
});
