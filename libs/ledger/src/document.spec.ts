import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { EVIDENCE, eraseEvidence, evidenceStream } from '@app/domain/evidence';
import { type Asking, SqliteEventStore, type Transact, transactor, uuidv7 } from '@app/event-store';
import { sha256 } from '@app/proof';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contentOf, documentOf, keepDocument, unknownEvidence } from './document.ts';
import { EvidenceStore } from './evidence.ts';

const CONTENT = '%PDF-1.7 rekaan';
const SHA = sha256(CONTENT).toString('hex');
const KEPT = { sha256: SHA, size: CONTENT.length, mediaType: 'application/pdf' };
const DECISION = '0b9d6a52-6a53-4f6e-9d0e-3c2c5d8f9a01';

let dir: string;
let store: SqliteEventStore;
let transact: Transact;
let documents: EvidenceStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'jejak-document-'));
  store = new SqliteEventStore(join(dir, 'events.db'));
  transact = transactor(store);
  documents = new EvidenceStore(join(dir, 'evidence'));
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

const asking = (): Asking => {
  const commandId = uuidv7();
  return { actor: 'a', role: 'bkpsdm', commandId, correlationId: commandId, askedAt: Date.now() };
};
const keep = (by: Transact = transact) =>
  keepDocument({ store, transact: by }, documents, asking(), Readable.from([Buffer.from(CONTENT)]), {
    mediaType: 'application/pdf',
    maxBytes: 1_000,
  });
const destroy = () =>
  transact(EVIDENCE, evidenceStream(SHA), asking(), (known) => eraseEvidence(DECISION, known));

describe('a document', () => {
  it('is on the record when its content is on the disk, and not before', async () => {
    const there: boolean[] = [];
    const watched: Transact = async (...some) => {
      there.push(await documents.has(SHA));
      return transact(...some);
    };
    expect(await keep(watched)).toMatchObject({ ...KEPT, revision: 0, events: [{ type: 'EvidenceKept' }] });
    expect(await keep()).toMatchObject({ ...KEPT, events: [] });
    expect(there).toEqual([true]);
    expect(await documentOf(store, SHA)).toEqual({ kept: KEPT });
  });

  it('that was destroyed by a decision is never on the disk again', async () => {
    await keep();
    await destroy();
    await documents.erase(SHA);
    const never: Transact = () => Promise.reject(new Error('it was on the disk by then'));
    expect(await keep(never)).toMatchObject({ refused: 'evidence-erased' });
    expect(await documents.has(SHA)).toBe(false);
  });

  it('that is destroyed while it comes again is destroyed', async () => {
    await keep();
    await documents.erase(SHA);
    const late: Transact = async (...some) => {
      expect(await documents.has(SHA)).toBe(true);
      await destroy();
      return transact(...some);
    };
    expect(await keep(late)).toMatchObject({ refused: 'evidence-erased' });
    expect(await documents.has(SHA)).toBe(false);
    expect(await documentOf(store, SHA)).toEqual({ kept: KEPT, erasedBy: DECISION });
  });
});

it('is given out for a bundle, or why it cannot be', async () => {
  const given = () => contentOf(store, documents, SHA);
  expect(await given()).toBe('not-kept');
  await keep();
  expect(await given()).toEqual(Buffer.from(CONTENT));
  await documents.erase(SHA);
  expect(await given()).toBe('lost');
  await destroy();
  expect(await given()).toBe('erased');
});

describe('evidence that is named', () => {
  it('is known where all of it is kept as it is said to be; else the first fault is told', async () => {
    await keep();
    expect(await unknownEvidence(store)).toBeUndefined();
    expect(await unknownEvidence(store, [KEPT, KEPT])).toBeUndefined();
    for (const [field, value] of [
      ['sha256', 'a'.repeat(64)],
      ['size', 1],
      ['mediaType', 'image/png'],
    ] as const)
      expect(await unknownEvidence(store, [KEPT, { ...KEPT, [field]: value }])).toMatchObject({
        refused: 'evidence-unknown',
        field: `evidence/1/${field}`,
      });
  });
});
